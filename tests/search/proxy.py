"""A proxy in front of a search server that can be slow, silent or talk nonsense, as networks do."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

RUBBISH = {
    "html": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\n\r\n<h1>Welcome</h1",
    "no json": b"HTTP/1.1 200 OK\r\nX-Elastic-Product: Elasticsearch\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"hits\"",
    "other json": b"HTTP/1.1 200 OK\r\nX-Elastic-Product: Elasticsearch\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"a\": [1]} ",
    "a list": b"HTTP/1.1 200 OK\r\nX-Elastic-Product: Elasticsearch\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]",
    "an error": b"HTTP/1.1 503 No\r\nX-Elastic-Product: Elasticsearch\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
    "no http": b"\x16\x03\x01 mumble\r\n\r\n",
    "nothing": b"",
}  # fmt: skip


class Proxy:
    """Pass connections on; `says` answers every request with these bytes instead, `holds` waits till it is let go."""

    def __init__(self, target: str) -> None:
        self.target = (urlsplit(target).hostname, urlsplit(target).port)
        self.says: bytes | None = None
        self.held = threading.Event()  # set: answers flow
        self.held.set()
        self.asked = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._begin(self._accept)

    def _begin(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _address = self._listener.accept()
                self._open.append(near)
                self._begin(self._serve, near)

    def _serve(self, near: socket.socket) -> None:
        far: socket.socket | None = None
        with suppress(OSError):
            while sent := near.recv(65536):
                self.asked += 1
                if self.says is not None:
                    near.sendall(self.says)
                    near.shutdown(socket.SHUT_RDWR)
                    return
                if far is None:
                    far = socket.create_connection(self.target)
                    self._open.append(far)
                    self._begin(self._answer, far, near)
                far.sendall(sent)
        with suppress(OSError):
            near.shutdown(socket.SHUT_RDWR)

    def _answer(self, far: socket.socket, near: socket.socket) -> None:
        with suppress(OSError):
            while answer := far.recv(65536):
                self.held.wait(30)
                near.sendall(answer)
            near.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.held.set()
        for one in (self._listener, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(5)


@contextmanager
def before(target: str) -> Iterator[Proxy]:
    """Give a proxy before a server."""
    proxy = Proxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
