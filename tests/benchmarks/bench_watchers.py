"""One bid to 2,000 watchers, beside a bare ASGI broadcast and a plain Channels group under the same server."""

import asyncio
import statistics
import time
from typing import Any

from tests.benchmarks.live_servers import ROUNDS, Unavailable, database, set_stage, web
from tests.benchmarks.rows import Row
from tests.benchmarks.socket_clients import Socket, enter, get_json, leave, request_for, until
from tests.benchmarks.socket_clients import run as run_clients
from tests.benchmarks.stage import CEILING_FEN, STEP_FEN

NAME = "A bid to 2,000 watchers"
NEEDS_DATABASE = False
GOAL = (
    "everybody must see the price before they answer it. From the commit of a real bid, made over a real socket, to the moment when its "
    "frame is at the last of 2,000 sockets: ours reads the event, encodes it and writes it through consumer and buffer; the references "
    "take the same frame ready at the commit, a bare ASGI app writes it to as many sockets, a plain Channels group (in-memory layer) "
    "sends it to as many consumers. One worker of uvicorn on one core, the watchers on the other; counted is that each got each frame once. "
    "Deliveries per second are 2,000 over the median"
)
WATCHERS, BIDS, TIMES = 2000, 50, ROUNDS or 3
BIDS_IN_A_GROUP = 15  # each takes half a second
MARK = b'"e":"bid"'


class Crowd:
    """Count the frames that arrive at all watchers, and keep when the last one did."""

    def __init__(self) -> None:
        self.frames, self.last = 0, 0.0


class Watcher(Socket):
    def __init__(self, request: bytes, crowd: Crowd) -> None:
        super().__init__(request)
        self.crowd = crowd

    def heard(self, message: bytes) -> None:
        if frames := message.count(MARK):
            self.crowd.frames += frames
            self.crowd.last = time.monotonic()


class Bidder(Socket):
    """Keep the numbers of the events that its accepted bids became."""

    def __init__(self, request: bytes) -> None:
        super().__init__(request)
        self.answers: asyncio.Queue[bytes] = asyncio.Queue()

    def heard(self, message: bytes) -> None:
        if b'"ack":' in message or b'"refused":' in message:
            self.answers.put_nowait(message)

    async def bid(self, amount_fen: int) -> None:
        self.say(b'{"bid":{"key":"key-%d","amount_fen":%d}}' % (amount_fen, amount_fen))
        message = await asyncio.wait_for(self.answers.get(), 30)
        assert b'"ack":' in message, message


class Room:
    """Be an auction with two firms that bid in turn."""

    def __init__(self, port: int, auction: dict[str, Any]) -> None:
        self.port, self.auction, self.amount_fen = port, auction, CEILING_FEN
        self.path = f"/ws/auctions/{auction['number']}/"

    async def enter(self) -> None:
        sessions = [person["session"] for person in self.auction["bidders"]]
        makers = [lambda key=key: Bidder(request_for(self.port, self.path, key)) for key in sessions]
        self.bidders: list[Bidder] = await enter(self.port, makers)

    async def bid(self) -> None:
        self.amount_fen -= STEP_FEN
        self.bidders.reverse()
        await self.bidders[0].bid(self.amount_fen)

    async def measure(self, path: str, bids: int) -> list[float]:
        """Return for each bid the seconds from its commit to the last watcher at `path`."""
        crowd, lasts = Crowd(), []
        sockets = await enter(self.port, [lambda: Watcher(request_for(self.port, path), crowd)] * WATCHERS)
        await self.bid()  # warms up; and whoever gets it is really inside
        await until(lambda: crowd.frames >= WATCHERS, 30, f"frames at all watchers of {path}")
        for count in range(2, bids + 2):
            await self.bid()
            await until(lambda count=count: crowd.frames >= WATCHERS * count, 30, f"frames at all watchers of {path}")
            lasts.append(crowd.last)
            await asyncio.sleep(0.02)
        assert crowd.frames == WATCHERS * (bids + 1), f"{crowd.frames} frames at {path}"
        accepted = await asyncio.to_thread(get_json, self.port, "/accepted/")
        numbers = sorted(map(int, accepted))[-bids:]
        assert len(numbers) == bids, "the server told of fewer bids than were acknowledged"
        await leave(self.port, sockets)
        return [last - accepted[str(number)] for last, number in zip(lasts, numbers, strict=True)]


async def measure(port: int, auction: dict[str, Any]) -> dict[str, list[float]]:
    room = Room(port, auction)
    await room.enter()
    found: dict[str, list[float]] = {"ours": [], "raw": [], "group": []}
    for _round in range(TIMES):
        for kind, path, bids in (
            ("ours", room.path, BIDS),
            ("raw", "/raw/", BIDS),
            ("group", "/group/", BIDS_IN_A_GROUP),
        ):
            times = await room.measure(path, bids)
            found[kind] += times
            print(f"  {kind}: median {1000 * statistics.median(times):.1f} ms", flush=True)
    return found


def run() -> list[Row]:
    for kind in ("postgres", "sqlite"):
        try:
            with database(kind) as environment:
                auction = set_stage(environment, firms=2)[0]
                with web(environment) as (port, _process):
                    return rows(run_clients(measure(port, auction)))
        except Unavailable as problem:
            print(f"  on SQLite: {problem}", flush=True)
    raise AssertionError("SQLite is always there")


def rows(found: dict[str, list[float]]) -> list[Row]:
    rate = {kind: WATCHERS / statistics.median(times) for kind, times in found.items()}
    p99 = {kind: 1000 * sorted(times)[int(len(times) * 0.99)] for kind, times in found.items()}
    p50 = {kind: 1000 * statistics.median(times) for kind, times in found.items()}
    what = "accept to last of 2,000 watchers"
    return [
        Row(
            name="Deliveries, 2,000 watchers, beside bare ASGI",
            ours=rate["ours"],
            reference=rate["raw"],
            unit="frames/s",
            goal="ratio >= 0.9",
        ),
        Row(
            name="Deliveries, 2,000 watchers, beside a Channels group",
            ours=rate["ours"],
            reference=rate["group"],
            unit="frames/s",
            goal="ratio >= 8",
        ),
        Row(name=f"Bid, {what}, p50", ours=p50["ours"], reference=p50["raw"], unit="ms", goal="ours <= 100"),
        Row(name=f"Bid, {what}, p99", ours=p99["ours"], reference=p99["raw"], unit="ms", goal="ours <= 100"),
    ]
