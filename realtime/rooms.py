"""A room: what the hub remembers of one auction that somebody watches, and what it reads of it."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from marketplace.bidding.actions import advance_auction
from marketplace.bidding.actions.locked import standings_of
from marketplace.bidding.engine import Mode
from marketplace.bidding.models import Auction
from marketplace.bidding.room import Viewer, encode, events_after, frame, snapshot
from marketplace.bidding.states import AuctionStatus
from marketplace.core.models import Event, Process
from marketplace.core.refusals import Refused

from .bids import Identity, Pending

logger = logging.getLogger(__name__)
Standings = list[tuple[str, int]]
MOVES_STANDINGS = {"bid_placed", "bid_voided", "auction_opened"}


class Watcher(Protocol):
    """Be one socket or stream: its kind of viewer, its firm's label, and a bounded buffer that never waits."""

    kind: Viewer
    label: str
    identity: Identity

    def put(self, text: str, count: int = 1, number: int = 0) -> None:
        """Take `count` messages, joined by commas, that must arrive, in order; `number` is the newest event they tell of."""

    def put_frames(self, message: dict[str, Any], text: str, count: int, number: int) -> None:
        """Take frames as put() does; `message` is what a socket sends when it has nothing else to say, the same for all."""

    def put_beat(self, text: str) -> None:
        """Take a heartbeat, which may be dropped when others wait."""

    def cut_off(self) -> None:
        """End: the firm behind it was suspended."""


class Head(NamedTuple):
    """Say where a process stands and when something falls due in its auction."""

    process_id: int
    number: int
    due_at: datetime | None


class Room:
    """Hold the watchers of one auction, the number up to which they were told, and the newest frames for those who return."""

    KEPT = 200

    def __init__(self, process_id: int, auction_id: int) -> None:
        self.process_id = process_id
        self.auction_id = auction_id
        self.watchers: set[Watcher] = set()
        self.number = 0
        self.hash = ""
        self.kept: deque[Event] = deque(maxlen=self.KEPT)
        self.frames: dict[tuple[int, Viewer], str] = {}
        self.snapshots: dict[Viewer, tuple[int, str]] = {}
        self.pending: deque[tuple[Any, Pending]] = deque()
        self.stale = self.reading = self.deciding = False
        self.ranks = False
        self.ranked: Standings = []
        self.told: dict[str, str] = {}
        self.moved_at = 0.0
        self.making = asyncio.Lock()
        self._opening: asyncio.Task[None] | None = None

    async def ready(self, opening: Callable[[], Any]) -> None:
        """Wait until the room is open; the first to come opens it."""
        if self._opening is None:
            self._opening = asyncio.ensure_future(opening())
        await asyncio.shield(self._opening)

    def fill(self, events: Sequence[Event]) -> None:
        """Start with the newest events, which were not news to anybody here."""
        for event in events:
            self._keep(event)

    def follows(self, events: Sequence[Event]) -> bool:
        """Tell whether these events are the next ones, so that nobody has to read them again."""
        return bool(events) and events[0].number == self.number + 1

    def broadcast(self, events: Sequence[Event]) -> None:
        """Send events that follow the newest known; they are encoded once per kind of viewer and joined once."""
        fresh = [event for event in events if event.number > self.number]
        if not fresh:
            return
        for event in fresh:
            self._keep(event)
        count, number = len(fresh), self.number
        made: dict[Viewer, tuple[dict[str, Any], str]] = {}
        for watcher in tuple(self.watchers):
            found = made.get(watcher.kind)
            if found is None:
                text = ",".join(self.text(event, watcher.kind) for event in fresh)
                message = {"type": "websocket.send", "text": text if count == 1 else f"[{text}]"}
                found = made[watcher.kind] = message, text
            watcher.put_frames(found[0], found[1], count, number)

    def beat(self, now: int) -> None:
        """Send the number, the head's hash and the server's time, so that everybody notices a gap and knows the time."""
        text = encode({"beat": self.number, "h": self.hash, "t": now})
        for watcher in tuple(self.watchers):
            watcher.put_beat(text)

    def missed(self, number: int, kind: Viewer) -> list[str] | None:
        """Return the frames after `number`, or None when that is too long ago."""
        if number >= self.number:
            return []
        if not self.kept or number < self.kept[0].number - 1:
            return None
        return [self.text(event, kind) for event in self.kept if event.number > number]

    def text(self, event: Event, kind: Viewer) -> str:
        """Return the event's frame as text, encoded once."""
        key = (event.number, kind)
        known = self.frames.get(key)
        if known is None:
            known = self.frames[key] = encode(frame(event, kind))
        return known

    def own(self, label: str) -> str:
        """Return what a firm hears of its own standing in bidding by rank."""
        found = next(((place, fen) for place, (one, fen) in enumerate(self.ranked, 1) if one == label), (None, None))
        return encode({"own": {"rank": found[0], "of": len(self.ranked), "price": found[1]}})

    def tell_own(self) -> None:
        """Tell each firm its own standing where it has changed."""
        by_label: dict[str, list[Watcher]] = defaultdict(list)
        for watcher in self.watchers:
            if watcher.label:
                by_label[watcher.label].append(watcher)
        for label, watchers in by_label.items():
            text = self.own(label)
            if self.told.get(label) != text:
                self.told[label] = text
                for watcher in watchers:
                    watcher.put(text)

    def _keep(self, event: Event) -> None:
        if len(self.kept) == self.KEPT:
            for kind in Viewer:
                self.frames.pop((self.kept[0].number, kind), None)
        self.kept.append(event)
        self.number, self.hash = event.number, event.hash[:16]


def newer(process_id: int, number: int | None) -> list[Event]:
    """Return the events after `number` in order, or the newest when nothing is known yet."""
    if number is not None:
        return events_after(process_id, number, Room.KEPT)
    return list(Event.objects.filter(process=process_id).order_by("-number")[: Room.KEPT])[::-1]


def standings(auction_id: int) -> Standings | None:
    """Return the firms' standing bids where bidding is by rank, the best first; None elsewhere."""
    auction = Auction.objects.select_related("tender").get(pk=auction_id)
    return standings_of(auction) if auction.mode == Mode.RANK else None


def state_of(auction_id: int, kind: Viewer) -> dict[str, Any]:
    """Return the snapshot of an auction."""
    return snapshot(Auction.objects.select_related("tender").get(pk=auction_id), kind)


def heads(process_ids: list[int]) -> list[Head]:
    """Return where each process stands and what falls due in it: one query for all rooms."""
    rows = Process.objects.filter(pk__in=process_ids).values_list(
        "pk",
        "head_number",
        "tender__auction__status",
        "tender__auction__opens_at",
        "tender__auction__ends_at",
        "tender__auction__next_round_at",
        "tender__signup_ends_at",
        "tender__status",
    )
    return [Head(row[0], row[1], _due(*row[2:])) for row in rows]


def _due(
    status: str,
    opens_at: datetime,
    ends_at: datetime,
    next_round_at: datetime | None,
    signup_ends_at: datetime,
    tender_status: str,
) -> datetime | None:
    if status == AuctionStatus.OPEN:
        return min(ends_at, next_round_at or ends_at)
    if status == AuctionStatus.SCHEDULED:
        return signup_ends_at if tender_status == "open" else opens_at
    return None


def move(auction_id: int) -> None:
    """Do what has fallen due in an auction; a refusal means that it is not so, or that somebody else did it."""
    try:
        advance_auction(auction=Auction.objects.select_related("tender__process").get(pk=auction_id))
    except Refused as refused:
        logger.info("auction %s not moved: %s", auction_id, refused.code)
