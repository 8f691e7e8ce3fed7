"""How a commit becomes news: to the hubs of this process at once, to other processes through the channel layer. May be lost."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from asgiref.sync import async_to_sync
from channels.layers import InMemoryChannelLayer, get_channel_layer

from marketplace.core.models import Event, Process

if TYPE_CHECKING:
    from .hub import Hub

logger = logging.getLogger(__name__)
GROUP = "process.{}"
PUBLISH_SECONDS = 1.0
SILENT_SECONDS = 5.0
CARRIED = 32

hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()
_caught = threading.local()
_silence: dict[str, float] = {}


def crossing_layer() -> Any:
    """Return the channel layer when it reaches other processes, else None: in memory there is nobody else to tell."""
    layer = get_channel_layer()
    return None if layer is None or isinstance(layer, InMemoryChannelLayer) else layer


@contextmanager
def caught() -> Iterator[list[list[Event]]]:
    """Collect what this thread commits meanwhile instead of announcing it: the hub that asked tells it together with answers."""
    found: list[list[Event]] = []
    _caught.events = found
    try:
        yield found
    finally:
        _caught.events = None


def announce(events: list[Event]) -> None:
    """Tell this process's hubs, and through the layer the others', that a process has something newer."""
    found = getattr(_caught, "events", None)
    if found is not None:
        found.append(events)
        return
    tell_hubs(events)
    publish(events)


def tell_hubs(events: list[Event], but: Hub | None = None) -> None:
    """Give the events to the hubs of this process, but for one that has them."""
    for loop, hub in list(hubs.items()):
        if hub is not but and events[0].process_id in hub.rooms and not loop.is_closed():
            loop.call_soon_threadsafe(hub.hear, events[0].process_id, events)


def publish(events: list[Event]) -> None:
    """Tell other processes through the layer; whoever runs an event loop here does it, so that nobody waits for Redis."""
    layer = crossing_layer()
    newest = events[-1]
    if layer is None or newest.process.kind != Process.Kind.CONTRACTING:
        return
    message = {"type": "process.newer", "process": newest.process_id, "number": newest.number, "events": packed(events)}
    for loop, hub in list(hubs.items()):
        if loop.is_running():
            loop.call_soon_threadsafe(hub.spawn, publish_on(layer, message))
            return
    async_to_sync(publish_on)(layer, message)


def packed(events: list[Event]) -> list[list[Any]]:
    """Return what others need to tell of events without reading them; nothing when there are many."""
    if len(events) > CARRIED:
        return []
    return [
        [one.number, one.name, one.at.isoformat(), one.visibility, one.hash, json.dumps(one.data)] for one in events
    ]


def unpacked(message: dict[str, Any]) -> list[Event]:
    """Return the events of a message, as much of each as a frame tells."""
    return [
        Event(
            process_id=message["process"],
            number=number,
            name=name,
            at=datetime.fromisoformat(at),
            visibility=visibility,
            hash=digest,
            data=json.loads(data),
        )
        for number, name, at, visibility, digest, data in message.get("events", ())
    ]


async def publish_on(layer: Any, message: dict[str, Any]) -> None:
    """Publish one message; after a failure be silent for a while, for the others look at the database anyway."""
    if time.monotonic() < _silence.get("until", 0.0):
        return
    try:
        await asyncio.wait_for(layer.group_send(GROUP.format(message["process"]), message), PUBLISH_SECONDS)
    except Exception:
        _silence["until"] = time.monotonic() + SILENT_SECONDS
        logger.exception("hub: channel layer is away")
