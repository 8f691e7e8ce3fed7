"""The course of an auction: scheduled, opened, closed or failed, each done once by whoever notices first."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.refusals import Refused
from marketplace.tenders.actions import fail_tender
from marketplace.tenders.models import Tender

from ..models import Auction
from ..states import AUCTION, AuctionStatus

FINAL = {AuctionStatus.CLOSED, AuctionStatus.FAILED}


def schedule_auction(*, tender: Tender, now: datetime) -> Auction:
    """Create the auction of a published need from its terms and frozen rules, or move one that has not begun to new terms."""
    with transaction.atomic():
        tender = lock(tender)
        rules = tender.rules
        assert tender.auction_ends_at is not None
        values = {
            "opens_at": tender.selection_at,
            "ends_at": tender.auction_ends_at,
            "hard_ends_at": tender.auction_ends_at + timedelta(seconds=rules["hard_end_seconds"]),
            "ceiling_fen": tender.ceiling_fen,
            "step_fen": tender.step_fen,
            "window_seconds": rules["window_seconds"],
            "max_extensions": rules["max_extensions"],
        }
        auction = Auction.objects.filter(tender=tender).first()
        if auction is not None:
            auction = lock(auction)
            if auction.status != AuctionStatus.SCHEDULED or all(
                getattr(auction, name) == value for name, value in values.items()
            ):
                return auction
        auction = auction or Auction(tender=tender)
        for name, value in values.items():
            setattr(auction, name, value)
        auction.save()
        record(
            tender.process,
            "auction_scheduled",
            now=now,
            subject=auction,
            data={"opens_at": auction.opens_at.isoformat(), "ends_at": auction.ends_at.isoformat()},
        )
    return auction


def _fail(auction: Auction, tender: Tender, reason: str, now: datetime) -> None:
    AUCTION.check(auction.status, AuctionStatus.FAILED)
    auction.status = AuctionStatus.FAILED
    auction.save(update_fields=["status"])
    record(tender.process, "auction_failed", now=now, subject=auction, data={"reason": reason})


def fail_auction(*, auction: Auction, reason: str, now: datetime) -> Auction:
    """End an auction without a result because its need was cancelled; harmless when it has ended already."""
    with transaction.atomic():
        tender = lock(auction.tender)
        auction = lock(auction)
        if auction.status not in FINAL:
            _fail(auction, tender, reason, now)
    return auction


def open_auction(*, auction: Auction, now: datetime | None = None) -> Auction:
    """Open an auction whose time has come. Idempotent; refuses with `too_early` before `opens_at`."""
    from .rounds import end_sign_up  # the end of the sign-up knows auctions

    end_sign_up(tender=auction.tender, now=now)
    with transaction.atomic():
        auction = lock(auction)
        now = now or clock.database_now()
        if auction.status != AuctionStatus.SCHEDULED:
            return auction
        if now < auction.opens_at:
            opens = localtime(auction.opens_at).strftime("%H:%M:%S")
            raise Refused("too_early", _("竞价将于 %(time)s 开始。") % {"time": opens})
        AUCTION.check(auction.status, AuctionStatus.OPEN)
        auction.status = AuctionStatus.OPEN
        auction.save(update_fields=["status"])
        record(
            auction.tender.process,
            "auction_opened",
            now=now,
            subject=auction,
            data={"ceiling_fen": auction.ceiling_fen, "ends_at": auction.ends_at.isoformat()},
        )
    return auction


def close_auction(*, auction: Auction, now: datetime | None = None) -> Auction:
    """Close an auction whose time is over: closing is an event in the same log as the bids, and the last of them.

    Idempotent; refuses with `too_early` before the effective end, which only accepted bids move. Without a bid the need
    fails.
    """
    with transaction.atomic():
        tender = lock(auction.tender)
        auction = lock(auction)
        now = now or clock.database_now()
        if auction.status in FINAL:
            return auction
        if auction.status == AuctionStatus.SCHEDULED or now < auction.ends_at:
            raise Refused("too_early", _("竞价尚未结束。"))
        if auction.leader is None or auction.best_fen is None:
            reason = "竞价期间没有机构报价"
            _fail(auction, tender, reason, now)
            fail_tender(tender=tender, reason=reason, now=now)
            return auction
        AUCTION.check(auction.status, AuctionStatus.CLOSED)
        auction.status = AuctionStatus.CLOSED
        auction.save(update_fields=["status"])
        record(
            tender.process,
            "auction_closed",
            now=now,
            subject=auction,
            data={
                "best_fen": auction.best_fen,
                "label": auction.leader.label,
                "sequence": auction.sequence,
                "ends_at": auction.ends_at.isoformat(),
            },
        )
    return auction


def advance_auction(*, auction: Auction, now: datetime | None = None) -> Auction:
    """Do what has fallen due in an auction: end the sign-up, open, close. Nothing when nothing is due."""
    for step in (open_auction, close_auction):
        try:
            auction = step(auction=auction, now=now)
        except Refused as refused:
            if refused.code != "too_early":
                raise
    return auction
