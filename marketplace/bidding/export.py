"""The log of an auction as a document that anybody can check without us: `verify_auction.py` does it with Python alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from marketplace.core.models import Event, Process

from .models import Auction
from .room import Viewer, hides_bids
from .states import AuctionStatus

FORMAT = "auction-log/1"
OVER = {AuctionStatus.CLOSED, AuctionStatus.FAILED}
SECRET_UNTIL_THE_END = {"bid_placed", "bid_voided"}  # in bidding by rank
TRIES = 20


def auction_log(auction: Auction, *, public: bool = True) -> dict[str, Any]:
    """Return the log of an auction with all that its hashes and its rules need.

    Keys: `format`, `tender` (number), `process` (ocid), `events` from the first of the process on, `result` as the row says
    it, and `terms` from the row where the opening did not yet tell them. An event is given in full, or as number, previous
    hash and hash. A public log, which ends with the auction's last event, is in full only about the auction itself: what was
    private stays so, except for the bids of an auction by ranks once it is closed; where somebody acted under a name, the name
    is left out and the event marked `masked`, for its hash covers the name. A log that is not public is in full throughout
    and goes on to the newest event, so that it may be taken of an auction that runs.
    """
    auction, number = _as_of_one_moment(auction)
    process = auction.tender.process
    events = list(Event.objects.filter(process=process, number__lte=number).order_by("number"))
    if public:
        last = max((event.number for event in events if _is_own(event, auction)), default=0)
        told = [_told(event, auction) for event in events if event.number <= last]
    else:
        told = [_in_full(event) for event in events]
    log = {
        "format": FORMAT,
        "tender": auction.tender.number,
        "process": process.ocid,
        "events": told,
        "result": _result(auction, hidden=public and hides_bids(auction, Viewer.PUBLIC)),
    }
    opening = next((event for event in events if event.name == "auction_opened"), None)
    if opening is not None and "mode" not in opening.data:
        log["terms"] = _terms(auction, opening, events)
    return log


def _as_of_one_moment(auction: Auction) -> tuple[Auction, int]:
    """Return the auction's row and the number of the newest event that it reflects.

    A change writes its event in the same transaction, so a row that was read while the head of the chain stood still
    belongs to that head. Under a storm of bids the head is held for as long as the reading takes.
    """
    rows = Auction.objects.select_related("tender__process", "leader")
    heads = Process.objects.filter(pk=auction.tender.process_id)
    for _attempt in range(TRIES):
        before = heads.values_list("head_number", flat=True).get()
        row = rows.get(pk=auction.pk)
        if heads.values_list("head_number", flat=True).get() == before:
            return row, before
    with transaction.atomic():
        head = heads.select_for_update().get()
        return rows.get(pk=auction.pk), head.head_number


def _is_own(event: Event, auction: Auction) -> bool:
    """Tell whether an event is one of the auction's course."""
    is_named = event.name.startswith(("auction_", "bid_")) or event.name in {"bids_disclosed", "round_started"}
    return is_named and (event.subject_type, event.subject_id) == (auction._meta.label_lower, str(auction.pk))


def _told(event: Event, auction: Auction) -> dict[str, Any]:
    """Return what the public reads of an event."""
    is_disclosed = event.name in SECRET_UNTIL_THE_END and not hides_bids(auction, Viewer.PUBLIC)
    is_public = event.visibility == Event.Visibility.PUBLIC or is_disclosed
    told = _in_full(event)
    if not is_public or not _is_own(event, auction):
        return {key: told[key] for key in ("number", "previous_hash", "hash")}
    if event.actor_id is not None or event.organization_id is not None:
        return {key: told[key] for key in told if key not in {"actor", "organization"}} | {"masked": True}
    return told


def _in_full(event: Event) -> dict[str, Any]:
    """Return an event with all that its hash covers; the moment is written as it is hashed."""
    return {
        "number": event.number,
        "name": event.name,
        "at": _moment(event.at),
        "actor": event.actor_id,
        "organization": event.organization_id,
        "subject": [event.subject_type, event.subject_id],
        "data": event.data,
        "visibility": event.visibility,
        "previous_hash": event.previous_hash,
        "hash": event.hash,
    }


def _result(auction: Auction, *, hidden: bool) -> dict[str, Any]:
    """Return where the row says the auction stands; of bidding by rank that failed, whose bids stay secret, that alone."""
    if hidden:
        return {"status": auction.status}
    return {
        "status": auction.status,
        "best_fen": auction.best_fen,
        "label": auction.leader.label if auction.leader else "",
        "sequence": auction.sequence,
        "extensions": auction.extensions,
        "round": auction.round,
        "ends_at": _moment(auction.ends_at),
        "hard_ends_at": _moment(auction.hard_ends_at),
    }


def _terms(auction: Auction, opening: Event, events: list[Event]) -> dict[str, Any]:
    """Return the terms under which an auction opened, for one whose opening did not tell them yet.

    They stand in the row; only a pause or a failure since then has moved the latest end away from what the rules said.
    """
    latest = auction.hard_ends_at
    if any(event.name in {"auction_resumed", "auction_prolonged"} for event in events):
        length = timedelta(seconds=int(auction.tender.rules["hard_end_seconds"]))
        latest = datetime.fromisoformat(opening.data["ends_at"]) + length
    return {
        "mode": auction.mode,
        "direction": auction.direction,
        "ceiling_fen": auction.ceiling_fen,
        "step_fen": auction.step_fen,
        "opens_at": _moment(auction.opens_at),
        "hard_ends_at": _moment(latest),
        "window_seconds": auction.window_seconds,
        "max_extensions": auction.max_extensions,
        "leader_may_improve": auction.terms.leader_may_improve,
        "turns": None,
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
