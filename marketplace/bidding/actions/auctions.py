"""The course of an auction: scheduled, opened, closed or failed, each done once by whoever notices first."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from marketplace.core import clock
from marketplace.core.events import record, record_all
from marketplace.core.locks import lock
from marketplace.core.models import Event
from marketplace.core.refusals import Refused
from marketplace.tenders.actions import fail_tender
from marketplace.tenders.models import Tender

from ..engine import Mode
from ..models import Auction, Bid
from ..states import AUCTION, AuctionStatus
from .first_offers import enter_first_offers
from .interruptions import note_life
from .locked import Locked, take_lock, turns_of
from .proxies import let_proxies_answer
from .readiness import count_ready
from .turns import labels_of, start_due_round

FINAL = {AuctionStatus.CLOSED, AuctionStatus.FAILED}


def schedule_auction(*, tender: Tender, now: datetime) -> Auction:
    """Create the auction of a published need from its terms and frozen rules, or move one that has not begun to new terms."""
    with transaction.atomic():
        tender = lock(tender)
        rules = tender.rules
        assert tender.auction_ends_at is not None
        values = {
            "mode": tender.auction_mode,
            "direction": tender.auction_direction,
            "sealed_first": bool(rules.get("sealed_first", False)),
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
            tender.bidders.update(ready_at=None)  # other terms: to be looked at again
            auction.called_at = None
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
    auction.status, auction.paused_at = AuctionStatus.FAILED, None
    auction.save(update_fields=["status", "paused_at"])
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
    """Open an auction whose time has come. Idempotent; refuses with `too_early` before `opens_at`.

    Where the rules ask for sealed offers first, these are opened here and become the first bids; limits that firms left
    beforehand answer at once. What an outsider needs to recompute the course stands in the event.
    """
    from .opening import open_offers
    from .rounds import end_sign_up  # the end of the sign-up knows auctions

    end_sign_up(tender=auction.tender, now=now)
    with transaction.atomic():
        tender = lock(auction.tender)
        if Auction.objects.filter(pk=auction.pk, sealed_first=True, status=AuctionStatus.SCHEDULED).exists():
            open_offers(tender=tender, now=now)
        locked = take_lock(auction.pk, now)
        auction = locked.auction
        if auction.status != AuctionStatus.SCHEDULED:
            return auction
        if locked.now < auction.opens_at:
            opens = localtime(auction.opens_at).strftime("%H:%M:%S")
            raise Refused("too_early", _("竞价将于 %(time)s 开始。") % {"time": opens})
        AUCTION.check(auction.status, AuctionStatus.OPEN)
        first = enter_first_offers(locked, tender) if auction.sealed_first else None
        labels = labels_of(auction) if first is None else first.labels
        if first is not None and len(labels) < int(tender.rules["minimum_bidders"]):
            return _fail_for_want(auction, tender, len(labels), locked.now)
        auction.status = AuctionStatus.OPEN
        if auction.mode == Mode.TURNS:
            auction.turns_from = max(auction.opens_at, locked.now)
            turns = turns_of(auction)
            auction.next_round_at = turns.starts_at(1, auction.turns_from, len(labels))
            locked.state.ends_at = locked.state.hard_ends_at = turns.ends_at(auction.turns_from, len(labels))
        _record_opening(locked, labels)
        Auction.objects.filter(pk=auction.pk).update(
            status=auction.status,
            turns_from=auction.turns_from,
            next_round_at=auction.next_round_at,
            ends_at=locked.state.ends_at,
            hard_ends_at=locked.state.hard_ends_at,
        )
        if first is not None:
            locked.write(first.placed)
        locked.write(let_proxies_answer(locked))
    return auction


def _fail_for_want(auction: Auction, tender: Tender, count: int, now: datetime) -> Auction:
    reason = f"有效首轮报价 {count} 家，少于规则要求的 {tender.rules['minimum_bidders']} 家"
    _fail(auction, tender, reason, now)
    fail_tender(tender=tender, reason=reason, now=now)
    return auction


def _record_opening(locked: Locked, labels: list[str]) -> None:
    auction, terms = locked.auction, locked.terms
    data = {
        "ceiling_fen": terms.ceiling_fen,
        "floor_fen": terms.floor_fen,
        "step_fen": terms.step_fen,
        "opens_at": auction.opens_at.isoformat(),
        "ends_at": locked.state.ends_at.isoformat(),
        "hard_ends_at": locked.state.hard_ends_at.isoformat(),
        "mode": str(terms.mode),
        "direction": str(terms.direction),
        "window_seconds": terms.window_seconds,
        "max_extensions": terms.max_extensions,
        "leader_may_improve": terms.leader_may_improve,
        "sealed_first": auction.sealed_first,
        "labels": labels,
        "ready": count_ready(auction),
        "turns": auction.tender.rules["turns"] if terms.mode == Mode.TURNS else None,
    }
    record_all(locked.head, [Event(name="auction_opened", at=locked.now, data=data)], subject=auction)


def close_auction(*, auction: Auction, now: datetime | None = None) -> Auction:
    """Close an auction whose time is over: closing is an event in the same log as the bids, and the last of them.

    Idempotent; refuses with `too_early` before the effective end. When the platform itself was away at the end, the technical
    failure clause prolongs the auction first (interruptions.py). Without a valid bid the need fails.
    """
    if now is None:
        note_life()
    with transaction.atomic():
        tender = lock(auction.tender)
        locked = take_lock(auction.pk, now)
        auction = locked.auction
        if auction.status in FINAL:
            return auction
        if auction.status != AuctionStatus.OPEN or locked.now < auction.ends_at:
            raise Refused("too_early", _("竞价尚未结束。"))
        if auction.leader is None or auction.best_fen is None:
            reason = "竞价期间没有机构报价"
            _fail(auction, tender, reason, locked.now)
            fail_tender(tender=tender, reason=reason, now=locked.now)
            return auction
        AUCTION.check(auction.status, AuctionStatus.CLOSED)
        auction.status = AuctionStatus.CLOSED
        Auction.objects.filter(pk=auction.pk).update(status=auction.status)
        closing = {
            "best_fen": auction.best_fen,
            "label": auction.leader.label,
            "sequence": auction.sequence,
            "ends_at": auction.ends_at.isoformat(),
        }
        events = [Event(name="auction_closed", at=locked.now, data=closing)]
        if auction.mode == Mode.RANK:
            events.insert(0, Event(name="bids_disclosed", at=locked.now, data={"bids": _all_bids(auction)}))
        record_all(locked.head, events, subject=auction)
    return auction


def _all_bids(auction: Auction) -> list[dict[str, object]]:
    """Return every bid as it becomes public when bidding by rank is over."""
    rows = Bid.objects.filter(auction=auction.pk).order_by("sequence").select_related("bidder")
    return [
        {
            "sequence": bid.sequence,
            "label": bid.bidder.label,
            "amount_fen": bid.amount_fen,
            "kind": bid.kind,
            "at": bid.at.isoformat(),
            "voided": bid.voided_at is not None,
        }
        for bid in rows
    ]


def advance_auction(*, auction: Auction, now: datetime | None = None) -> Auction:
    """Do what has fallen due in an auction: end the sign-up, open, begin a round, close. Nothing when nothing is due."""
    for step in (open_auction, close_auction):
        try:
            auction = step(auction=auction, now=now)
        except Refused as refused:
            if refused.code != "too_early":
                raise
        if auction.mode == Mode.TURNS and auction.status == AuctionStatus.OPEN:
            start_due_round(auction=auction, now=now or clock.now())
    return auction
