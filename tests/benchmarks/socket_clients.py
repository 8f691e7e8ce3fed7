"""WebSocket clients that cost next to nothing, so that the server is what is measured: one asyncio protocol per socket."""

import asyncio
import base64
import json
import os
import resource
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvloop

GROUP = 100  # sockets that open at one time: as many as a server's backlog takes without a wait
CORES = os.sched_getaffinity(0)
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


def run(main: Any, *, core: int | None = 1) -> Any:
    """Run a coroutine on uvloop and on one core (None: on all), with as many open files as the machine gives."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with on_core(core), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


@contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """Keep this process on one core meanwhile, where the machine has several: clients and server take nothing from each other."""
    before = os.sched_getaffinity(0)
    if core is not None:
        pin(0, core)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def pin(process: int, core: int) -> None:
    """Keep all threads of a process (0: this one) on one core."""
    cores = sorted(CORES)
    for thread in Path(f"/proc/{process or 'self'}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {cores[core % len(cores)]})


class Socket(asyncio.Protocol):
    """Be one open WebSocket; subclasses say in `heard` what a text message means. Nothing is decoded here."""

    def __init__(self, request: bytes = b"") -> None:
        self.request, self.rest = request, b""
        self.is_open, self.close_code = False, 0
        loop = asyncio.get_running_loop()
        self.entered: asyncio.Future[None] = loop.create_future()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self.request)

    def connection_lost(self, problem: Exception | None) -> None:
        self.is_open = False
        if not self.entered.done():
            self.entered.set_exception(ConnectionError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        data = self.rest + data if self.rest else data
        start = 0
        if not self.is_open:
            if (end := data.find(b"\r\n\r\n")) < 0:
                self.rest = data
                return
            if not data.startswith(b"HTTP/1.1 101"):
                self.entered.set_exception(ConnectionError(data[: data.find(b"\r\n")].decode()))
                return
            self.is_open, start = True, end + 4
            self.entered.set_result(None)
        size = len(data)
        while size - start >= 2:
            length, head = data[start + 1], start + 2
            if length >= 126:
                head += 2 if length == 126 else 8
                if size < head:
                    break
                length = int.from_bytes(data[start + 2 : head], "big")
            if size < head + length:
                break
            self._message(data[start] & 15, data[head : head + length])
            start = head + length
        self.rest = data[start:]

    def _message(self, kind: int, body: bytes) -> None:
        if kind == TEXT:
            self.heard(body)
        elif kind == PING:
            self._write(PONG, body)
        elif kind == CLOSE:
            self.close_code = int.from_bytes(body[:2], "big")
            self.is_open = False

    def heard(self, message: bytes) -> None:
        """Take one text message."""

    def say(self, text: bytes) -> None:
        """Send one text message of less than 64 KiB."""
        self._write(TEXT, text)

    def _write(self, kind: int, body: bytes) -> None:
        # A client must mask; with the mask 0 the body stays as it is, and the server does its work all the same.
        size = len(body)
        length = bytes((0x80 | size,)) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
        self.transport.write(bytes((0x80 | kind,)) + length + b"\0\0\0\0" + body)


def request_for(port: int, path: str, session: str = "") -> bytes:
    """Return the handshake of a socket; `session` is the key of a signed-in person's session."""
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Origin: http://127.0.0.1:{port}"]
    lines += ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
    lines += [f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}"]
    if session:
        lines.append(f"Cookie: sessionid={session}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def enter(port: int, makers: list[Callable[[], Socket]], *, at_once: int = GROUP) -> list[Any]:
    """Open a socket for each maker, `at_once` at a time; raise when one is refused."""
    loop = asyncio.get_running_loop()
    sockets: list[Any] = []
    for start in range(0, len(makers), at_once):
        some = makers[start : start + at_once]
        opening = [loop.create_connection(maker, "127.0.0.1", port) for maker in some]
        opened = [socket for _transport, socket in await asyncio.gather(*opening)]
        await asyncio.gather(*(socket.entered for socket in opened))
        sockets += opened
    return sockets


def get_json(port: int, path: str) -> Any:
    """Ask the benchmark's server for what it keeps."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
        return json.loads(response.read())


async def leave(port: int, sockets: list[Any]) -> None:
    """Drop all sockets at once, as a broken network does, and wait until the server has noticed each."""
    left = await open_sockets(port) - sum(socket.is_open for socket in sockets)
    for socket in sockets:
        socket.transport.abort()
    deadline = asyncio.get_running_loop().time() + 30
    while await open_sockets(port) > left:
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError("the server holds sockets that are gone")
        await asyncio.sleep(0.05)


async def open_sockets(port: int) -> int:
    """Return how many sockets the server holds."""
    return int((await asyncio.to_thread(get_json, port, "/sockets/"))["open"])


async def until(is_done: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until something is so; raise TimeoutError with `what` otherwise."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not is_done():
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError(f"{what} not within {seconds:.0f} s")
        await asyncio.sleep(0.005)
