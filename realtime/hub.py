"""The hub: one per process; it reads each event once and writes it to everybody who watches the auction here.

Anything may tell the hub that a process has something newer: the commit in this process, a message of another process
through the channel layer, or the hub's own look at the database twice a second. All three do the same: read the events that
are missing and send them, in order. So a lost message costs half a second and never an event.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from weakref import WeakKeyDictionary

from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.layers import InMemoryChannelLayer, get_channel_layer

from marketplace.bidding.disclosure import Viewer, encode, milliseconds
from marketplace.core import clock
from marketplace.core.models import Event

from .rooms import Head, Room, heads, move, newer, state_of

logger = logging.getLogger(__name__)
LOOK_SECONDS = 0.5
HEARTBEAT_SECONDS = 2.0
PUBLISH_SECONDS = 1.0
GROUP = "process.{}"
THREADS = 4

_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="hub")
_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def in_thread(function: Callable[..., Any], *args: Any) -> Awaitable[Any]:
    """Run a function that uses the database in a thread of the hub's own, beside the pages' requests."""
    return database_sync_to_async(function, thread_sensitive=False, executor=_threads)(*args)


def get_hub() -> Hub:
    """Return the hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub(loop)
    return _hubs[loop]


class Hub:
    """Hold the rooms that somebody watches in this process, keyed by the process's id."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.rooms: dict[int, Room] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.watching: asyncio.Task[None] | None = None
        self.listening: asyncio.Task[None] | None = None
        self.channel = ""

    # Watchers come and go

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
        self._spawn(self._unsubscribe(room.process_id))
        if not self.rooms:
            for task in (self.watching, self.listening):
                if task is not None:
                    task.cancel()
            self.watching = self.listening = None
            self.channel = ""

    async def _open(self, room: Room) -> None:
        await self._subscribe(room.process_id)
        room.fill(await in_thread(newer, room.process_id, None))
        if self.watching is None:
            self.watching = self.loop.create_task(self._watch())

    # Something newer

    def hear(self, process_id: int) -> None:
        """Take the word that a process has something newer; called in the hub's loop."""
        room = self.rooms.get(process_id)
        if room is None:
            return
        room.stale = True
        if not room.reading:
            room.reading = True
            self._spawn(self._read(room))

    async def _read(self, room: Room) -> None:
        try:
            while room.stale:
                room.stale = False
                events: list[Event] = await in_thread(newer, room.process_id, room.number)
                room.broadcast(events)
                room.stale = room.stale or len(events) >= Room.KEPT
        finally:
            room.reading = False

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
                if time.monotonic() - beat >= HEARTBEAT_SECONDS - 0.05:
                    beat = time.monotonic()
                    for room in list(self.rooms.values()):
                        room.beat(milliseconds(now))
            except Exception:  # the database is away: no heartbeat, so watchers know; try again
                logger.exception("hub: look at the database failed")
            await asyncio.sleep(pause)

    def _move(self, room: Room) -> None:
        """Open or close an auction whose time has come: whoever notices first does it, and it is done once."""
        now = time.monotonic()
        if now - room.moved_at < 1:
            return
        room.moved_at = now
        self._spawn(self._advance(room))

    async def _advance(self, room: Room) -> None:
        await in_thread(move, room.auction_id)
        self.hear(room.process_id)

    # Between processes: one subscription per process and auction

    async def _subscribe(self, process_id: int) -> None:
        layer = crossing_layer()
        if layer is None:
            return
        try:
            if not self.channel:
                self.channel = await layer.new_channel()
                self.listening = self.loop.create_task(self._listen(layer, self.channel))
            await layer.group_add(GROUP.format(process_id), self.channel)
        except Exception:  # the look at the database still finds every event
            logger.exception("hub: channel layer is away")

    async def _unsubscribe(self, process_id: int) -> None:
        layer = crossing_layer()
        if layer is not None and self.channel and process_id not in self.rooms:
            await layer.group_discard(GROUP.format(process_id), self.channel)

    async def _listen(self, layer: Any, channel: str) -> None:
        while True:
            try:
                message = await layer.receive(channel)
            except Exception:
                logger.exception("hub: channel layer is away")
                await asyncio.sleep(1)
                continue
            self.hear(message["process"])

    def _spawn(self, work: Any) -> None:
        task = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("hub: task failed", exc_info=task.exception())


def crossing_layer() -> Any:
    """Return the channel layer when it reaches other processes, else None: in memory there is nobody else to tell."""
    layer = get_channel_layer()
    return None if layer is None or isinstance(layer, InMemoryChannelLayer) else layer


def announce(event: Event) -> None:
    """Tell this process's hubs, and through the layer the others', that a process has something newer. May be lost."""
    for loop, hub in list(_hubs.items()):
        if event.process_id in hub.rooms and not loop.is_closed():
            loop.call_soon_threadsafe(hub.hear, event.process_id)
    layer = crossing_layer()
    if layer is not None and event.process.kind == event.process.Kind.CONTRACTING:
        async_to_sync(_publish)(layer, event.process_id)


async def _publish(layer: Any, process_id: int) -> None:
    message = {"type": "process.newer", "process": process_id}
    await asyncio.wait_for(layer.group_send(GROUP.format(process_id), message), PUBLISH_SECONDS)
