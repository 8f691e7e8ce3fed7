"""The socket of an auction room: what watchers hear, and the bids that come in this way. docs/realtime.md has the messages."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from http import HTTPStatus

from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils import translation
from django.utils.translation import gettext as _

from marketplace.bidding.disclosure import Viewer, encode, milliseconds
from marketplace.core import clock
from marketplace.core.refusals import Refused

from . import limits
from .bids import Entrance, enter_room, language_of, take_bid
from .hub import get_hub, in_thread
from .rooms import Room

RESYNC = 4408  # too slow to follow: come again and resume
UNKNOWN_ROOM = 4404
TOO_MANY_MESSAGES = 4429
TOO_MANY_SOCKETS = 4430
TOO_LARGE = 4413
WAITING_MESSAGES = 256


class AuctionConsumer(AsyncWebsocketConsumer):
    """Be one socket in an auction's room.

    Everything that goes out passes one buffer and one writer, so that order is kept and nobody waits for a slow reader.
    """

    channel_layer_alias = "none"  # the hub alone subscribes
    kind = Viewer.PUBLIC

    async def connect(self) -> None:
        self.room: Room | None = None
        self.writer: asyncio.Task[None] | None = None
        self.waiting: deque[str] = deque()
        self.wake = asyncio.Event()
        self.messages, self.bids = limits.Bucket(20, 40), limits.Bucket(3, 5)
        self.bidding: set[asyncio.Task[None]] = set()
        self.address = (self.scope.get("client") or ("", 0))[0]
        self.counted = limits.enter(self.address)
        await self.accept()  # a code reaches the browser only after the handshake
        if not self.counted:
            await self.close(TOO_MANY_SOCKETS)
            return
        number = self.scope["url_route"]["kwargs"]["number"]
        entrance: Entrance | None = await in_thread(enter_room, self.scope, number)
        if entrance is None:
            await self.close(UNKNOWN_ROOM)
            return
        self.kind, self.auction_id = entrance.kind, entrance.auction_id
        self.hub = get_hub()
        self.room = await self.hub.join(entrance.process_id, entrance.auction_id, self)
        hello = {"hello": self.room.number, "h": self.room.hash, "t": milliseconds(clock.now())}
        self.waiting.appendleft(encode(hello | {"you": entrance.label, "viewer": str(self.kind)}))
        self.writer = asyncio.create_task(self._write())

    async def disconnect(self, code: int) -> None:
        if self.counted:
            limits.go(self.address)
        if self.room is not None:
            self.hub.leave(self.room, self)
        if self.writer is not None:
            self.writer.cancel()

    # What goes out

    def put(self, text: str) -> None:
        """Take a message for this socket; close it when it is too slow, for it can come back and resume."""
        self.waiting.append(text)
        if len(self.waiting) > WAITING_MESSAGES and self.room is not None:
            self.waiting.clear()
            self.hub.leave(self.room, self)
            self.room = None
            if self.writer is not None:
                self.writer.cancel()
            self.writer = asyncio.create_task(self.close(RESYNC))
        self.wake.set()

    def put_beat(self, text: str) -> None:
        """Take a heartbeat unless something else is waiting: then the reader will hear soon enough."""
        if not self.waiting:
            self.put(text)

    async def _write(self) -> None:
        with contextlib.suppress(OSError, RuntimeError):  # gone; the disconnect follows
            while True:
                while self.waiting:
                    await self.base_send({"type": "websocket.send", "text": self._next()})
                self.wake.clear()
                await self.wake.wait()

    def _next(self) -> str:
        """Take all that waits as one message: a single one as it is, several as a list."""
        if len(self.waiting) == 1:
            return self.waiting.popleft()
        text = f"[{','.join(self.waiting)}]"
        self.waiting.clear()
        return text

    # What comes in

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.room is None:
            return
        if not self.messages.take():
            await self.close(TOO_MANY_MESSAGES)
            return
        if bytes_data is not None or text_data is None or len(text_data.encode()) > limits.MESSAGE_BYTES:
            await self.close(TOO_LARGE)
            return
        try:
            message = json.loads(text_data)
        except (ValueError, RecursionError):
            message = None
        match message:
            case {"ping": int() | float() as sent}:
                self.put(encode({"pong": sent, "t": milliseconds(clock.now())}))
            case {"resume": int() as number} if number >= 0:
                await self._resume(number)
            case {"bid": {"key": str() as key, "amount_fen": int() as amount_fen} as bid}:
                task = asyncio.create_task(self._bid(key, amount_fen, confirmed=bid.get("confirm") is True))
                self.bidding.add(task)
                task.add_done_callback(self.bidding.discard)
            case _:
                self.put(encode({"error": "message_unknown"}))

    async def _resume(self, number: int) -> None:
        room = self.room
        if room is None:
            return
        if room.missed(number, self.kind) is None:
            number, text = await self.hub.snapshot(room, self.kind)
            self.put(text)
        for text in room.missed(number, self.kind) or ():
            self.put(text)

    async def _bid(self, key: str, amount_fen: int, *, confirmed: bool) -> None:
        """Answer a bid: an acknowledgement exists only once the bid is committed."""
        if not self.bids.take():
            with translation.override(language_of(self.scope)):
                message = _("报价太频繁，请稍等一秒再报。")
            self._refuse(key, Refused("too_many_bids", message, status=HTTPStatus.TOO_MANY_REQUESTS))
            return
        try:
            ack = await in_thread(take_bid, self.scope, self.auction_id, key, amount_fen, confirmed)
        except Refused as refused:
            self._refuse(key, refused)
        else:
            self.put(encode(ack))

    def _refuse(self, key: str, refused: Refused) -> None:
        answer = {"refused": key, "code": refused.code, "message": str(refused.message), "field": refused.field}
        self.put(encode(answer | {"status": int(refused.status)}))
