"""A bidder's or watcher's socket as a careful client would write it, which keeps a record of all that it sends and hears.

It speaks docs/realtime.md: hello, resume, frames, beats, bids by key, and the question what became of a key, over the socket where
the server knows it there and over HTTP. Whatever the protocol forbids the server to do is kept in `flaws`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.faults.checker import FAIL, INFO, OK, Op
from tests.faults.harness import ORIGIN

SESSION_COOKIE = "sessionid"
_keys = itertools.count(1)


class Lost(Exception):
    """Say that no answer came: the socket is gone, or the server took too long."""


@dataclass
class Picture:
    """Be what a screen shows: newest event, price, leader, end, and whether it is over."""

    n: int = 0
    h: str = ""
    seq: int = 0
    price: int | None = None
    ends: int = 0
    is_over: bool = False

    @property
    def key(self) -> tuple[Any, ...]:
        return self.n, self.h, self.seq, self.price, self.ends, self.is_over


@dataclass
class Client:
    """Be one socket into a room; `firm` is the name under which its bids are recorded, empty for a watcher."""

    number: str
    cookie: str = ""
    firm: str = ""
    picture: Picture = field(default_factory=Picture)
    ops: list[Op] = field(default_factory=list)
    flaws: list[str] = field(default_factory=list)
    frames: int = 0
    beats: list[float] = field(default_factory=list)
    times: list[int] = field(default_factory=list)  # what the server said the time was, ms
    close_code: int | None = None
    wire: ClientConnection | None = None
    reader: asyncio.Task[None] | None = None
    answers: dict[str, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)

    @property
    def is_connected(self) -> bool:
        return self.reader is not None and not self.reader.done()

    async def join(self, worker: Any, within: float = 20) -> Client:
        """Connect to a worker, also again, and catch up from the newest event that is known."""
        await self.leave()
        headers = {"Cookie": f"{SESSION_COOKIE}={self.cookie}"} if self.cookie else {}
        self.wire = await connect(
            worker.socket(self.number), origin=ORIGIN, additional_headers=headers, compression=None,  # type: ignore[arg-type]
            ping_interval=None, open_timeout=within, close_timeout=1, proxy=None,
        )  # fmt: skip
        self.here: int | None = None  # the newest event that this connection has told of in its own order
        self.catching: int | None = None  # how far the answer to "resume" has come, while it is being given
        self.greeted, self.caught_up = asyncio.Event(), asyncio.Event()
        self.reader = asyncio.create_task(self._read(self.wire))
        await self._wait(self.greeted, within)
        self.catching = self.picture.n
        await self.send(resume=self.picture.n)
        await self.send(ping=1)  # answered after the frames, so we know when they were all
        await self._wait(self.caught_up, within)
        return self

    async def _wait(self, event: asyncio.Event, within: float) -> None:
        assert self.reader is not None
        waiting = asyncio.create_task(event.wait())
        await asyncio.wait({waiting, self.reader}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        if not event.is_set():
            waiting.cancel()
            raise Lost(f"closed with {self.close_code}" if self.reader.done() else "no greeting")

    async def send(self, **message: Any) -> None:
        if self.wire is None:
            raise Lost("not connected")
        try:
            await self.wire.send(json.dumps(message))
        except ConnectionClosed as closed:
            raise Lost(str(closed)) from closed

    async def leave(self, *, rudely: bool = False) -> None:
        """Close the socket; `rudely` without saying so, as a phone does that loses its network."""
        if self.wire is not None:
            if rudely:
                self.wire.transport.abort()
            else:
                await self.wire.close()
        if self.reader is not None:
            with suppress(asyncio.CancelledError):
                await self.reader
        self.wire = self.reader = None

    async def _read(self, wire: ClientConnection) -> None:
        try:
            async for text in wire:
                heard = json.loads(text)
                for message in heard if isinstance(heard, list) else [heard]:
                    self._hear(message)
        except ConnectionClosed:
            pass
        finally:
            self.close_code = wire.close_code
            for answer in self.answers.values():
                if not answer.done():
                    answer.set_exception(Lost(f"closed with {self.close_code}"))
                    answer.exception()  # heard or not, it is not an error of the loop
            self.answers.clear()

    # What comes in

    def _hear(self, message: dict[str, Any]) -> None:
        match message:
            case {"hello": int() as number}:
                self.here = number
                self.greeted.set()
            case {"n": int() as number, "e": str()}:
                self._frame(number, message)
            case {"beat": int() as number}:
                self.beats.append(time.monotonic())
                if self.here is not None and number != self.here:
                    self.flaws.append(f"beat {number} while the stream is at {self.here}")
            case {"snapshot": state}:
                self._snapshot(state)
            case {"pong": _sent, "t": int() as now}:
                self.times.append(now)
                if self.here is not None and self.picture.n < self.here:
                    self.flaws.append(f"resumed to {self.picture.n}, the stream is at {self.here}")
                self.catching = None
                self.caught_up.set()
            case {"ack": str() as key} | {"refused": str() as key} | {"unknown": str() as key}:
                answer = self.answers.pop(key, None)
                if answer is not None and not answer.done():
                    answer.set_result(message)
            case {"own": _}:
                pass
            case _:
                self.flaws.append(f"not in the protocol: {message}")

    def _frame(self, number: int, frame: dict[str, Any]) -> None:
        """Follow a frame: the stream has no gaps and never goes back; the answer to a resume has no gaps either.

        What came live while the question was under way comes once more with its answer.
        """
        self.frames += 1
        is_live = self.here is not None and number == self.here + 1
        is_missed = self.catching is not None and number == self.catching + 1
        if is_live:
            self.here = number
        elif is_missed:
            self.catching = number
        if not is_live and not is_missed:
            self.flaws.append(f"frame {number} while the stream is at {self.here}, the resume at {self.catching}")
        if number == self.picture.n + 1:
            self._show(frame)

    def _show(self, frame: dict[str, Any]) -> None:
        picture = self.picture
        picture.n, picture.h = frame["n"], frame["h"]
        if frame["e"] == "bid" and frame["seq"] > picture.seq:
            picture.seq, picture.price = frame["seq"], frame.get("price")
        if "ends" in frame:
            if frame["ends"] < picture.ends:
                self.flaws.append(f"event {frame['n']} moves the end back by {picture.ends - frame['ends']} ms")
            picture.ends = frame["ends"]
        if frame["e"] in {"close", "fail", "cancel"}:
            picture.is_over = True

    def _snapshot(self, state: dict[str, Any]) -> None:
        if self.catching is None:
            self.flaws.append("a snapshot that nobody asked for")
        elif state["n"] < self.picture.n:
            self.flaws.append(f"snapshot of {state['n']} after {self.picture.n}")
        self.catching = state["n"]
        self.here = max(self.here or 0, 0)
        is_over = state["status"] in {"closed", "failed"}
        self.picture = Picture(state["n"], state["h"], state["seq"], state["price"], state["ends"], is_over)

    # Bids

    async def bid(self, amount_fen: int, key: str = "", within: float = 10) -> Op:
        """Send a bid and return it with its answer; without an answer it is recorded as open and Lost is raised."""
        op = Op(self.firm, key or new_key(self.firm), amount_fen, sent=0.0)
        self.ops.append(op)
        return await self.offer(op, within)

    async def offer(self, op: Op, within: float = 10) -> Op:
        """Send a recorded bid, for the first time or again under the same key."""
        if op.key in self.answers:  # the same key is on its way already: both hear the same answer
            answer = self.answers[op.key]
        else:
            answer = self.answers[op.key] = asyncio.get_running_loop().create_future()
        if not op.sent:
            op.wall, op.sent = time.time(), time.monotonic()
        try:
            await self.send(bid={"key": op.key, "amount_fen": op.amount_fen, "confirm": True})
            took(op, await asyncio.wait_for(asyncio.shield(answer), within))
        except TimeoutError as late:
            raise Lost("no answer") from late
        finally:
            if self.answers.get(op.key) is answer:
                del self.answers[op.key]
        return op


def new_key(firm: str) -> str:
    return f"{firm}-{next(_keys)}-{time.monotonic_ns()}"[-64:]


def took(op: Op, answer: dict[str, Any]) -> None:
    """Write an answer into the record of its bid. One that leaves the outcome open does not close it."""
    if "unknown" in answer or answer.get("code") == "unavailable":
        op.kind, op.code = INFO, "unavailable"
        return
    op.answered = time.monotonic()
    if "ack" in answer:
        op.kind, op.sequence, op.code = OK, answer["seq"], ""
        assert answer["amount_fen"] == op.amount_fen, answer
    else:
        op.kind, op.code = FAIL, answer["code"]


async def outcome(worker: Any, client: Client, key: str) -> dict[str, Any]:
    """Ask a worker over HTTP what became of a key: an ack, a refusal, or unknown. Raises Lost when it can't say."""
    headers = {"Cookie": f"{SESSION_COOKIE}={client.cookie}", "Accept": "application/json"}
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
            answer = await http.get(
                f"{worker.url}/auctions/{client.number}/outcome/", params={"key": key}, headers=headers
            )
    except httpx.HTTPError as gone:
        raise Lost(str(gone)) from gone
    if answer.status_code != 200:
        raise Lost(f"status {answer.status_code}")
    return dict(answer.json())


async def settle(worker: Any, client: Client, op: Op, seconds: float = 15) -> Op:
    """Bring a bid without an answer to its end as docs/realtime.md says: ask, then send again with the same key."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            answer = await outcome(worker, client, op.key)
            if "unknown" not in answer:
                took(op, answer)
                return op
            if not client.is_connected:
                await client.join(worker, within=5)
            await client.offer(op, within=5)
            if op.kind != INFO:
                return op
        except (Lost, OSError, InvalidHandshake, TimeoutError):
            pass
        await asyncio.sleep(0.1)
    raise AssertionError(f"{op.key} has no outcome after {seconds} s")
