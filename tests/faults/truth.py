"""What really became of an auction, read from PostgreSQL past the marketplace, and how watchers compare with it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg

from tests.faults.checker import Entry, Op, Terms, check
from tests.faults.client import Client
from tests.faults.harness import Market

CONVERGED_SECONDS = 3.0
LOG = """
    SELECT bid.sequence, bid.amount_fen, bid.key, bid.at, bidder.label, event.number, event.data
    FROM bidding_bid bid
    JOIN bidding_bidder bidder ON bidder.id = bid.bidder_id
    JOIN core_event event ON event.id = bid.event_id
    WHERE bid.auction_id = %s ORDER BY bid.sequence
"""
STATE = """
    SELECT process.head_number AS n, left(process.head_hash, 16) AS h, auction.sequence AS seq, auction.best_fen AS price,
        auction.ends_at, auction.status, auction.hard_ends_at, auction.extensions, bidder.label
    FROM bidding_auction auction
    JOIN tenders_tender tender ON tender.id = auction.tender_id
    JOIN core_process process ON process.id = tender.process_id
    LEFT JOIN bidding_bidder bidder ON bidder.id = auction.leader_id
    WHERE auction.id = %s
"""


def log_of(market: Market, room: dict[str, Any]) -> list[Entry]:
    """Return the accepted bids with the end that held when each was decided, from the events and not from the auction's row."""
    entries, ends_at = [], room["ends_at"]
    for row in market.rows(LOG, room["auction"]):
        entries.append(
            Entry(row["sequence"], row["label"], row["key"], row["amount_fen"], row["at"].timestamp(), ends_at)
        )
        ends_at = _moment(row["data"]["ends_at"])
    return entries


def _moment(text: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(text).timestamp()


def state_of(market: Market, room: dict[str, Any]) -> dict[str, Any]:
    return market.rows(STATE, room["auction"])[0]


def picture_of(market: Market, room: dict[str, Any]) -> tuple[Any, ...]:
    """Return what every screen has to show now, as Picture.key."""
    row = state_of(market, room)
    ends = round(row["ends_at"].timestamp() * 1000)
    return row["n"], row["h"], row["seq"], row["price"], ends, row["status"] in {"closed", "failed"}


def flaws_of(market: Market, room: dict[str, Any], ops: Iterable[Op]) -> list[str]:
    """Hold a recorded history against the log, and the auction's row against the fold of the log (I7)."""
    row, log = state_of(market, room), log_of(market, room)
    terms = Terms(room["ceiling_fen"], room["step_fen"], row["ends_at"].timestamp())
    flaws = check(terms, ops, log)
    folded = (log[-1].sequence, log[-1].amount_fen, log[-1].firm) if log else (0, None, None)
    if (row["seq"], row["price"], row["label"]) != folded:
        flaws.append(f"the auction's row says {row}, the log ends at {folded}")
    if row["ends_at"] > row["hard_ends_at"]:
        flaws.append("the end lies after the hard end")
    return flaws


async def converged(
    market: Market, room: dict[str, Any], clients: Sequence[Client], seconds: float = CONVERGED_SECONDS
) -> float:
    """Wait until all screens show what the database holds; return how long it took. Fails after `seconds`."""
    began = time.monotonic()
    apart: list[Any] = []
    truth: tuple[Any, ...] = ()
    while time.monotonic() - began < seconds:
        try:
            truth = await asyncio.to_thread(picture_of, market, room)
            apart = [client.picture.key for client in clients if client.picture.key != truth]
            if not apart:
                return time.monotonic() - began
        except psycopg.OperationalError:
            pass
        await asyncio.sleep(0.02)
    raise AssertionError(f"{len(apart)} of {len(clients)} screens differ after {seconds} s: {apart[:3]}, not {truth}")


def protocol_flaws(clients: Iterable[Client]) -> list[str]:
    """Return what the sockets heard that the protocol forbids."""
    return [f"{client.firm or 'watcher'}: {flaw}" for client in clients for flaw in client.flaws]
