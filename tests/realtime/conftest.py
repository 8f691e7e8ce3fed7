"""A running auction and sockets into its room."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from http.cookies import SimpleCookie

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from django.conf import settings
from django.test import Client

from marketplace.asgi import application
from marketplace.core import clock, threads
from realtime import hub as hubs
from tests.factories.bidding import bid
from tests.marketplace.bidding.conftest import Scene


async def in_thread(function, *args, **kwargs):
    """Run a function with the database in a thread of its own, which leaves no connection behind."""
    return await database_sync_to_async(function, thread_sensitive=False)(*args, **kwargs)


ORIGIN = (b"origin", settings.WEBSOCKET_ORIGINS[0].encode())


@pytest.fixture
def scene(transactional_db):
    return Scene()


class Wire(ApplicationCommunicator):
    """Speak ASGI's WebSocket messages with the application."""

    def __init__(self, path, headers):
        scope = {"type": "websocket", "path": path, "headers": headers, "query_string": b"", "subprotocols": []}
        super().__init__(application, scope)

    async def connect(self):
        """Return whether the handshake succeeded."""
        await self.send_input({"type": "websocket.connect"})
        return (await self.receive_output(5))["type"] == "websocket.accept"

    async def send(self, **content):
        await self.send_input({"type": "websocket.receive", **content})

    async def leave(self):
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(2)


class Socket:
    """Be a browser's socket: collects messages, one by one also when they come as a list."""

    def __init__(self, number, user=None, headers=()):
        headers = [ORIGIN, *headers]
        if user is not None:
            browser = Client()
            browser.force_login(user)
            cookie = SimpleCookie({settings.SESSION_COOKIE_NAME: browser.cookies[settings.SESSION_COOKIE_NAME].value})
            headers.append((b"cookie", cookie.output(header="", sep=";").strip().encode()))
            self.browser = browser
        self.wire = Wire(f"/ws/auctions/{number}/", headers)
        self.messages = []

    async def open(self):
        assert await self.wire.connect()
        return self

    async def send(self, **message):
        await self.wire.send(text=json.dumps(message))

    async def next(self, *keys, within=5):
        """Return the next message that has one of `keys`; other ones are passed over."""
        deadline = asyncio.get_running_loop().time() + within
        while True:
            while self.messages:
                message = self.messages.pop(0)
                if not keys or set(keys) & set(message):
                    return message
            left = deadline - asyncio.get_running_loop().time()
            answer = await self.wire.receive_output(max(left, 0.01))
            assert answer["type"] == "websocket.send", answer
            heard = json.loads(answer["text"])
            self.messages += heard if isinstance(heard, list) else [heard]

    async def closed(self):
        """Return the code with which the server closes."""
        while True:
            answer = await self.wire.receive_output(5)
            if answer["type"] == "websocket.close":
                return answer["code"]

    async def leave(self):
        with contextlib.suppress(Exception, asyncio.CancelledError):
            await self.wire.leave()


@pytest.fixture
async def sockets():
    """Give a function that opens sockets; all are closed at the end."""
    opened = []

    async def connect(scene, user=None, **more):
        socket = await in_thread(Socket, scene.tender.number, user, **more)
        opened.append(socket)
        return await socket.open()

    yield connect
    for socket in opened:
        await socket.leave()
    await quiet()


async def quiet():
    """Wait until no thread uses the database any more: what a hub began goes on after the last watcher has left."""
    while tasks := hubs.get_hub().tasks:
        await asyncio.wait(set(tasks))
    everybody = threading.Barrier(threads.THREADS + 1)

    def finish():
        threads.close_connections()
        everybody.wait(10)

    for _thread in range(threads.THREADS):
        threads.executor.submit(finish)
    everybody.wait(10)
    await asyncio.get_running_loop().shutdown_default_executor()


def place(scene, who, amount, key=""):
    return bid(scene.auction, scene.bidders[who], amount, clock.now(), key=key)
