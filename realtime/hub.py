"""The hub: one per process; it reads each event once and writes it to everybody who watches the auction here.

Anything may tell the hub that a process has something newer: the commit in this process, which brings the events along, a
message of another process through the channel layer, or the hub's own look at the database twice a second. What does not
follow on what is known is read from the database, in order. So a lost message costs half a second and never an event.

Bids that come over sockets wait in their room while one before them is decided; then all that wait are decided together.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from marketplace.bidding.actions import note_life
from marketplace.bidding.room import Viewer, encode, milliseconds
from marketplace.core import clock
from marketplace.core.models import Event
from marketplace.core.threads import in_thread

from .announcing import caught, hubs, publish, tell_hubs
from .bids import (
    Entrance,
    Identity,
    Pending,
    decide,
    enter_room,
    language_of,
    session_key_of,
    suspended_among,
)
from .crossing import Crossing
from .rooms import MOVES_STANDINGS, Head, Room, Standings, heads, move, newer, standings, state_of

logger = logging.getLogger(__name__)
LOOK_SECONDS = 0.5
HEARTBEAT_SECONDS = 2.0
MOST_AT_ONCE = 64
GATHER_SECONDS = 0.002  # after a group: who was answered just now bids again, and those bids share the next one
REMEMBERED = 10_000


def get_hub() -> Hub:
    """Return the hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in hubs:
        hubs[loop] = Hub(loop)
    return hubs[loop]


