"""Rounds of a turn-based auction: each begins in the log, with its order, by whoever notices first that its time has come."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marketplace.core.events import record_all
from marketplace.core.models import Event

from ..engine import order_of_round, whose_turn
from ..models import Auction, Bidder
from ..states import AuctionStatus, BidderStatus
from .locked import Locked, standings_of, take_lock, turns_of


def labels_of(auction: Auction) -> list[str]:
    """Return the labels of the firms that may bid, sorted."""
    rows = Bidder.objects.filter(tender=auction.tender_id, status=BidderStatus.ACTIVE)
    if auction.sealed_first:
        rows = rows.filter(bids__kind="initial").distinct()
    return sorted(rows.values_list("label", flat=True))


def begin_round(locked: Locked) -> bool:
    """Begin the round whose time has come, inside the transaction that holds the lock; tell whether one began.

    Nobody can bid between rounds, so the order is the same whenever it is made. A round that nobody noticed in time is passed
    over without a trace: its turns were silent.
    """
    auction = locked.auction
    if auction.turns_from is None or auction.next_round_at is None or locked.now < auction.next_round_at:
        return False
    if auction.status != AuctionStatus.OPEN or locked.now >= locked.state.ends_at:
        return False
    labels, turns = labels_of(auction), turns_of(auction)
    number = turns.round_at(locked.now, auction.turns_from, len(labels))
    auction.round, auction.order = number, order_of_round(labels, standings_of(auction))
    is_last = number >= turns.rounds
    auction.next_round_at = None if is_last else turns.starts_at(number + 1, auction.turns_from, len(labels))
    values = {"round": number, "order": auction.order, "next_round_at": auction.next_round_at}
    Auction.objects.filter(pk=auction.pk).update(**values)
    data = {"round": number, "turns": [turn.as_data() for turn in locked.turns()]}
    record_all(locked.head, [Event(name="round_started", at=locked.now, data=data)], subject=auction)
    locked.state.turn = whose_turn(locked.turns(), locked.now)
    return True


def start_due_round(*, auction: Auction, now: datetime | None = None) -> bool:
    """Begin the round of a turn-based auction that has fallen due; tell whether one began. Idempotent."""
    with transaction.atomic():
        return begin_round(take_lock(auction.pk, now))
