"""A worker is killed with kill -9 at the worst moments; the bid is answered consistently by the other one, and stands once."""

from __future__ import annotations

import asyncio
import random
import signal
import time

import psycopg
import pytest

from tests.faults.arena import Arena, drop_unsent, keep_bidding, make_arena
from tests.faults.client import Lost, outcome, settle
from tests.faults.harness import Market, wait_until
from tests.faults.truth import converged, flaws_of, log_of, protocol_flaws

COMMITTED, UNCOMMITTED, STORMY = 0, 1, 2
WAITS = "SELECT pid FROM pg_stat_activity WHERE wait_event = %s"


@pytest.fixture(scope="module")
def arena(market: Market):
    return make_arena(market, ends=[900, 900, 900])


def waiting(arena: Arena, event: str) -> bool:
    return bool(arena.market.rows(WAITS, event))


def next_amount(room, client) -> int:
    price = client.picture.price
    return room["ceiling_fen"] if price is None else price - room["step_fen"]


@pytest.mark.parametrize("round_", range(3))
async def test_killed_between_commit_and_answer(arena, round_):
    """Hold PostgreSQL's answer to the commit: it is durable, but waits for a standby that never comes."""
    room, survivor = arena.scene["rooms"][COMMITTED], arena.workers[0]
    victim = arena.market.worker()
    async with arena.crowd(room, 6, workers=[survivor]) as watchers:
        firm = arena.client(room, round_ % 2)
        await firm.join(victim)
        arena.market.configure("synchronous_standby_names", "nobody")
        try:
            bidding = asyncio.create_task(firm.bid(next_amount(room, firm)))
            await asyncio.to_thread(
                wait_until, lambda: waiting(arena, "SyncRep"), 5, "the commit waits for its standby"
            )
            victim.stop(signal.SIGKILL)
            with pytest.raises(Lost):
                await bidding
            [op] = firm.ops
            early = await outcome(survivor, firm, op.key)  # asked while the commit has not become visible yet
            assert early == {"unknown": op.key}
            await firm.join(survivor)
            again = asyncio.create_task(firm.offer(op))  # sent again under the same key: waits, and is not a second bid
            await asyncio.sleep(0.3)
            assert not again.done()
        finally:
            arena.market.configure("synchronous_standby_names", None)
        await again
        assert op.kind == "ok"
        assert (await outcome(survivor, firm, op.key))["seq"] == op.sequence
        assert [entry.sequence for entry in log_of(arena.market, room) if entry.key == op.key] == [op.sequence]
        await converged(arena.market, room, [*watchers, firm])
        assert protocol_flaws([*watchers, firm]) == []
        await firm.leave()


async def test_killed_before_the_commit(arena):
    """Hold the decision at the auction's lock: killed there, the bid is none; sent again it is one."""
    room, survivor = arena.scene["rooms"][UNCOMMITTED], arena.workers[0]
    victim = arena.market.worker()
    async with arena.crowd(room, 6, workers=[survivor]) as watchers:
        firm = arena.client(room, 0)
        await firm.join(victim)
        with psycopg.connect(**arena.market.address) as connection:
            connection.execute("SELECT 1 FROM bidding_auction WHERE id = %s FOR UPDATE", (room["auction"],))
            bidding = asyncio.create_task(firm.bid(next_amount(room, firm)))
            await asyncio.to_thread(
                wait_until, lambda: waiting(arena, "transactionid"), 5, "the bid waits for the lock"
            )
            victim.stop(signal.SIGKILL)
            with pytest.raises(Lost):
                await bidding
        [op] = firm.ops
        await asyncio.sleep(0.2)
        assert await outcome(survivor, firm, op.key) == {"unknown": op.key}
        assert log_of(arena.market, room) == []
        await settle(survivor, firm, op)
        assert (op.kind, op.sequence) == ("ok", 1)
        await converged(arena.market, room, [*watchers, firm])
        await firm.leave()
        assert flaws_of(arena.market, room, firm.ops) == []


async def test_killed_three_times_amid_the_bidding(arena):
    """Whatever the moment is: nothing acknowledged is lost, and what was cut off is answered by the other worker."""
    room, survivor = arena.scene["rooms"][STORMY], arena.workers[0]
    dice = random.Random(4)
    async with arena.crowd(room, 6, workers=[survivor]) as watchers:
        firms = [arena.client(room, place % 4) for place in range(8)]
        for _round in range(3):
            victim = arena.market.worker()
            until = time.monotonic() + 2
            await asyncio.gather(*(firm.join(victim) for firm in firms))
            bidding = [
                asyncio.create_task(keep_bidding(room, firm, [survivor], until, seed=dice.randrange(10**6), pause=0.05))
                for firm in firms
            ]
            await asyncio.sleep(0.5 + dice.random())
            victim.stop(signal.SIGKILL)
            await asyncio.gather(*bidding)
        await converged(arena.market, room, [*watchers, *(firm for firm in firms if firm.is_connected)])
        ops = [op for firm in firms for op in drop_unsent(firm.ops)]
        await asyncio.gather(*(firm.leave() for firm in firms))
        assert flaws_of(arena.market, room, ops) == []
        assert protocol_flaws([*watchers, *firms]) == []
        assert [op for op in ops if op.kind == "info"] == []
        assert len(log_of(arena.market, room)) > 6


def test_the_hash_chains_hold(arena):
    assert arena.market.python("tests.faults.scenes", '"chain"') == []
