"""Reviews of completed contracts, awards given up, and penalties."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from marketplace.awards.actions import confirm_award, decline_award, lapse_award, run_selection
from marketplace.awards.models import Award
from marketplace.bidding.actions import close_auction, end_sign_up, open_auction
from marketplace.bidding.models import Auction
from marketplace.contracts.models import Contract
from marketplace.core import clock
from marketplace.parties.models import Organization
from marketplace.reviews.actions import impose_penalty, publish_review
from marketplace.reviews.models import Penalty, Review
from marketplace.tenders.models import Tender

from .accounts import make_admin
from .bidding import agent_of, bid, make_bidder, make_stranger
from .contracts import make_contract
from .tenders import make_tender

STARS = {"quality": 5, "timeliness": 4, "attitude": 5, "price": 4, "conduct": 5}
TEXT = "成果扎实，按时提交，评审一次通过。"
FACTS = "经核查，合同约定的签订期限已过十天，没有说明理由。"


def make_review(*, contract: Contract | None = None, **overrides: Any) -> Review:
    """Let the owner review a contract, a new completed one unless given."""
    contract = contract or make_contract(status="completed")
    return publish_review(contract=contract, by=agent_of(contract.buyer), **{**STARS, "text": TEXT, **overrides})


def make_won(*, firm: Organization | None = None, now: datetime | None = None) -> Award:
    """Let a firm, a new one unless given, win an auction of two; the award's standstill begins at about `now`."""
    begin = (now or clock.now()) - timedelta(hours=2)
    service = firm.offerings.get().service if firm else None
    tender = make_tender(now=begin, **({"service": service} if service else {}))
    firm = firm or make_stranger(tender)
    bidders = [make_bidder(tender=tender, organization=one, now=begin) for one in (make_stranger(tender), firm)]
    auction = open_auction(auction=tender.auction, now=tender.selection_at)
    for place, bidder in enumerate(bidders):
        moment = auction.opens_at + timedelta(minutes=1 + place)
        bid(auction, bidder, auction.ceiling_fen - place * 2 * auction.step_fen, moment)
    auction = Auction.objects.get(pk=auction.pk)
    close_auction(auction=auction, now=auction.ends_at)
    return Award.objects.select_related("tender__process", "organization").get(tender=tender, rank=1)


def make_declined(*, firm: Organization | None = None, now: datetime | None = None) -> Award:
    """Let a firm win and give the work up."""
    award = make_won(firm=firm, now=now)
    by = agent_of(award.organization)
    return decline_award(award=award, reason="人员不足", by=by, now=award.proposed_at + timedelta(seconds=1))


def make_lapsed() -> Award:
    """Let a drawn firm miss the time in which it has to accept."""
    tender = make_tender(method="draw", now=clock.now() - timedelta(hours=2))
    for _number in range(2):
        make_bidder(tender=tender, now=tender.published_at)
    end_sign_up(tender=tender, now=tender.signup_ends_at)
    run_selection(tender=Tender.objects.get(pk=tender.pk), now=tender.selection_at)
    award = Award.objects.get(tender=tender)
    award = confirm_award(award=award, now=award.standstill_ends_at)
    return lapse_award(award=award, now=award.accept_ends_at)


def make_penalty(*, organization: Organization | None = None, **overrides: Any) -> Penalty:
    """Let an administrator impose a penalty, for a late contract unless `code` says otherwise."""
    from .parties import make_firm

    values = {"code": "late_contract", "text": FACTS, "by": make_admin(), **overrides}
    return impose_penalty(organization=organization or make_firm(), **values)
