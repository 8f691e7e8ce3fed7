"""A worker that stands still over the deadline, and workers whose clocks are wrong: the database's clock alone decides."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.faults.arena import Arena, make_arena
from tests.faults.client import Lost
from tests.faults.harness import Market, Unavailable, faketime, wait_until
from tests.faults.truth import converged, flaws_of, log_of, protocol_flaws, state_of

RULES = {"window": 1, "extensions": 2}  # a bid near the end moves it by little
AHEAD = 10  # seconds that a room has from its making to its end


@pytest.fixture(scope="module")
def arena(market: Market):
    return make_arena(market, ends=[3600], **RULES)


def closed(arena: Arena, room) -> bool:
    return state_of(arena.market, room)["status"] == "closed"


async def at(moment: float) -> None:
    await asyncio.sleep(max(moment - time.time(), 0))


def after_end(arena: Arena, room) -> float:
    """Return by how many seconds the effective end is over now."""
    return time.time() - state_of(arena.market, room)["ends_at"].timestamp()


async def test_a_worker_frozen_over_the_deadline_refuses_its_late_bids(arena):
    room, (frozen, _awake) = await arena.room_ending(AHEAD, **RULES), arena.workers
    async with arena.crowd(room, 8, firms=2) as crowd:  # one and its watchers on the frozen worker, two on the other
        one, two = crowd[:2]
        assert (await one.bid(room["ceiling_fen"])).kind == "ok"
        assert (await two.bid(room["ceiling_fen"] - room["step_fen"])).kind == "ok"
        await at(room["ends_at"] - 1.5)
        frozen.freeze()
        try:
            late = asyncio.create_task(one.bid(room["ceiling_fen"] - 5 * room["step_fen"], within=20))
            await asyncio.to_thread(wait_until, lambda: closed(arena, room), 8, "the other worker closes")
            assert after_end(arena, room) < 2.5
            await asyncio.sleep(0.5)
        finally:
            frozen.thaw()
        op = await late
        assert (op.kind, op.code) == ("fail", "auction_closed")
        await converged(arena.market, room, crowd)
        assert [entry.firm for entry in log_of(arena.market, room)] == room["labels"][:2]
        assert flaws_of(arena.market, room, [*one.ops, *two.ops]) == []
        assert protocol_flaws(crowd) == []


async def test_a_worker_frozen_amid_its_bids_loses_none(arena):
    """Frozen with bids on their way it may hold the auction's lock: the close waits for it then, and the outcome is right."""
    room, (frozen, _awake) = await arena.room_ending(AHEAD, **RULES), arena.workers
    async with arena.crowd(room, 16, firms=12) as crowd:
        firms = crowd[:12]
        await at(room["ends_at"] - 1.2)
        bids = [
            asyncio.create_task(firm.bid(room["ceiling_fen"] - room["step_fen"] * place, within=25))
            for place, firm in enumerate(firms)
        ]
        await asyncio.sleep(0.03)
        frozen.freeze()
        await at(room["ends_at"] + 3.5)  # beyond every extension
        frozen.thaw()
        results = await asyncio.gather(*bids, return_exceptions=True)
        assert not [result for result in results if isinstance(result, Lost)]
        await asyncio.to_thread(wait_until, lambda: closed(arena, room), 5, "the close")
        await converged(arena.market, room, crowd)
        assert flaws_of(arena.market, room, [op for firm in firms for op in firm.ops]) == []
        assert protocol_flaws(crowd) == []


@pytest.mark.parametrize("shift", ["+3s", "-3s"])
async def test_a_worker_with_a_wrong_clock_changes_nothing(arena, shift):
    """Neither is a bid refused early, nor one taken late, nor does the auction close before its time."""
    try:
        faketime()
    except Unavailable as problem:
        pytest.skip(str(problem))
    wrong, right = await asyncio.to_thread(arena.market.worker, shift), arena.workers[0]
    room = await arena.room_ending(AHEAD, **RULES)
    async with arena.crowd(room, 8, firms=2, workers=[wrong, right]) as crowd:
        one, two = crowd[:2]
        first = await two.bid(room["ceiling_fen"])
        assert first.kind == "ok", (first, room["ends_at"], state_of(arena.market, room))
        await at(room["ends_at"] - 2)  # the fast one thinks that it is over since a second
        assert state_of(arena.market, room)["status"] == "open"
        ops = [await one.bid(room["ceiling_fen"] - room["step_fen"])]
        await at(room["ends_at"] - 0.7)
        assert state_of(arena.market, room)["status"] == "open"
        ops.append(await two.bid(room["ceiling_fen"] - 2 * room["step_fen"]))
        assert [op.kind for op in ops] == ["ok", "ok"], ops
        end = state_of(arena.market, room)["ends_at"].timestamp()
        assert end > room["ends_at"] + 0.1  # the last one moved it, by the database's clock
        await at(end + 0.02)
        late = await one.bid(room["ceiling_fen"] - 9 * room["step_fen"])  # the slow one thinks that there is time
        assert (late.kind, late.code) == ("fail", "auction_closed")
        await asyncio.to_thread(wait_until, lambda: closed(arena, room), 3, "the close")
        [event] = arena.market.rows(
            "SELECT at FROM core_event WHERE process_id = %s AND name = 'auction_closed'", room["process"]
        )
        assert 0 <= event["at"].timestamp() - end < 2.5
        await converged(arena.market, room, crowd)
        assert flaws_of(arena.market, room, [*one.ops, *two.ops]) == []
        assert protocol_flaws(crowd) == []


async def test_the_worker_with_a_wrong_clock_really_has_one(arena):
    """Ask the workers what time it is: without this the test above could pass on a machine where the library does nothing."""
    room, shifts = arena.scene["rooms"][0], []
    for worker in arena.market.workers:
        watcher = arena.client(room)
        await watcher.join(worker)
        shifts.append(round(watcher.times[-1] / 1000 - time.time()))
        await watcher.leave()
    assert shifts[:2] == [0, 0]
    assert sorted(shifts[2:]) in ([], [-3, 3]), shifts


def test_the_hash_chains_hold(arena):
    assert arena.market.python("tests.faults.scenes", '"chain"') == []
