"""/v1 beside localstripe: payment intents made and confirmed over HTTP by the same client."""

import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from tests.benchmarks import socket_clients
from tests.benchmarks.live_servers import ROOT, ROUNDS, SECONDS, Unavailable, database, free_port, is_listening, web
from tests.benchmarks.rows import Row

NAME = "/v1: payment intents made and confirmed"
NEEDS_DATABASE = False
GOAL = (
    "a durable payment may not be slower to ask for than in a stand-in that keeps its objects in memory and in a pickle. Both servers "
    "get the same bytes over 8 kept connections, on one core, the client on the other; every request of ours carries an "
    "Idempotency-Key of its own, as the official client sends it, and is committed with fsync on. Confirming signs the cashier's "
    "address; localstripe confirms only with a card, so there is no reference for it. Medians of rounds in turns, each with a localstripe "
    "that begins empty: it writes all its objects anew at each change and slows down with their number"
)
LENGTH, TIMES = SECONDS or 5.0, ROUNDS or 3
CONNECTIONS, WARM_UP = 8, 1.0
FORM = {"amount": "3200000", "currency": "cny", "metadata[contract]": "HT-2026-1"}  # localstripe knows no description
WITH_ALIPAY = {**FORM, "payment_method_types[]": "alipay"}
SECRET_OF = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from payments.actions.keys import create_api_key
print(create_api_key(name="bench")[1])
"""


class Client:
    """Ask over one kept connection."""

    def __init__(self, port: int, secret: str) -> None:
        self.port, self.secret = port, secret

    async def open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def post(self, path: str, form: dict[str, str]) -> dict[str, Any]:
        body = urlencode(form).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAuthorization: Bearer {self.secret}\r\n"
        head += f"Idempotency-Key: {os.urandom(16).hex()}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        self.writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", answer, re.IGNORECASE)[1])  # type: ignore[index]
        said = await self.reader.readexactly(length)
        if b" 200 " not in answer[:15]:
            raise RuntimeError(f"{path} was answered with {answer!r} {said!r}")
        return json.loads(said)  # type: ignore[no-any-return]


Act = Callable[[Client], Any]


async def create(client: Client) -> None:
    await client.post("/v1/payment_intents", WITH_ALIPAY)


async def create_plain(client: Client) -> None:
    await client.post("/v1/payment_intents", FORM)


async def create_and_confirm(client: Client) -> None:
    made = await client.post("/v1/payment_intents", WITH_ALIPAY)
    form = {"payment_method_data[type]": "alipay", "return_url": "https://zjcs.example/back/"}
    done = await client.post(f"/v1/payment_intents/{made['id']}/confirm", form)
    if done["status"] != "requires_action":
        raise RuntimeError(f"confirmed, it is {done['status']}")


async def pace(port: int, secret: str, act: Act) -> float:
    """Return how often a second something is done over all connections."""
    clients = [Client(port, secret) for _number in range(CONNECTIONS)]
    for client in clients:
        await client.open()
    count, state = 0, {"measured": False, "over": False}

    async def go(client: Client) -> None:
        nonlocal count
        while not state["over"]:
            await act(client)
            count += state["measured"]
        client.writer.close()

    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(go(client))
        await asyncio.sleep(WARM_UP)
        state["measured"], began = True, time.perf_counter()
        await asyncio.sleep(LENGTH)
        state["measured"], state["over"], seconds = False, True, time.perf_counter() - began
    return count / seconds


@contextmanager
def localstripe() -> Iterator[int]:
    """Run localstripe, empty, on one core; give its port."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="bench-localstripe-") as folder:
        command = [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"]
        server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 30
            while not is_listening(port):
                if server.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("localstripe did not start")
                time.sleep(0.1)
            socket_clients.pin(server.pid, 0)
            yield port
        finally:
            server.kill()
            server.wait()


def run() -> list[Row]:
    try:
        with database("postgres") as environment:
            return measure({**environment, "PAYMENTS_API_REQUESTS_PER_SECOND": "1000000"})
    except Unavailable as problem:
        print(f"  /v1 is left out: {problem}", flush=True)
        return []


def measure(environment: dict[str, str]) -> list[Row]:
    variables = {**os.environ, **environment, "LOG_LEVEL": "WARNING"}
    made = subprocess.run(
        [sys.executable, "-c", SECRET_OF], cwd=ROOT, env=variables, check=True, capture_output=True, text=True
    )
    secret = made.stdout.split()[-1]
    found: dict[str, list[float]] = {"create": [], "confirm": [], "bare": []}
    with web(environment) as (port, _process):
        for _turn in range(TIMES):
            found["create"].append(socket_clients.run(pace(port, secret, create)))
            found["confirm"].append(socket_clients.run(pace(port, secret, create_and_confirm)))
            with localstripe() as other:
                found["bare"].append(socket_clients.run(pace(other, "sk_test_12345", create_plain)))
            print("  " + ", ".join(f"{name} {rates[-1]:,.0f}/s" for name, rates in found.items()), flush=True)
    middle = {name: statistics.median(rates) for name, rates in found.items()}
    where = f"PostgreSQL, fsync on, {CONNECTIONS} connections"
    return [
        Row(
            name=f"Intents created, {where}",
            ours=middle["create"],
            reference=middle["bare"],
            unit="/s",
            goal="ratio >= 1",
        ),
        Row(
            name=f"Intents created and confirmed, {where}",
            ours=middle["confirm"],
            reference=None,
            unit="/s",
            goal="ours >= 0",
        ),
    ]
