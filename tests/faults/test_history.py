"""Many client processes bid over several workers; their whole history must be explained by the log."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import pytest

from tests.faults import bidders
from tests.faults.arena import make_arena
from tests.faults.checker import Op
from tests.faults.client import new_key
from tests.faults.harness import Market
from tests.faults.truth import converged, flaws_of, log_of, protocol_flaws, state_of

PROCESSES = 4
RULES = {"window": 3, "extensions": 3}
LONG = 0


@pytest.fixture(scope="module")
def arena(market: Market):
    return make_arena(market, ends=[3600], **RULES)


async def test_every_answer_over_a_soft_close_is_explained_by_the_log(arena):
    loop, context = asyncio.get_running_loop(), multiprocessing.get_context("spawn")
    meeting = context.Barrier(PROCESSES)
    with ProcessPoolExecutor(PROCESSES, context, initializer=bidders.meet, initargs=(meeting,)) as pool:
        # The clock of the room starts when they are all there: on a busy machine it takes longer to start them than to bid.
        await asyncio.gather(*(loop.run_in_executor(pool, time.monotonic) for _seed in range(PROCESSES)))
        room = await arena.room_ending(10, **RULES)
        until = time.monotonic() + 60
        ports = [worker.port for worker in arena.workers]
        async with arena.crowd(room, 6) as watchers:
            runs = [
                loop.run_in_executor(pool, bidders.run, seed, room, arena.scene["firms"], ports, until)
                for seed in range(PROCESSES)
            ]
            results = await asyncio.gather(*runs)
            await converged(arena.market, room, watchers)
            assert protocol_flaws(watchers) == []
    ops: list[Op] = [op for result in results for op in result["ops"]]
    counts = Counter(op.code or op.kind for op in ops)
    assert flaws_of(arena.market, room, ops) == [], counts
    assert [flaw for result in results for flaw in result["flaws"]] == []
    state = state_of(arena.market, room)
    assert state["status"] == "closed"
    assert state["extensions"] == 3  # it was bid on to the end, over the soft close
    assert counts["ok"] > 10, counts
    assert {"not_low_enough", "already_leading", "auction_closed"} <= set(counts), counts
    assert counts["info"] == 0, counts


async def test_ten_clicks_on_two_workers_are_one_bid_with_ten_equal_answers(arena):
    room = arena.scene["rooms"][LONG]
    async with arena.crowd(room, 10) as windows:
        for window in windows:  # ten windows of one firm
            window.cookie, window.firm = arena.scene["firms"][0], room["labels"][0]
        await asyncio.gather(*(one.join(arena.workers[place % 2]) for place, one in enumerate(windows)))
        for round_ in range(5):
            before, key = len(log_of(arena.market, room)), new_key("click")
            firm = round_ % 2
            for window in windows:
                window.cookie, window.firm = arena.scene["firms"][firm], room["labels"][firm]
            await asyncio.gather(*(one.join(arena.workers[place % 2]) for place, one in enumerate(windows)))
            amount = room["ceiling_fen"] - round_ * room["step_fen"]
            ops = await asyncio.gather(*(window.bid(amount, key) for window in windows))
            assert {(op.kind, op.sequence) for op in ops} == {("ok", before + 1)}
            assert len(log_of(arena.market, room)) == before + 1
        assert flaws_of(arena.market, room, [op for window in windows for op in window.ops]) == []


async def test_a_refused_key_keeps_its_answer_and_another_amount_is_refused(arena):
    room = arena.scene["rooms"][LONG]
    async with arena.crowd(room, 2, firms=2) as (one, two):
        legal = room["ceiling_fen"] if one.picture.price is None else one.picture.price - room["step_fen"]
        high, key = legal + room["step_fen"], new_key("kept")
        first = await two.bid(high, key)
        await two.join(arena.workers[0])  # the same key at the other worker
        again = await two.bid(high, key)
        assert (first.kind, again.kind, again.code) == ("fail", "fail", first.code)
        other = await two.bid(legal, key)
        assert (other.kind, other.code) == ("fail", "key_reused")
        assert all(entry.key != key for entry in log_of(arena.market, room))


def test_the_hash_chains_hold(arena):
    assert arena.market.python("tests.faults.scenes", '"chain"') == []
