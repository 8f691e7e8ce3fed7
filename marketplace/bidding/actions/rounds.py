"""The end of the sign-up, whatever the method: who takes part stands still, or the round is extended or fails."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.refusals import Refused
from marketplace.parties.states import OrganizationStatus
from marketplace.tenders.actions import extend_sign_up, fail_tender, start_selection
from marketplace.tenders.models import NAMED, Tender
from marketplace.tenders.states import TenderStatus

from ..models import Auction, Bidder
from ..states import BIDDER, BidderStatus
from .auctions import fail_auction, schedule_auction
from .sign_ups import name_firm


def end_sign_up(*, tender: Tender, now: datetime | None = None) -> Tender:
    """End the sign-up of a need whose time has come, once, by whoever notices first.

    Firms that were suspended or removed since they signed up are excluded, with the reason on record. With fewer firms than
    the rules ask for, the sign-up is extended as often as `too_few` says, then the need fails; else the selection starts.
    A named firm (direct, emergency) is entered here. Idempotent; refuses with `too_early` before the deadline.
    """
    with transaction.atomic():
        tender = lock(tender)
        now = now or clock.database_now()
        if tender.status != TenderStatus.OPEN:
            return tender
        if now < tender.signup_ends_at:
            raise Refused("too_early", "报名尚未截止。")
        if tender.method in NAMED:
            name_firm(tender=tender, now=now)
        _exclude(tender, now)
        count = tender.bidders.filter(status=BidderStatus.ACTIVE).count()
        minimum = int(tender.rules["minimum_bidders"])
        if count >= minimum:
            return start_selection(tender=tender, now=now)
        reason = f"报名机构 {count} 家，少于规则要求的 {minimum} 家"
        if tender.method in NAMED:
            return fail_tender(tender=tender, reason="所选机构目前不能承接这项服务，或与业主有关联须回避", now=now)
        auction = Auction.objects.filter(tender=tender).first()
        if tender.extensions < int(tender.rules["too_few"]["extensions"]):
            tender = extend_sign_up(tender=tender, reason=reason, now=now)
            if auction is not None:
                schedule_auction(tender=tender, now=now)
            return tender
        if auction is not None:
            fail_auction(auction=auction, reason=reason, now=now)
        return fail_tender(tender=tender, reason=reason, now=now)


def _exclude(tender: Tender, now: datetime) -> None:
    """Exclude firms that may no longer take on work."""
    rows = Bidder.objects.filter(tender=tender, status=BidderStatus.ACTIVE).exclude(
        organization__status=OrganizationStatus.ACTIVE
    )
    for bidder in rows.order_by("pk"):
        BIDDER.check(bidder.status, BidderStatus.EXCLUDED)
        bidder.status, bidder.reason = BidderStatus.EXCLUDED, "报名截止时已被暂停承接业务"
        bidder.save(update_fields=["status", "reason"])
        record(
            tender.process,
            "bidder_excluded",
            now=now,
            subject=bidder,
            data={"label": bidder.label, "reason": bidder.reason},
        )
