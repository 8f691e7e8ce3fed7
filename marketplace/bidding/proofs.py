"""What must always hold of auctions: rows, bids and events say the same, and the events keep to the rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import F

from marketplace.core.proofs import proof

from .export import OVER, auction_log
from .models import Auction, RefusedBid
from .verify_auction import check


@proof("auctions")
def auctions_follow_from_their_logs() -> Iterable[str]:
    """Check every auction, running ones too, with the program that the public has, and its bids against its events.

    The program plays the log again by the rules and compares where it leads with the row: price, leader, count, end,
    extensions, status (invariants I1, I2, I4 to I9 of the auction facts; I3 as far as rows show it). Nothing is locked: the log
    is of one moment, and bids that came in since are left out.
    """
    for auction in Auction.objects.select_related("tender").order_by("pk").iterator():
        log = auction_log(auction, public=False)
        for sentence in [*check(log), *unequal_bids(auction, log), *answered_twice(auction)]:
            yield f"auction {log['tender']}: {sentence}"


def unequal_bids(auction: Auction, log: dict[str, Any]) -> Iterable[str]:
    """Yield a sentence for each bid whose row and event differ, or of which one is missing, as of the log's moment."""
    is_over = log["result"]["status"] in OVER
    newest = log["events"][-1]["number"] if log["events"] else 0
    events = {event["data"]["sequence"]: event for event in log["events"] if event["name"] == "bid_placed"}
    voided = {event["data"]["sequence"] for event in log["events"] if event["name"] == "bid_voided"}
    rows = {row.sequence: row for row in auction.bids.select_related("bidder", "event").order_by("sequence")}
    for sequence in sorted(set(events) | {row.sequence for row in rows.values() if row.event.number <= newest}):
        row, event = rows.get(sequence), events.get(sequence)
        if row is None or event is None:
            yield f"bid {sequence} has no {'row' if row is None else 'event'}"
            continue
        data = event["data"]
        told = (event["number"], data["label"], data["amount_fen"], data.get("kind", "manual"), event["at"])
        at = row.at.isoformat(timespec="microseconds")
        if told != (row.event.number, row.bidder.label, row.amount_fen, row.kind, at):
            yield f"bid {sequence} has a row that differs from its event"
        is_void = row.voided_at is not None
        if is_void != (sequence in voided) and (is_over or not is_void):
            yield f"bid {sequence} is void in its {'row' if is_void else 'event'} alone"


def answered_twice(auction: Auction) -> Iterable[str]:
    """Yield a sentence for each submit that was accepted and refused (I3): a key has one answer."""
    rows = RefusedBid.objects.filter(bidder__tender=auction.tender_id, bidder__bids__key=F("key"))
    for row in rows.select_related("bidder"):
        yield f"the submit {row.key} of {row.bidder.label} was accepted and refused"
