"""The room as server-sent events, for watchers whose way to us lets no socket through: the same feed, from us to them only.

A stream is one more watcher of the hub's room. `id:` is the event's number, so that a browser that comes back says itself
(`Last-Event-ID`) what it has; kinds are `frame`, `snapshot`, `own`, `beat`, and `resync` before we hang up on a slow reader.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from marketplace.bidding.room import encode

from . import limits
from .bids import Entrance
from .hub import get_hub
from .rooms import Room

WAITING_MESSAGES = 256
STREAM_SECONDS = 600.0  # then the browser comes again and resumes, and who it is is asked anew
RETRY_MILLISECONDS = 2000
HEADERS = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
KINDS = ("snapshot", "own", "beat")


@require_GET
async def stream(request: HttpRequest, number: str) -> HttpResponseBase:
    """Answer with the room's feed after event `after` (or the header Last-Event-ID), first with the whole state without it.

    Refuses as JSON, each with its sentence: 404 `auction_unknown`, 422 `after_invalid`, 429 `too_many_streams`, and 501
    `not_streaming` where the server can't stream (WSGI).
    """
    if not isinstance(request, ASGIRequest):
        return _refusal(
            "not_streaming", _("本服务器不支持事件流，请改用 events 接口读取。"), HTTPStatus.NOT_IMPLEMENTED
        )
    after = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
    if after and not (after.isdecimal() and len(after) < 16):
        return _refusal("after_invalid", _("参数 after 应为事件序号。"), HTTPStatus.UNPROCESSABLE_ENTITY)
    address = request.META.get("REMOTE_ADDR", "")
    if not limits.enter(address):
        sentence = _("同一地址打开的连接太多，请关闭一些页面后再试。")
        return _refusal("too_many_streams", sentence, HTTPStatus.TOO_MANY_REQUESTS)
    try:
        scope = {"cookies": request.COOKIES, "headers": request.scope["headers"]}
        entrance = await get_hub().enter(scope, number)
    except BaseException:
        limits.go(address)
        raise
    if entrance is None:
        limits.go(address)
        return _refusal("auction_unknown", _("没有编号为 %s 的竞价。") % number, HTTPStatus.NOT_FOUND)
    feed = Stream(entrance, address, int(after) if after else None)
    return StreamingHttpResponse(feed, content_type="text/event-stream; charset=utf-8", headers=HEADERS)


def _refusal(code: str, sentence: str, status: HTTPStatus) -> JsonResponse:
    return JsonResponse({"code": code, "message": sentence}, status=status)


class Stream:
    """Be a watcher whose messages are read one by one as events of a stream; it lets go of everything when it is closed."""

    def __init__(self, entrance: Entrance, address: str, after: int | None) -> None:
        self.entrance, self.address, self.number = entrance, address, after
        self.kind, self.label, self.identity = entrance.kind, entrance.label, entrance.identity
        self.room: Room | None = None
        self.waiting: deque[tuple[str, int]] = deque()
        self.count = 0
        self.wake = asyncio.Event()
        self.last_word = ""
        self.is_counted = True
        self.loop = asyncio.get_running_loop()

    def put(self, text: str, count: int = 1, number: int = 0) -> None:
        """Take messages for this stream; end it when its reader is too slow, for it can come back and resume."""
        if self.last_word:
            return
        self.waiting.append((text, count))
        self.count += count
        if self.count > WAITING_MESSAGES:
            self._end("resync")
        self.wake.set()

    def put_frames(self, message: dict[str, Any], text: str, count: int, number: int) -> None:
        """Take frames as anything else: a stream has a shape of its own for them."""
        self.put(text, count, number)

    def put_beat(self, text: str) -> None:
        """Take a heartbeat unless something else is waiting: then the reader will hear soon enough."""
        if not self.waiting:
            self.put(text)

    def cut_off(self) -> None:
        """End the stream of a firm that was suspended."""
        self._end("suspended")

    def _end(self, word: str) -> None:
        self.waiting.clear()
        self.count = 0
        self.last_word = word
        self._leave()
        self.wake.set()

    def close(self) -> None:
        """Let go of the room and of the address's place; called from any thread, however the response ended."""
        with contextlib.suppress(RuntimeError):  # the loop has ended, and the room with it
            self.loop.call_soon_threadsafe(self._go)

    def _go(self) -> None:
        self._leave()
        if self.is_counted:
            self.is_counted = False
            limits.go(self.address)

    def _leave(self) -> None:
        if self.room is not None:
            get_hub().leave(self.room, self)
            self.room = None

    async def __aiter__(self) -> AsyncIterator[str]:
        """Yield the stream's text: what was missed, then what comes."""
        try:
            yield f"retry: {RETRY_MILLISECONDS}\n\n"
            for text in await self._enter():
                for piece in self._fresh(text, 1):
                    yield piece
            until = self.loop.time() + STREAM_SECONDS
            while not self.last_word and (left := until - self.loop.time()) > 0:
                while self.waiting:
                    text, count = self.waiting.popleft()
                    self.count -= count
                    for piece in self._fresh(text, count):
                        yield piece
                self.wake.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.wake.wait(), left)
            if self.last_word:
                yield f"event: {self.last_word}\ndata: {{}}\n\n"
        finally:
            self._go()

    async def _enter(self) -> list[str]:
        """Enter the room and return what the reader has not had: the missing frames, or the whole state and what follows it."""
        hub = get_hub()
        self.room = room = await hub.join(self.entrance.process_id, self.entrance.auction_id, self)
        own = [room.own(self.label)] if self.label and room.ranks else []
        if self.number is not None and (missed := room.missed(self.number, self.kind)) is not None:
            return missed + own
        number, state = await hub.snapshot(room, self.kind)
        return [state, *own, *(room.missed(number, self.kind) or ())]

    def _fresh(self, text: str, count: int) -> list[str]:
        """Return messages as events, frames that the reader has already left out: a number never comes twice or goes back."""
        pieces = []
        for number, piece in as_events(text, count):
            if number:
                if self.number is not None and number <= self.number and "event: frame" in piece:
                    continue
                self.number = number
            pieces.append(piece)
        return pieces


@lru_cache(maxsize=256)
def as_events(text: str, count: int) -> list[tuple[int, str]]:
    """Return messages, joined by commas, as pairs of number (0 where none moves on) and text of an event; made once for all."""
    messages = [json.loads(text)] if count == 1 else json.loads(f"[{text}]")
    return [_as_event(message, text if count == 1 else encode(message)) for message in messages]


def _as_event(message: dict[str, Any], text: str) -> tuple[int, str]:
    kind = next((kind for kind in KINDS if kind in message), "frame")
    number = message["snapshot"]["n"] if kind == "snapshot" else message.get("n", 0) if kind == "frame" else 0
    named = f"id: {number}\n" if number else ""
    return number, f"event: {kind}\n{named}data: {text}\n\n"
