"""The preview before an auction: firms see clock and rules and say that they are ready (rule R10)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.refusals import Forbidden, Refused
from marketplace.parties.access import is_member
from marketplace.parties.actions import notify_organizations
from marketplace.parties.models import Membership, Organization

from ..models import Auction, Bidder
from ..queries import bidder_of
from ..states import AuctionStatus, BidderStatus
from .sign_ups import count_bidders


def mark_ready(*, auction: Auction, organization: Organization, by: User, now: datetime | None = None) -> Bidder:
    """Note that a firm has seen clock and rules and is ready; saying it twice changes nothing.

    Nobody has to: who is not ready may bid all the same. The public log says how many were, never who. Refuses
    `not_signed_up` (403), `preview_not_begun`, `auction_begun`.
    """
    with transaction.atomic():
        auction = lock(auction)
        tender = auction.tender
        now = now or clock.database_now()
        bidder = bidder_of(tender, organization)
        if bidder is None or not is_member(by, organization, power=Membership.Power.BID):
            raise Forbidden("not_signed_up", _("只有报名的中介机构可以确认就绪。"))
        if bidder.ready_at is not None:
            return bidder
        if auction.status != AuctionStatus.SCHEDULED:
            raise Refused("auction_begun", _("竞价已经开始，不用再确认就绪，可以直接报价。"))
        if now < auction.preview_at:
            words = {"time": localtime(auction.preview_at).strftime("%H:%M")}
            raise Refused("preview_not_begun", _("%(time)s 起可以确认就绪。") % words)
        bidder.ready_at = now
        bidder.save(update_fields=["ready_at"])
        counts = {"ready": count_ready(auction), "bidders": count_bidders(tender)}
        record(tender.process, "bidder_ready", now=now, subject=auction, data=counts)
    return bidder


def count_ready(auction: Auction) -> int:
    """Return how many of the firms that are signed up have said that they are ready."""
    rows = Bidder.objects.filter(tender=auction.tender_id, status=BidderStatus.ACTIVE, ready_at__isnull=False)
    return rows.count()


def call_bidders(*, auction: Auction, now: datetime) -> Auction:
    """Tell the firms of an auction that its preview has begun, once."""
    with transaction.atomic():
        auction = lock(auction)
        if auction.called_at is not None or auction.status != AuctionStatus.SCHEDULED or now < auction.preview_at:
            return auction
        auction.called_at = now
        auction.save(update_fields=["called_at"])
        tender = auction.tender
        words = {"title": tender.title, "time": localtime(auction.opens_at).strftime("%H:%M")}
        title = _("竞价将于 %(time)s 开始：%(title)s") % words
        body = _("请进入竞价室核对时钟和规则，确认就绪。")
        notes = [
            (bidder.organization, title, body)
            for bidder in tender.bidders.filter(status=BidderStatus.ACTIVE).select_related("organization")
        ]
        key = f"auction-{auction.pk}-preview-{auction.opens_at:%Y%m%d%H%M}"
        notify_organizations(notes=notes, url=auction.get_absolute_url(), key=key, now=now)
    return auction
