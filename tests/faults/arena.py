"""Rooms with two workers before them, and crowds that watch and bid there: what most fault runs begin with."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from websockets.exceptions import InvalidHandshake

from tests.faults.checker import FAIL, Op
from tests.faults.client import Client, Lost, settle
from tests.faults.harness import Market, Worker

GONE = (Lost, OSError, InvalidHandshake, TimeoutError)


@dataclass
class Arena:
    """Hold a market, what its scene made, and two workers."""

    market: Market
    scene: dict[str, Any]
    workers: list[Worker]

    def client(self, room: dict[str, Any], firm: int | None = None) -> Client:
        """Return a socket, not yet connected, of a firm by its place, or of somebody who only watches."""
        if firm is None:
            return Client(room["number"])
        return Client(room["number"], self.scene["firms"][firm], room["labels"][firm])

    async def room_ending(self, seconds: float, **rules: Any) -> dict[str, Any]:
        """Make one more room, with its end `seconds` ahead; make another when the machine was too busy for that."""
        for attempt in range(1, 4):
            given = json.dumps({"ends": [seconds * attempt], **rules})
            scene = await asyncio.to_thread(self.market.python, "tests.faults.scenes", given)
            [room] = scene["rooms"]
            if room["ends_at"] - time.time() > seconds - 2:
                self.scene["firms"] = scene["firms"]
                return dict(room)
        raise AssertionError(f"This machine does not make a room {seconds} s before its end.")

    @asynccontextmanager
    async def crowd(
        self, room: dict[str, Any], count: int, firms: int = 0, workers: Sequence[Worker] = ()
    ) -> AsyncIterator[list[Client]]:
        """Let `count` sockets in, spread over the workers; the first ones are the firms', `firms` of them in turn."""
        workers = workers or self.workers
        clients = [self.client(room, place % 4 if place < firms else None) for place in range(count)]
        try:
            await asyncio.gather(*(one.join(workers[place % len(workers)]) for place, one in enumerate(clients)))
            yield clients
        finally:
            await asyncio.gather(*(one.leave() for one in clients), return_exceptions=True)


def make_arena(market: Market, **scene: Any) -> Arena:
    """Make the scene, then start two workers: by then the rooms run."""
    workers = [market.worker(), market.worker()]
    return Arena(market, market.python("tests.faults.scenes", json.dumps(scene)), workers)


async def keep_bidding(
    room: dict[str, Any],
    client: Client,
    workers: Sequence[Worker],
    until: float,
    *,
    seed: int,
    pause: float = 0.15,
    leaves: float = 0.0,
) -> None:
    """Bid on the price that the screen shows until the monotonic time `until` or the close.

    Some bids are too high, some accepted ones are sent again, and with probability `leaves` the socket is dropped while a bid is
    on its way. What stays open is asked for and sent again as docs/realtime.md says.
    """
    dice = random.Random(seed)
    while time.monotonic() < until and not client.picture.is_over:
        await asyncio.sleep(pause * (0.5 + dice.random()))
        price, step = client.picture.price, room["step_fen"]
        legal = room["ceiling_fen"] if price is None else price - step
        amount = legal + dice.choice([-2 * step, 0, 0, 0, 0, step // 2])
        op = None
        try:
            if not client.is_connected:
                await client.join(dice.choice(workers), within=5)
            bidding = asyncio.create_task(client.bid(amount))
            if dice.random() < leaves:
                await asyncio.sleep(dice.random() * 0.02)
                await client.leave(rudely=True)
            op = await bidding
            if op.code == "too_many_bids":
                await asyncio.sleep(0.4)
            elif op.kind == "ok" and dice.random() < 0.2:
                client.ops.append(Op(op.firm, op.key, op.amount_fen, sent=0.0))
                await client.offer(client.ops[-1])
        except GONE:
            op = client.ops[-1] if client.ops else None
            if op is not None and op.kind == "info" and op.sent:
                await settle(dice.choice(workers), client, op)


def drop_unsent(ops: Sequence[Op]) -> list[Op]:
    """Leave out what never left the client."""
    return [op for op in ops if op.sent]


def refusals(ops: Sequence[Op]) -> set[str]:
    return {op.code for op in ops if op.kind == FAIL}
