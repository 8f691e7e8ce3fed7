"""A process full of bidders: several windows of several firms, for the history checker."""

from __future__ import annotations

import asyncio
import time
from threading import Barrier
from types import SimpleNamespace
from typing import Any

from tests.faults.arena import drop_unsent, keep_bidding
from tests.faults.checker import Op
from tests.faults.client import Client


def meet(others: Barrier) -> None:
    """Wait until every process has started."""
    others.wait(120)


def run(seed: int, room: dict[str, Any], cookies: list[str], ports: list[int], until: float) -> dict[str, Any]:
    """Bid with one window of each firm until the monotonic time `until` or the close; return what was recorded."""
    return asyncio.run(_run(seed, room, cookies, ports, until))


async def _run(seed: int, room: dict[str, Any], cookies: list[str], ports: list[int], until: float) -> dict[str, Any]:
    workers = [
        SimpleNamespace(url=f"http://127.0.0.1:{port}", socket=f"ws://127.0.0.1:{port}/ws/auctions/{{}}/".format)
        for port in ports
    ]
    clients = [Client(room["number"], cookie, label) for cookie, label in zip(cookies, room["labels"], strict=True)]
    for place, client in enumerate(clients):
        await client.join(workers[(seed + place) % len(workers)])
    began = time.monotonic()
    await asyncio.gather(
        *(
            keep_bidding(room, client, workers, until, seed=seed * 100 + place, pause=0.06, leaves=0.05)
            for place, client in enumerate(clients)
        )
    )
    for client in clients:
        await client.leave()
    ops: list[Op] = [op for client in clients for op in drop_unsent(client.ops)]
    return {
        "ops": ops,
        "flaws": [flaw for client in clients for flaw in client.flaws],
        "seconds": time.monotonic() - began,
    }
