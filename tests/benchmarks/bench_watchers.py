"""Bids to 500 watchers, beside a bare ASGI broadcast under the same server."""

import asyncio
import os
import statistics
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import httpx

from tests.benchmarks.rows import Row

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "ops"))
from servers import free_port, is_listening  # noqa: E402

NAME = "Bids to 500 watchers"
GOAL = (
    "both commit the same bid; then ours reads the event, encodes it, and writes it through consumer and buffer, and the "
    "reference writes a ready text to as many bare sockets. Counted in frames; what waits for one socket goes as one message"
)
WATCHERS, SINGLE, BURST, ROUNDS = 500, 12, 30, 2


def prepare() -> str:
    """Make an auction with two firms and room for many bids; return its number."""
    from marketplace.bidding.actions import open_auction
    from marketplace.core import clock
    from tests.factories.bidding import make_bidder
    from tests.factories.tenders import make_tender

    began = clock.now() - timedelta(minutes=41)
    tender = make_tender(now=began, ceiling_fen=1_000_000_000, step_fen=100)
    for _firm in range(2):
        make_bidder(tender=tender, now=began + timedelta(minutes=1))
    open_auction(auction=tender.auction, now=tender.selection_at)
    return str(tender.number)


class Watcher(asyncio.Protocol):
    """Be a socket that costs next to nothing, so that the server is what is measured: it counts frames and parses none."""

    MARK = b'"e":"bid"'

    def __init__(self, crowd: "Crowd", request: bytes) -> None:
        self.crowd, self.request, self.rest = crowd, request, b""
        self.entered = asyncio.get_running_loop().create_future()

    def connection_made(self, transport) -> None:
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        if not self.entered.done():
            self.entered.set_result(data.startswith(b"HTTP/1.1 101"))
        data = self.rest + data
        self.rest = data[1 - len(self.MARK) :]
        self.crowd.hear(data.count(self.MARK))


class Crowd:
    """Hold 500 open sockets and count the frames that arrive."""

    def __init__(self) -> None:
        self.frames = 0
        self.wanted = 0
        self.there = asyncio.Event()

    async def gather(self, port: int, path: str) -> None:
        loop = asyncio.get_running_loop()
        request = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ).encode()
        self.sockets = []
        for _group in range(0, WATCHERS, 50):
            opening = [loop.create_connection(lambda: Watcher(self, request), "127.0.0.1", port) for _one in range(50)]
            opened = [watcher for _transport, watcher in await asyncio.gather(*opening)]
            assert all(await asyncio.gather(*(watcher.entered for watcher in opened))), "a socket was refused"
            self.sockets += opened
        await asyncio.sleep(1)

    def hear(self, frames: int) -> None:
        self.frames += frames
        if self.frames >= self.wanted:
            self.there.set()

    async def measure(self, push, times: int) -> float:
        """Return the seconds until `times` pushes have reached everybody."""
        self.frames, self.wanted = 0, WATCHERS * times
        self.there.clear()
        began = time.perf_counter()
        for _time in range(times):
            await push()
        await asyncio.wait_for(self.there.wait(), 60)
        return time.perf_counter() - began

    def leave(self) -> None:
        for socket in self.sockets:
            socket.transport.close()


async def measure(port: int, number: str) -> dict[str, dict[str, list[float]]]:
    amount = 999_999_900
    found: dict[str, dict[str, list[float]]] = {}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:

        async def bid() -> None:
            nonlocal amount
            amount -= 100
            (await client.post(f"/push/?amount={amount}")).raise_for_status()

        for _round in range(ROUNDS):
            for kind, path in (("ours", f"/ws/auctions/{number}/"), ("raw", "/raw/")):
                crowd = Crowd()
                await crowd.gather(port, path)
                await crowd.measure(bid, 2)
                times = found.setdefault(kind, {"single": [], "burst": []})
                times["single"] += [await crowd.measure(bid, 1) for _time in range(SINGLE)]
                times["burst"].append(await crowd.measure(bid, BURST))
                crowd.leave()
                await asyncio.sleep(0.5)
    return found


def run() -> list[Row]:
    number, port = prepare(), free_port()
    environment = {**os.environ, "REALTIME_MAX_SOCKETS_PER_ADDRESS": "2000", "BASE_URL": f"http://127.0.0.1:{port}"}
    command = [sys.executable, "-m", "uvicorn", "tests.benchmarks.watchers_app:application", "--port", str(port)]
    server = subprocess.Popen(
        [*command, "--log-level", "warning", "--ws-ping-interval", "600"], cwd=ROOT, env=environment
    )
    try:
        while not is_listening(port):
            if server.poll() is not None:
                raise RuntimeError("the benchmark's server did not start")
            time.sleep(0.1)
        found = asyncio.run(measure(port, number))
    finally:
        server.terminate()
        server.wait(20)
    rate = {kind: WATCHERS * BURST / statistics.median(times["burst"]) for kind, times in found.items()}
    wait = {kind: 1000 * statistics.median(times["single"]) for kind, times in found.items()}
    return [
        Row(name="deliveries", ours=rate["ours"], reference=rate["raw"], unit="frames/s", goal="ratio >= 0.5"),
        Row(name="bid to last watcher", ours=wait["ours"], reference=wait["raw"], unit="ms", goal="ratio <= 2"),
    ]
