"""The boundary storm: 200 bids fired into the last moments of an auction, a hundred auctions in a row."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter

import pytest

from tests.faults.arena import Arena, make_arena
from tests.faults.checker import INFO
from tests.faults.client import Client
from tests.faults.harness import Market, wait_until
from tests.faults.truth import flaws_of, log_of, state_of

STORMS = int(os.environ.get("STORMS", "100"))
SHOTS, EARLY = 200, 6  # bids around the end, and a few before them so that there is a price to fight over
SOCKETS = 20  # of a storm in the row: the shots share them, for opening 20,000 takes minutes and proves nothing more
WIDE_STORMS, AT_ONCE = 2, 2
LEAD = 1.5  # seconds from the moment when everybody is there to the end
BEFORE, AFTER = 0.050, 0.015  # seconds around the end in which the shots leave
FIRMS = 4


@pytest.fixture(scope="module")
def arena(market: Market):
    """Give a room for each storm. They would go on for an hour: a storm sets its end when everybody is there."""
    return make_arena(market, ends=[3600] * (WIDE_STORMS + STORMS), firms=FIRMS, extensions=0)


def end_in(arena: Arena, room, seconds: float) -> None:
    """Let an auction end so soon, by the database's clock. Rooms can't be planned to the second on a busy machine."""
    move = "UPDATE bidding_auction SET ends_at = clock_timestamp() + %s * interval '1 second' WHERE id = %s RETURNING ends_at"
    room["ends_at"] = arena.market.rows(move, seconds, room["auction"])[0]["ends_at"].timestamp()


async def run(arena: Arena, room, sockets: int) -> Counter:
    """Open the sockets, let the auction end, and give the verdict on what happened at its end."""
    async with arena.crowd(room, sockets, firms=sockets) as clients:
        await asyncio.to_thread(end_in, arena, room, LEAD)
        await storm(room, clients, random.Random(room["number"]))
    counts = await asyncio.to_thread(verdict, arena, room, clients)
    await asyncio.to_thread(wait_until, lambda: state_of(arena.market, room)["status"] != "open", 10, "the close")
    # A machine that stands still for a second takes no bid in time, and an auction without a bid fails.
    assert state_of(arena.market, room)["status"] == ("closed" if counts["ok"] else "failed"), counts
    return counts


async def storm(room, clients: list[Client], dice: random.Random) -> float:
    """Fire SHOTS bids around the end, each lower than the one before it; return how long after the end the last answer came."""
    end = room["ends_at"]
    times = [end - BEFORE - 0.2 * (EARLY - place) for place in range(EARLY)]
    times += sorted(end - BEFORE + dice.random() * (BEFORE + AFTER) for _shot in range(SHOTS))
    shots = []
    for place, moment in enumerate(times):
        if (left := moment - time.time()) > 0.001:
            await asyncio.sleep(left)
        client = clients[place % len(clients)]
        shots.append(asyncio.create_task(client.bid(room["ceiling_fen"] - room["step_fen"] * place, within=60)))
    await asyncio.gather(*shots, return_exceptions=True)
    return time.time() - end


def verdict(arena: Arena, room, clients: list[Client]) -> Counter:
    """Check one storm and count what became of its shots."""
    ops = [op for client in clients for op in client.ops]
    counts = Counter(op.code or op.kind for op in ops)
    assert len(ops) == EARLY + SHOTS
    assert flaws_of(arena.market, room, ops) == []
    # Nothing was cut here, so every shot was answered, and every accepted one as accepted.
    assert [op for op in ops if op.kind == INFO] == [], counts
    assert len(log_of(arena.market, room)) == counts["ok"]
    return counts


async def test_storms_from_two_hundred_sockets(arena):
    total: Counter = Counter()
    for room in arena.scene["rooms"][:WIDE_STORMS]:
        total += await run(arena, room, SHOTS)
    print(f"{WIDE_STORMS} storms from {SHOTS} sockets: {dict(total)}")
    assert total["ok"] > 0, total
    assert total["auction_closed"] > 0, total


async def test_a_hundred_storms(arena):
    total: Counter = Counter()
    at_once = asyncio.Semaphore(AT_ONCE)

    async def take_turn(room) -> None:
        async with at_once:
            total.update(await run(arena, room, SOCKETS))

    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for room in arena.scene["rooms"][WIDE_STORMS:]:
            group.create_task(take_turn(room))
    print(f"{STORMS} storms in {time.monotonic() - began:.0f} s: {dict(total)}")
    assert sum(total.values()) == STORMS * (EARLY + SHOTS)
    assert total["ok"] > STORMS, total
    assert total["auction_closed"] > STORMS, total
