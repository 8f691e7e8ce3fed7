"""The server of the live benchmarks: the marketplace as it is, and beside it under other addresses what it is compared with.

/raw/ is a bare ASGI socket, /group/ a plain Channels consumer in a group; both hear each accepted bid's real frame at the moment
of its commit. /accepted/ says when each was committed, /statements/ how many statements the
database was asked, /sockets/ how many sockets are open.
"""

import asyncio
import json
import os
import time
from collections import Counter
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.layers import get_channel_layer  # noqa: E402
from django.db.backends.signals import connection_created  # noqa: E402
from django.dispatch import receiver  # noqa: E402

from marketplace.asgi import application as ours  # noqa: E402
from marketplace.bidding.room import encode, frame  # noqa: E402
from marketplace.core.events import listen  # noqa: E402
from tests.benchmarks import profile  # noqa: E402

GROUP = "watchers"
watchers: set[Any] = set()
members: set[Any] = set()
accepted: dict[int, float] = {}
statements: Counter[str] = Counter()
sockets: Counter[str] = Counter(open=0)
loops: list[asyncio.AbstractEventLoop] = []
tasks: set[asyncio.Task[None]] = set()

if profile.TARGET:
    profile.start()


@listen
def hear(events: list[Any]) -> None:
    """Keep the moment of a bid's commit (seconds of the machine's monotonic clock) and tell those who are compared."""
    for event in events:
        if event.name != "bid_placed":
            continue
        accepted[event.number] = time.monotonic()
        if watchers or members:
            text = encode(frame(event))
            loops[0].call_soon_threadsafe(spread, text)


def spread(text: str) -> None:
    for send_to, is_wanted in ((to_watchers, watchers), (to_group, members)):
        if not is_wanted:
            continue
        task = loops[0].create_task(send_to(text))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


async def to_watchers(text: str) -> None:
    for write in tuple(watchers):
        await write({"type": "websocket.send", "text": text})


async def to_group(text: str) -> None:
    await get_channel_layer().group_send(GROUP, {"type": "bid.placed", "text": text})


class Member(AsyncWebsocketConsumer):
    """Be a socket as Channels' own tutorial makes one."""

    groups = [GROUP]

    async def connect(self) -> None:
        await self.accept()
        members.add(self)

    async def disconnect(self, code: int) -> None:
        members.discard(self)

    async def bid_placed(self, message: dict[str, Any]) -> None:
        await self.send(text_data=message["text"])


@receiver(connection_created)
def count_statements(connection: Any, **_rest: Any) -> None:
    def count(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        statements[str(sql).split(maxsplit=1)[0].upper()] += 1
        return execute(sql, params, many, context)

    if not any(getattr(wrapper, "__name__", "") == "count" for wrapper in connection.execute_wrappers):
        connection.execute_wrappers.append(count)


async def raw(receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    watchers.add(send)
    while (await receive())["type"] != "websocket.disconnect":
        pass
    watchers.discard(send)


async def answer(send: Any, told: Any) -> None:
    body = json.dumps(told).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def application(scope: Any, receive: Any, send: Any) -> None:
    if not loops:
        loops.append(asyncio.get_running_loop())
    is_socket = scope["type"] == "websocket"
    sockets["open"] += is_socket
    try:
        await serve(scope, receive, send)
    finally:
        sockets["open"] -= is_socket


async def serve(scope: Any, receive: Any, send: Any) -> None:
    match scope.get("path"):
        case "/raw/":
            await raw(receive, send)
        case "/group/":
            await Member.as_asgi()(scope, receive, send)
        case "/accepted/":
            await answer(send, accepted)
        case "/sockets/":
            await answer(send, sockets)
        case "/statements/":
            await answer(send, statements)
        case _:
            await ours(scope, receive, send)
