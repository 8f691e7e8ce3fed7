"""2,000 sockets of one auction that break at once and come back, beside 200 and beside bare ASGI sockets."""

import asyncio
import re
import statistics
import time
from typing import Any

from tests.benchmarks.bench_watchers import Room
from tests.benchmarks.live_servers import ROUNDS, Unavailable, database, set_stage, web
from tests.benchmarks.rows import Row
from tests.benchmarks.socket_clients import Socket, enter, get_json, leave, request_for, until
from tests.benchmarks.socket_clients import run as run_clients

NAME = "2,000 sockets come back at once"
NEEDS_DATABASE = False
GOAL = (
    "when a network or a proxy breaks, everybody comes back in the same second, and bidding goes on meanwhile: 20 bids are made during the storm. "
    "In sync is who has every frame up to the last of them, by resume or live, without a gap. The reference only opens as many bare sockets under "
    "the same server. Reads are counted at the server's database connections (SELECTs of all kinds, those of the 20 bids and of the hub's "
    "look twice a second included) in the ten seconds from the break on; a constant bounds them when 2,000 sockets cost what 200 do"
)
MANY, FEW, TIMES = 2000, 200, ROUNDS or 3
BIDS, WINDOW, PATIENCE = 20, 10.0, 120.0
NUMBER = re.compile(rb'"n":(\d+),"h"')
HELLO = re.compile(rb'"hello":(\d+)')


class Follower(Socket):
    """Follow the room as the page does: ask for what is missing after the hello, and take frames in order only."""

    def __init__(self, request: bytes, seen: int | None = None) -> None:
        super().__init__(request)
        self.seen = seen

    def heard(self, message: bytes) -> None:
        if found := HELLO.search(message):
            if self.seen is None:
                self.seen = int(found[1])
            elif int(found[1]) > self.seen:
                self.say(b'{"resume":%d}' % self.seen)
        if self.seen is None:
            return
        if b'"snapshot"' in message:
            self.seen = max(self.seen, *map(int, NUMBER.findall(message)))
            return
        for number in map(int, NUMBER.findall(message)):
            if number == self.seen + 1:
                self.seen = number


class Bare(Socket):
    seen = 0


async def storm(room: Room, sockets: int) -> tuple[float, int]:
    """Return the seconds from the break until all are in sync, and the reads of the first ten seconds."""
    makers = [lambda: Follower(request_for(room.port, room.path))] * sockets
    followers = await enter(room.port, makers)
    await until(lambda: all(follower.seen is not None for follower in followers), PATIENCE, "hello at all sockets")
    reads = await reads_of(room.port)
    began = time.perf_counter()
    for follower in followers:
        follower.transport.abort()
    again = [lambda seen=follower.seen: Follower(request_for(room.port, room.path), seen) for follower in followers]
    coming = asyncio.create_task(enter(room.port, again, at_once=sockets))
    for _bid in range(BIDS):
        await room.bid()
    last = max(map(int, await asyncio.to_thread(get_json, room.port, "/accepted/")))
    followers = await coming
    await until(lambda: all(follower.seen >= last for follower in followers), PATIENCE, "sync at all sockets")
    seconds = time.perf_counter() - began
    await asyncio.sleep(max(0.0, WINDOW - seconds))
    reads = await reads_of(room.port) - reads
    assert all(follower.is_open for follower in followers), "the server closed sockets"
    await leave(room.port, followers)
    return seconds, reads


async def bare_storm(room: Room, sockets: int) -> float:
    """Return the seconds in which as many bare sockets break and are open again."""
    makers = [lambda: Bare(request_for(room.port, "/raw/"))] * sockets
    crowd = await enter(room.port, makers)
    began = time.perf_counter()
    for one in crowd:
        one.transport.abort()
    crowd = await enter(room.port, makers, at_once=sockets)
    seconds = time.perf_counter() - began
    await leave(room.port, crowd)
    return seconds


async def reads_of(port: int) -> int:
    return int((await asyncio.to_thread(get_json, port, "/statements/")).get("SELECT", 0))


async def measure(port: int, auction: dict[str, Any]) -> list[Row]:
    room = Room(port, auction)
    await room.enter()
    many, few, bare = [], [], []
    for _round in range(TIMES):
        few.append(await storm(room, FEW))
        many.append(await storm(room, MANY))
        bare.append(await bare_storm(room, MANY))
        print(f"  200: {few[-1]}, 2,000: {many[-1]} (seconds, reads); bare 2,000: {bare[-1]:.2f} s", flush=True)
    seconds, reads = (statistics.median(values) for values in zip(*many, strict=True))
    few_seconds, few_reads = (statistics.median(values) for values in zip(*few, strict=True))
    return [
        Row(
            name="2,000 sockets back and in sync, beside bare ones",
            ours=seconds,
            reference=statistics.median(bare),
            unit="s",
            goal="ours <= 5",
        ),
        Row(name="200 sockets back and in sync", ours=few_seconds, reference=None, unit="s", goal="ours <= 5"),
        Row(
            name="Database reads, 2,000 back beside 200", ours=reads, reference=few_reads, unit="", goal="ratio <= 1.5"
        ),
    ]


def run() -> list[Row]:
    for kind in ("postgres", "sqlite"):
        try:
            with database(kind) as environment:
                auction = set_stage(environment, firms=2)[0]
                with web(environment) as (port, _process):
                    return run_clients(measure(port, auction))
        except Unavailable as problem:
            print(f"  on SQLite: {problem}", flush=True)
    raise AssertionError("SQLite is always there")
