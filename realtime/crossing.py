"""What a hub hears of other processes through the channel layer: one subscription per process and auction."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from .announcing import GROUP, crossing_layer, unpacked

if TYPE_CHECKING:
    from .hub import Hub

logger = logging.getLogger(__name__)


class Crossing:
    """Hold a hub's channel in the layer; without a layer that crosses processes it does nothing."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.channel = ""
        self.listening: asyncio.Task[None] | None = None

    async def subscribe(self, process_id: int) -> None:
        """Hear of a process from now on."""
        layer = crossing_layer()
        if layer is None:
            return
        try:
            if not self.channel:
                self.channel = await layer.new_channel()
                self.listening = self.hub.loop.create_task(self._listen(layer, self.channel))
            await layer.group_add(GROUP.format(process_id), self.channel)
        except Exception:  # the look at the database still finds every event
            logger.exception("hub: channel layer is away")

    async def unsubscribe(self, process_id: int) -> None:
        """Hear of a process no more, unless somebody has come back meanwhile."""
        layer = crossing_layer()
        if layer is not None and self.channel and process_id not in self.hub.rooms:
            await layer.group_discard(GROUP.format(process_id), self.channel)

    def end(self) -> None:
        """Hear nothing any more: nobody watches here."""
        if self.listening is not None:
            self.listening.cancel()
        self.listening = None
        self.channel = ""

    async def _listen(self, layer: Any, channel: str) -> None:
        """Hear other processes, and the layer itself: when it was away, everything may have been missed."""
        while True:
            try:
                message = await layer.receive(channel)
            except Exception:
                logger.exception("hub: channel layer is away")
                await asyncio.sleep(1)
                continue
            if message["type"] == "process.newer":
                room = self.hub.rooms.get(message["process"])
                if room is not None and message["number"] > room.number:
                    self.hub.hear(message["process"], unpacked(message))
            else:
                for process_id in list(self.hub.rooms):
                    self.hub.hear(process_id)
