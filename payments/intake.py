"""Alipay's notify address as an ASGI application of its own: notices that wait are booked together, each answered after the commit.

The view of the same address does the same for one notice at a time, for servers that do not speak ASGI.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from marketplace.core.events import deferred, deliver_of
from marketplace.core.threads import in_thread

from .actions import apply_notices
from .alipay.notify import MAX_BYTES
from .models import Notice

logger = logging.getLogger(__name__)
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
MOST_AT_ONCE = 64
GATHER_SECONDS = 0.001  # how long the next of those that come together is waited for
QUIET_SECONDS = 0.1
_tills: dict[asyncio.AbstractEventLoop, Till] = {}


class Till:
    """Book what waits, one group after another; one for each event loop."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[bytes, asyncio.Future[bool]]] = deque()
        self.owed: set[int] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.is_working = self.is_delivering = False
        self.together = 1  # how many the last group had

    async def take(self, raw: bytes) -> bool:
        """Return whether a notice was believed; when this returns, what it did is committed. Raises what the database raises."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.waiting.append((raw, future))
        if not self.is_working:
            self.is_working = True
            self._spawn(self._work())
        return await future

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _work(self) -> None:
        try:
            while self.waiting:
                await self._gather()
                group = [self.waiting.popleft() for _one in range(min(len(self.waiting), MOST_AT_ONCE))]
                try:
                    answers, processes = await in_thread(_book, [raw for raw, _future in group])
                except Exception as error:  # noqa: BLE001 - each of them is told
                    for _raw, future in group:
                        if not future.done():
                            future.set_exception(error)
                    continue
                self.owed |= processes
                for (_raw, future), answer in zip(group, answers, strict=True):
                    if not future.done():
                        future.set_result(answer)
                self.together = len(group)
        finally:
            self.is_working = False
        if self.owed and not self.is_delivering:
            self.is_delivering = True
            self._spawn(self._deliver())

    async def _gather(self) -> None:
        """Wait for as many as came together before, while more of them come: what a group costs at all is shared by all."""
        while (known := len(self.waiting)) < self.together:
            await asyncio.sleep(GATHER_SECONDS)
            if len(self.waiting) == known:
                return

    async def _deliver(self) -> None:
        """Do what follows from the payments once it is quiet; when it is not, the worker does it."""
        try:
            while self.owed:
                before = len(self.owed)
                await asyncio.sleep(QUIET_SECONDS)
                if self.is_working or len(self.owed) != before:
                    continue
                processes, self.owed = self.owed, set()
                if len(processes) <= MOST_AT_ONCE:
                    await in_thread(deliver_of, processes)
        except Exception:
            logger.exception("what follows from payments waits for the worker")
        finally:
            self.is_delivering = False


def _book(bodies: list[bytes]) -> tuple[list[bool], set[int]]:
    """Apply notices in a thread; return which were believed, and the processes that owe somebody the news."""
    with deferred():
        notices = apply_notices(raw_bodies=bodies)
    believed = [notice.outcome != Notice.Outcome.REFUSED for notice in notices]
    told = (notice.charge.intent.process_id for notice in notices if notice.charge is not None)
    return believed, {process for process in told if process is not None}


async def take_notice(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Answer a notice: exactly `success` when it was believed, anything else makes it come again."""
    if scope["method"] != "POST":
        await _answer(send, 405, b"failure", (b"allow", b"POST"))
        return
    raw, is_more = b"", True
    while is_more and len(raw) <= MAX_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        raw += message.get("body", b"")
        is_more = message.get("more_body", False)
    if len(raw) > MAX_BYTES:
        await _answer(send, 413, b"failure")
        return
    loop = asyncio.get_running_loop()
    till = _tills.get(loop) or _tills.setdefault(loop, Till())
    try:
        is_believed = await till.take(raw)
    except Exception:
        logger.exception("a notice was not booked; the provider sends it again")
        await _answer(send, 503, b"failure")
        return
    await _answer(send, 200 if is_believed else 400, b"success" if is_believed else b"failure")


async def _answer(send: Send, status: int, body: bytes, *more: tuple[bytes, bytes]) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode()), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
