"""The socket of an auction room: what watchers hear, and the bids that come in this way. docs/realtime.md has the messages."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from http import HTTPStatus
from typing import Any

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import DatabaseError
from django.utils import translation
from django.utils.translation import gettext as _

from marketplace.bidding.pace import may_bid
from marketplace.bidding.room import Viewer, encode, milliseconds
from marketplace.core import clock
from marketplace.core.pace import Bucket
from marketplace.core.refusals import Refused
from marketplace.core.threads import in_thread

from . import limits
from .bids import Identity, Pending, ask_outcome, told
from .hub import get_hub
from .rooms import Room
from .sending import Rest, begin

SUSPENDED = 4403
UNKNOWN_ROOM = 4404
RESYNC = 4408  # too slow to follow: come again and resume
TOO_LARGE = 4413
TOO_MANY_MESSAGES = 4429
TOO_MANY_SOCKETS = 4430
WAITING_MESSAGES = 256


class AuctionConsumer(AsyncWebsocketConsumer):
    """Be one socket in an auction's room.

    Everything that goes out passes one buffer, so that order is kept and nobody waits for a slow reader. What is put in
    during one turn of the event loop goes out together, without a task as long as the transport takes it at once.
    """

    channel_layer_alias = "none"  # the hub alone subscribes
    kind = Viewer.PUBLIC
    label = ""
    room: Room | None = None
    blocked: asyncio.Task[None] | None = None
    counted = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Run the socket in the task that it came with; no layer speaks to it, and no connection of its thread goes stale."""
        self.scope, self.base_send = scope, send
        try:
            with contextlib.suppress(StopConsumer):
                while True:
                    message = await receive()
                    await getattr(self, message["type"].replace(".", "_"))(message)
        finally:
            self._leave()

    async def connect(self) -> None:
        self.identity = Identity()
        self.waiting: deque[str] = deque()
        self.count = 0
        self.is_flushing = True  # nothing goes out before the greeting
        self.messages = Bucket(rate := settings.REALTIME_MESSAGES_PER_SECOND, int(2 * rate))
        self.address = (self.scope.get("client") or ("", 0))[0]
        self.counted = limits.enter(self.address)
        await self.accept()  # a code reaches the browser only after the handshake
        if not self.counted:
            await self.close(TOO_MANY_SOCKETS)
            return
        self.hub = get_hub()
        entrance = await self.hub.enter(self.scope, self.scope["url_route"]["kwargs"]["number"])
        if entrance is None:
            await self.close(UNKNOWN_ROOM)
            return
        self.kind, self.label, self.identity = entrance.kind, entrance.label, entrance.identity
        self.room = await self.hub.join(entrance.process_id, entrance.auction_id, self)
        hello = {"hello": self.room.number, "h": self.room.hash, "t": milliseconds(clock.now())}
        self.waiting.clear()  # what came in meanwhile is older than the greeting's number: who lacks it asks for it
        self.waiting.append(encode(hello | {"you": self.label, "viewer": str(self.kind)}))
        self.count = 1
        if self.room.ranks and self.label:
            self.put(self.room.own(self.label))
        self.is_flushing = False
        self._flush_soon()

    async def disconnect(self, code: int) -> None:
        self._leave()

    def _leave(self) -> None:
        """Let go of everything, however the socket ended; twice is as good as once."""
        if self.counted:
            self.counted = False
            limits.go(self.address)
        if self.room is not None:
            self.hub.leave(self.room, self)
            self.room = None
        if self.blocked is not None:
            self.blocked.cancel()

    # What goes out

    def put(self, text: str, count: int = 1, number: int = 0) -> None:
        """Take messages for this socket; close it when it is too slow, for it can come back and resume."""
        self.waiting.append(text)
        self.count += count
        if self.count > WAITING_MESSAGES:
            self._end(RESYNC)
        self._flush_soon()

    def put_frames(self, message: dict[str, Any], text: str, count: int, number: int) -> None:
        """Send frames at once to who only watches; a bidder's wait a little, for an answer may join them.

        Written for thousands of calls in a row: what is usual takes no further call.
        """
        if self.label or self.is_flushing or self.waiting:
            self.put(text, count, number)
            return
        sending = self.base_send(message)
        try:
            waiting = sending.send(None)
        except StopIteration:
            return
        except (OSError, RuntimeError):
            return
        self._wait_for(Rest(sending, waiting))

    def put_beat(self, text: str) -> None:
        """Take a heartbeat unless something else is waiting: then the reader will hear soon enough."""
        if not self.waiting:
            self.put(text)

    def cut_off(self) -> None:
        """Close the socket of a firm that was suspended."""
        self._end(SUSPENDED)

    def _end(self, code: int) -> None:
        if self.room is None:
            return
        self.hub.leave(self.room, self)
        self.room = None
        self.waiting.clear()
        self.count = 0
        if self.blocked is not None:
            self.blocked.cancel()
        self.is_flushing = True
        self.hub.spawn(self.close(code))

    def _flush_soon(self) -> None:
        if not self.is_flushing:
            self.is_flushing = True
            self.hub.flush_soon(self)

    def flush(self) -> None:
        """Send what waits as far as it goes without waiting; let a task do the rest."""
        self.is_flushing = False
        if self.room is not None and self.waiting:
            self._send(self._next())

    def _send(self, text: str) -> None:
        try:
            rest = begin(self.base_send({"type": "websocket.send", "text": text}))
        except (OSError, RuntimeError):  # gone; the disconnect follows
            return
        if rest is not None:
            self._wait_for(rest)

    def _wait_for(self, rest: Rest) -> None:
        self.is_flushing = True
        self.blocked = self.hub.loop.create_task(self._finish(rest))

    async def _finish(self, rest: Rest) -> None:
        try:
            await rest
            while self.waiting:
                await self.base_send({"type": "websocket.send", "text": self._next()})
        except (OSError, RuntimeError):
            return
        self.blocked, self.is_flushing = None, False

    def _next(self) -> str:
        """Take all that waits as one message: a single one as it is, several as a list."""
        text = self.waiting[0] if len(self.waiting) == 1 else ",".join(self.waiting)
        if self.count > 1:
            text = f"[{text}]"
        self.waiting.clear()
        self.count = 0
        return text

    # What comes in

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        room = self.room
        if room is None:
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
            case {"bid": {"key": str() as key, "amount_fen": int() as amount_fen} as bid}:
                self._bid(room, Pending(self.identity, key, amount_fen, bid.get("confirm") is True))
            case {"ping": int() | float() as sent}:
                self.put(encode({"pong": sent, "t": milliseconds(clock.now())}))
            case {"resume": int() as number} if number >= 0:
                await self._resume(room, number)
            case {"state": True}:
                self.put((await self.hub.snapshot(room, self.kind))[1])
            case {"outcome": str() as key}:
                self.put(encode(await self._outcome(room, key)))
            case _:
                self.put(encode({"error": "message_unknown"}))

    async def _resume(self, room: Room, number: int) -> None:
        if room.missed(number, self.kind) is None:
            number, text = await self.hub.snapshot(room, self.kind)
            self.put(text)
        missed = room.missed(number, self.kind) or []
        if missed:
            self.put(",".join(missed), len(missed), room.number)

    async def _outcome(self, room: Room, key: str) -> dict[str, Any]:
        try:
            return await in_thread(ask_outcome, room.auction_id, self.identity, key)
        except DatabaseError:
            return {"unknown": key}

    def _bid(self, room: Room, pending: Pending) -> None:
        """Let the hub decide a bid: an acknowledgement exists only once the bid is committed."""
        language = self.identity.language
        if self.identity.user_id and not may_bid(self.identity.user_id):
            with translation.override(language):
                message = _("报价太频繁，请稍等一秒再报。")
            refused = Refused("too_many_bids", message, status=HTTPStatus.TOO_MANY_REQUESTS)
            self.put(encode(told(language, pending.key, refused)))
            return
        self.hub.bid(room, self, pending)
