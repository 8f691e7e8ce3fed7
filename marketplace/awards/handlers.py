"""Propose an award when an auction closes; confirm it when its standstill is over."""

from __future__ import annotations

import logging
from datetime import datetime

from marketplace.bidding.models import Auction
from marketplace.core.events import on
from marketplace.core.models import Event
from marketplace.core.refusals import Refused
from marketplace.core.worker import due
from marketplace.tenders.states import TenderStatus

from .actions import confirm_award, propose_award
from .models import Award
from .queries import due_awards

logger = logging.getLogger(__name__)


@on("auction_closed")
def propose(event: Event) -> None:
    """Propose the award, unless there is one or the tender ended some other way meanwhile."""
    auction = Auction.objects.select_related("tender").get(tender__process=event.process)
    if auction.tender.status == TenderStatus.SELECTING and not Award.objects.filter(tender=auction.tender).exists():
        propose_award(auction=auction, now=event.at)


@due("standstill")
def confirm_due(now: datetime) -> int:
    """Confirm the awards whose standstill is over; return how many."""
    done = 0
    for award in due_awards(now)[:200]:
        try:
            done += confirm_award(award=award, now=now).status == "confirmed"
        except Refused as refused:  # somebody was faster, or objected this moment
            logger.info("standstill of award %s: %s", award.pk, refused.code)
    return done
