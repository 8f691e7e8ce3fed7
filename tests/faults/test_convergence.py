"""A thousand sockets over two workers, dropped at random while bids come in, end up with the same picture."""

from __future__ import annotations

import asyncio
import random
import time

import pytest

from tests.faults.arena import GONE, drop_unsent, keep_bidding, make_arena
from tests.faults.client import Client
from tests.faults.harness import Market
from tests.faults.truth import converged, flaws_of, log_of, protocol_flaws

SOCKETS, FIRMS, SECONDS = 1000, 4, 15
AT_ONCE = 40  # sockets that come in together, at first
DROPS_PER_SECOND = 25


@pytest.fixture(scope="module")
def arena(market: Market):
    return make_arena(market, ends=[900])


async def test_a_thousand_sockets_converge(arena):
    room, workers = arena.scene["rooms"][0], arena.workers
    watchers = [arena.client(room) for _number in range(SOCKETS - FIRMS)]
    bidders = [arena.client(room, place) for place in range(FIRMS)]
    everybody: list[Client] = [*bidders, *watchers]
    gate, dice = asyncio.Semaphore(AT_ONCE), random.Random(11)
    dropped: set[int] = set()

    async def come_in(place: int, client: Client) -> None:
        async with gate:
            await client.join(workers[place % 2], within=30)

    async def come_and_go(until: float) -> None:
        """Drop sockets, half of them without a word, and let each come back to whichever worker a little later."""
        returning: list[asyncio.Task[None]] = []
        while time.monotonic() < until:
            place = dice.randrange(len(watchers))
            if place not in dropped:
                dropped.add(place)
                returning.append(asyncio.create_task(come_back(place, dice.random() < 0.5, dice.random() * 2)))
            await asyncio.sleep(1 / DROPS_PER_SECOND)
        await asyncio.gather(*returning)

    async def come_back(place: int, rudely: bool, pause: float) -> None:
        client = watchers[place]
        await client.leave(rudely=rudely)
        await asyncio.sleep(pause)
        for _attempt in range(5):
            try:
                await client.join(workers[dice.randrange(2)], within=30)
                break
            except GONE:
                await asyncio.sleep(0.2)
        dropped.discard(place)

    began = time.monotonic()
    try:
        await asyncio.gather(*(come_in(place, client) for place, client in enumerate(everybody)))
        print(f"{SOCKETS} sockets in {time.monotonic() - began:.1f} s")
        until = time.monotonic() + SECONDS
        await asyncio.gather(
            come_and_go(until),
            *(
                keep_bidding(room, client, workers, until, seed=place, pause=1.2)
                for place, client in enumerate(bidders)
            ),
        )
        took = await converged(arena.market, room, everybody)
        assert all(client.is_connected for client in everybody)
        frames = sum(client.frames for client in everybody)
        bids = len(log_of(arena.market, room))
        print(f"{bids} bids, {frames} frames, {SOCKETS} screens agree after {took:.2f} s")
        assert bids >= 10
        assert frames > bids * SOCKETS * 0.8
        assert "\n".join(protocol_flaws(everybody)) == ""
        assert flaws_of(arena.market, room, [op for client in bidders for op in drop_unsent(client.ops)]) == []
    finally:
        await asyncio.gather(*(client.leave(rudely=True) for client in everybody), return_exceptions=True)