class Hub:
    """Hold the rooms that somebody watches in this process, keyed by the process's id."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.rooms: dict[int, Room] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.watching: asyncio.Task[None] | None = None
        self.crossing = Crossing(self)
        self.doors: dict[str, tuple[int, int]] = {}
        self.dirty: list[Any] = []

    # Watchers come and go

    async def enter(self, scope: dict[str, Any], number: str) -> Entrance | None:
        """Return what a socket or stream may see in the room of a need; None when there is no such room.

        Of somebody without a session nothing is asked but whether the room exists, and that once.
        """
        if number in self.doors and not session_key_of(scope):
            return Entrance(*self.doors[number], Viewer.PUBLIC, "", Identity(language=language_of(scope)))
        entrance: Entrance | None = await in_thread(enter_room, scope, number)
        if entrance is not None:
            if len(self.doors) >= REMEMBERED:
                self.doors.clear()
            self.doors[number] = entrance.process_id, entrance.auction_id
        return entrance

    async def join(self, process_id: int, auction_id: int, watcher: Any) -> Room:
        """Let a watcher into the auction's room and open the room for the first."""
        room = self.rooms.get(process_id)
        if room is None:
            room = self.rooms[process_id] = Room(process_id, auction_id)
        room.watchers.add(watcher)
        try:
            await room.ready(lambda: self._open(room))
        except BaseException:
            self.leave(room, watcher)
            raise
        return room

    def leave(self, room: Room, watcher: Any) -> None:
        """Let a watcher go; close the room behind the last."""
        room.watchers.discard(watcher)
        if room.watchers or self.rooms.get(room.process_id) is not room:
            return
        del self.rooms[room.process_id]
        self.spawn(self.crossing.unsubscribe(room.process_id))
        if not self.rooms:
            if self.watching is not None:
                self.watching.cancel()
            self.watching = None
            self.crossing.end()

    async def _open(self, room: Room) -> None:
        await self.crossing.subscribe(room.process_id)
        room.fill(await in_thread(newer, room.process_id, None))
        ranked: Standings | None = await in_thread(standings, room.auction_id)
        room.ranks, room.ranked = ranked is not None, ranked or []
        if self.watching is None:
            self.watching = self.loop.create_task(self._watch())

    def flush_soon(self, watcher: Any) -> None:
        """Let a socket send what it has been given, together with all others of this turn of the loop."""
        if not self.dirty:
            self.loop.call_soon(self._flush)
        self.dirty.append(watcher)

    def _flush(self) -> None:
        dirty, self.dirty = self.dirty, []
        for watcher in dirty:
            watcher.flush()

    # Bids

    def bid(self, room: Room, watcher: Any, pending: Pending) -> None:
        """Take a bid; its answer comes when it is committed or refused."""
        room.pending.append((watcher, pending))
        if not room.deciding:
            room.deciding = True
            self.spawn(self._decide(room))

    async def _decide(self, room: Room) -> None:
        """Decide what waits, again and again while something waits; answers and frames go out together."""
        try:
            while room.pending:
                batch = [room.pending.popleft() for _one in range(min(len(room.pending), MOST_AT_ONCE))]
                asked = [pending for _watcher, pending in batch]
                try:
                    answers, committed = await in_thread(_decided, room.auction_id, asked)
                except Exception:  # the database is away: nobody knows what became of them, their keys do
                    logger.exception("hub: bids of auction %s without an answer", room.auction_id)
                    answers, committed = [{"unknown": pending.key} for pending in asked], []
                for (watcher, _pending), answer in zip(batch, answers, strict=True):
                    watcher.put(encode(answer))
                for events in committed:
                    self.hear(events[0].process_id, events)
                    tell_hubs(events, but=self)
                    publish(events)
                if len(batch) > 1:
                    await asyncio.sleep(GATHER_SECONDS)
        finally:
            room.deciding = False

    # Something newer

    def hear(self, process_id: int, events: list[Event] | None = None) -> None:
        """Take the word that a process has something newer, with the events if they are at hand; called in the hub's loop."""
        room = self.rooms.get(process_id)
        if room is None:
            return
        if events and not room.reading and room.number and room.follows(events):
            self._tell(room, events)
            return
        if events and events[-1].number <= room.number:
            return
        room.stale = True
        if not room.reading:
            room.reading = True
            self.spawn(self._read(room))

    async def _read(self, room: Room) -> None:
        try:
            while room.stale:
                room.stale = False
                events = await in_thread(newer, room.process_id, room.number)
                self._tell(room, events)
                room.stale = room.stale or len(events) >= Room.KEPT
        finally:
            room.reading = False

    def _tell(self, room: Room, events: list[Event]) -> None:
        room.broadcast(events)
        if room.ranks and any(event.name in MOVES_STANDINGS for event in events):
            self.spawn(self._rank(room))

    async def _rank(self, room: Room) -> None:
        async with room.making:  # one after another, so that the newest reading stays
            ranked: Standings | None = await in_thread(standings, room.auction_id)
            room.ranked = ranked or []
            room.tell_own()

    async def snapshot(self, room: Room, kind: Viewer) -> tuple[int, str]:
        """Return the whole state with its number, as a message made once for all who ask at the same number."""
        async with room.making:
            known = room.snapshots.get(kind)
            if known is None or known[0] != room.number:
                state = await in_thread(state_of, room.auction_id, kind)
                known = room.snapshots[kind] = (state["n"], encode({"snapshot": state}))
        return known

    # The look at the database, the heartbeat, and what falls due

    async def _watch(self) -> None:
        beat = 0.0
        while True:
            pause = LOOK_SECONDS
            try:
                found: list[Head] = await in_thread(heads, list(self.rooms))
                now = clock.now()
                for head in found:
                    room = self.rooms.get(head.process_id)
                    if room is None:
                        continue
                    if head.number > room.number:
                        self.hear(head.process_id)
                    left = (head.due_at - now).total_seconds() if head.due_at else LOOK_SECONDS
                    if left <= 0:
                        self._move(room)
                    else:
                        pause = min(pause, left + 0.005)
                await self._cut_off()
                if time.monotonic() - beat >= HEARTBEAT_SECONDS - 0.05:
                    beat = time.monotonic()
                    for room in list(self.rooms.values()):
                        room.beat(milliseconds(now))
                    await in_thread(note_life)
            except Exception:  # the database is away: no heartbeat, so watchers know; try again
                logger.exception("hub: look at the database failed")
            await asyncio.sleep(pause)

    async def _cut_off(self) -> None:
        """End the sockets of firms that were suspended."""
        sockets = [one for room in self.rooms.values() for one in room.watchers if one.identity.organization_id]
        if not sockets:
            return
        gone = await in_thread(suspended_among, list({one.identity.organization_id for one in sockets}))
        for one in sockets:
            if one.identity.organization_id in gone and one.label:
                one.cut_off()

    def _move(self, room: Room) -> None:
        """Open or close an auction whose time has come: whoever notices first does it, and it is done once."""
        now = time.monotonic()
        if now - room.moved_at < 1:
            return
        room.moved_at = now
        self.spawn(self._advance(room))

    async def _advance(self, room: Room) -> None:
        await in_thread(move, room.auction_id)
        self.hear(room.process_id)

    def spawn(self, work: Any) -> None:
        """Let something run beside the rest, and log it when it fails."""
        task = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("hub: task failed", exc_info=task.exception())


def _decided(auction_id: int, pending: list[Pending]) -> tuple[list[dict[str, Any]], list[list[Event]]]:
    """Decide in a thread; return the answers and what was committed with them."""
    with caught() as committed:
        return decide(auction_id, pending), committed
