"""Resident memory of an idle socket, beside a bare ASGI socket under the same server."""

import asyncio
import statistics
from pathlib import Path
from typing import Any

from tests.benchmarks.live_servers import ROUNDS, Unavailable, database, set_stage, web
from tests.benchmarks.rows import Row
from tests.benchmarks.socket_clients import Socket, enter, request_for
from tests.benchmarks.socket_clients import run as run_clients

NAME = "Memory of an idle socket"
NEEDS_DATABASE = False
GOAL = (
    "a machine holds as many watchers as its memory lets it, and most only wait. 2,000 sockets come after 200 others, so that what a server "
    "takes once is not counted; both kinds under uvicorn with the same modules loaded, in a fresh process for each of the rounds in turns. "
    "The reference does nothing but wait for a message"
)
BEFORE, SOCKETS, TIMES = 200, 2000, ROUNDS or 3
SETTLE = 5.0  # a few heartbeats


def resident(process: int) -> int:
    """Return the resident memory of a process in bytes."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return 1024 * int(line.split()[1])
    raise AssertionError("no VmRSS")


async def grow(port: int, path: str, process: int) -> float:
    """Return the KiB that each of 2,000 sockets adds."""
    makers: list[Any] = [lambda: Socket(request_for(port, path))]
    sockets = await enter(port, makers * BEFORE)
    await asyncio.sleep(SETTLE)
    before = resident(process)
    sockets += await enter(port, makers * SOCKETS)
    await asyncio.sleep(SETTLE)
    assert all(socket.is_open for socket in sockets), "the server closed sockets"
    return (resident(process) - before) / SOCKETS / 1024


def run() -> list[Row]:
    for kind in ("postgres", "sqlite"):
        try:
            with database(kind) as environment:
                return measure(environment)
        except Unavailable as problem:
            print(f"  on SQLite: {problem}", flush=True)
    raise AssertionError("SQLite is always there")


def measure(environment: dict[str, str]) -> list[Row]:
    auction = set_stage(environment, firms=2)[0]
    found: dict[str, list[float]] = {f"/ws/auctions/{auction['number']}/": [], "/raw/": []}
    for _round in range(TIMES):
        for path, values in found.items():
            with web(environment) as (port, process):
                values.append(run_clients(grow(port, path, process)))
            print(f"  {path}: {values[-1]:.1f} KiB", flush=True)
    ours, raw = (statistics.median(values) for values in found.values())
    return [Row(name="Memory per idle socket", ours=ours, reference=raw, unit="KiB", goal="ratio <= 1.5")]
