"""Redis stops for five seconds, PostgreSQL is restarted and crashes: bidding goes on or says so, and screens catch up."""

from __future__ import annotations

import asyncio
import random
import signal
import time

import pytest

from tests.faults.arena import Arena, drop_unsent, keep_bidding, make_arena
from tests.faults.client import settle
from tests.faults.harness import Market
from tests.faults.truth import converged, flaws_of, log_of, protocol_flaws

REDIS, RESTART, CRASH = 0, 1, 2
LOOK_SECONDS = 1.5  # the hub's look at the database, twice a second, and some room for a busy machine


@pytest.fixture(scope="module")
def arena(market: Market):
    return make_arena(market, ends=[900, 900, 900])


def bidding(room, firms, workers, seconds: float) -> list[asyncio.Task[None]]:
    until, dice = time.monotonic() + seconds, random.Random(7)
    return [
        asyncio.create_task(keep_bidding(room, firm, workers, until, seed=dice.randrange(10**6), pause=0.2))
        for firm in firms
    ]


async def begun(arena: Arena, room) -> None:
    """Wait until bidding has begun: a few bids are in the log."""
    deadline = time.monotonic() + 10
    while len(await asyncio.to_thread(log_of, arena.market, room)) < 3:
        assert time.monotonic() < deadline, "nobody bids"
        await asyncio.sleep(0.05)


async def followed(arena: Arena, room, watcher, seconds: float) -> float:
    """Return the longest time that a screen lagged behind the log during so many seconds."""
    deadline, worst, behind_since, wanted = time.monotonic() + seconds, 0.0, None, 0
    while time.monotonic() < deadline:
        seq = len(await asyncio.to_thread(log_of, arena.market, room))
        now = time.monotonic()
        if watcher.picture.seq >= seq:
            behind_since = None
        elif behind_since is None or watcher.picture.seq >= wanted:
            behind_since, wanted = now, seq
        if behind_since is not None:
            worst = max(worst, now - behind_since)
        await asyncio.sleep(0.05)
    return worst


async def test_redis_stopped_for_five_seconds(arena):
    room = arena.scene["rooms"][REDIS]
    async with arena.crowd(room, 10, firms=4, workers=arena.workers[:1]) as crowd:
        other = arena.client(room)  # on the worker where nobody bids: only Redis or the database can tell it
        await other.join(arena.workers[1])
        firms, running = crowd[:4], []
        try:
            running = bidding(room, firms, arena.workers[:1], 9)
            await begun(arena, room)
            before = len(log_of(arena.market, room))
            arena.market.redis.stop(signal.SIGKILL)
            lag = await followed(arena, room, other, 5)
            during = len(log_of(arena.market, room)) - before
            await asyncio.to_thread(arena.market.redis.start)
            await asyncio.gather(*running)
        finally:
            for task in running:
                task.cancel()
        assert during > 3  # bids need no Redis
        assert lag < LOOK_SECONDS, lag
        await converged(arena.market, room, [*crowd, other])
        ops = [op for firm in firms for op in drop_unsent(firm.ops)]
        assert flaws_of(arena.market, room, ops) == []
        assert protocol_flaws([*crowd, other]) == []
        assert [op for op in ops if op.kind == "info"] == []
        await other.leave()


@pytest.mark.parametrize(
    ("place", "number"), [(RESTART, signal.SIGINT), (CRASH, signal.SIGQUIT)], ids=["restart", "crash"]
)
async def test_postgres_comes_back(arena, place, number):
    """Bids are taken, or their outcome is open and then found; the workers recover by themselves."""
    room = arena.scene["rooms"][place]
    async with arena.crowd(room, 12, firms=6) as crowd:
        firms = crowd[:6]
        running = bidding(room, firms, arena.workers, 8)
        await begun(arena, room)
        await asyncio.to_thread(arena.market.restart_postgres, number)
        back = time.monotonic()
        await asyncio.gather(*running)
        for firm in firms:
            for op in drop_unsent(firm.ops):
                if op.kind == "info":
                    await settle(arena.workers[0], firm, op)
        ops = [op for firm in firms for op in drop_unsent(firm.ops)]
        assert any(op.sent > back and op.kind == "ok" for op in ops)  # taken again, by the same workers
        assert all(worker.process.poll() is None for worker in arena.workers)
        await converged(arena.market, room, [one for one in crowd if one.is_connected])
        assert sum(one.is_connected for one in crowd[6:]) == 6  # who only watches was not even cut off
        assert flaws_of(arena.market, room, ops) == []
        assert protocol_flaws(crowd) == []


def test_the_hash_chains_hold(arena):
    assert arena.market.python("tests.faults.scenes", '"chain"') == []
