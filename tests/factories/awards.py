"""Awards, led there by real auctions and actions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from marketplace.awards.actions import confirm_award, decide_objection, object_to_award
from marketplace.awards.models import Award, Objection
from marketplace.bidding.actions import close_auction, open_auction
from marketplace.bidding.models import Auction, Bidder
from marketplace.core import clock

from .accounts import make_admin
from .bidding import agent_of, bid, make_bidder
from .tenders import make_tender

REASON = "中选机构的报价附件与公告要求的内容不一致，请核实。"


def make_closed_auction(*, firms: int = 3, now: datetime | None = None, **terms: Any) -> Auction:
    """Run an auction so that it ended just before `now`: every firm bids once, each better; the last is the best."""
    begin = (now or clock.now()) - timedelta(hours=2)
    tender = make_tender(now=begin, **terms)
    for place in range(firms):
        make_bidder(tender=tender, now=begin + timedelta(minutes=1 + place))
    auction = open_auction(auction=tender.auction, now=tender.selection_at)
    moment = auction.opens_at + timedelta(minutes=1)
    for place, bidder in enumerate(auction.tender.bidders.select_related("organization").order_by("pk")):
        amount = auction.ceiling_fen - auction.terms.sign * place * 2 * auction.step_fen
        bid(auction, bidder, amount, moment + timedelta(seconds=place))
    auction = Auction.objects.get(pk=auction.pk)
    return close_auction(auction=auction, now=auction.ends_at)


def make_award(*, status: str = "standstill", now: datetime | None = None, **terms: Any) -> Award:
    """Make an award; `status` standstill, objected, confirmed or revoked. `terms` are those of the need and `firms`.

    Its standstill begins with the end of the auction, within the two hours before `now`.
    """
    auction = make_closed_auction(now=now, **terms)
    award = Award.objects.select_related("tender__process").get(tender=auction.tender)
    if status == "confirmed":
        award = confirm_award(award=award, now=award.standstill_ends_at)
    elif status in {"objected", "revoked"}:
        objection = make_objection(award=award)
        if status == "revoked":
            decide_objection(objection=objection, upheld=True, decision="经核实，异议成立。", by=make_admin())
    return Award.objects.select_related("tender__process", "organization").get(pk=award.pk)


def losers_of(award: Award) -> list[Bidder]:
    """Return the bidders that were not chosen."""
    return list(
        award.tender.bidders.exclude(organization=award.organization_id)
        .select_related("organization__process")
        .order_by("pk")
    )


def make_objection(
    *, award: Award | None = None, bidder: Bidder | None = None, now: datetime | None = None
) -> Objection:
    """Let a losing firm contest an award."""
    award = award or make_award()
    bidder = bidder or losers_of(award)[0]
    return object_to_award(
        award=award,
        organization=bidder.organization,
        text=REASON,
        by=agent_of(bidder.organization),
        now=now or award.proposed_at + timedelta(seconds=60),
    )
