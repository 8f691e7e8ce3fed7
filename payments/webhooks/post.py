"""Send one body to a receiver: only where we may, within a time that no receiver can stretch, its answer cut short.

httpcore and not httpx: it lets us open the connection ourselves, so that the address judged is the address connected to, while
the Host header and the name in TLS stay those of the URL. It follows no redirect and reads no proxy from the environment.
"""

from __future__ import annotations

import logging
import re
import ssl
import time
from collections.abc import Iterable, Mapping
from typing import Any, Self

import httpcore
from django.utils.translation import gettext as _

from payments.actions.deliveries import Answer

from .targets import Target, TargetRefused, read, resolve

logger = logging.getLogger(__name__)
CONNECT_SECONDS = 3.0
WHOLE_SECONDS = 10.0  # from the first byte sent to the last byte read, whatever the receiver does between
READ_BYTES = 4096
KEPT_CHARACTERS = 200
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class _Late(httpcore.TimeoutException):
    """Be raised when the whole exchange has taken too long."""


class _Stream(httpcore.NetworkStream):
    """Wrap a connection: each read and write gets what is left of the exchange's time."""

    def __init__(self, stream: httpcore.NetworkStream, backend: _Backend) -> None:
        self._stream, self._backend = stream, backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._backend.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._backend.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        limit = min(CONNECT_SECONDS, self._backend.left())
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, limit), self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Connect to addresses that were judged, the first that answers."""

    def __init__(self) -> None:
        self._sockets = httpcore.SyncBackend()
        self.target: Target | None = None
        self.ends_at = 0.0

    def left(self) -> float:
        """Return the seconds that this exchange may still take."""
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise _Late
        return left

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        assert self.target is not None
        assert (host, port) == (self.target.host, self.target.port)
        ends_at = min(time.monotonic() + CONNECT_SECONDS, self.ends_at)
        problem: Exception = httpcore.ConnectError()
        for address in resolve(self.target):
            left = ends_at - time.monotonic()
            if left <= 0:
                break
            try:
                return _Stream(self._sockets.connect_tcp(address, port, left, None, socket_options or ()), self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem


class Line:
    """Send to one receiver after another; the connection stays open between bodies for the same host."""

    def __init__(self) -> None:
        self._backend = _Backend()
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(), max_connections=1, network_backend=self._backend
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: object) -> None:
        self._pool.close()

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send and say what came of it. Never raises for what a receiver or the network does."""
        begin = time.monotonic()
        status: int | None = None
        error = ""
        try:
            status, text = self._exchange(read(url), body, headers)
            if not 200 <= status < 300:
                error = f"HTTP {status} {text}".strip()
        except TargetRefused as refused:
            error = str(refused)
        except httpcore.TimeoutException:
            error = _("对方没有在规定时间内答复。")
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError, UnicodeError) as problem:
            error = f"{type(problem).__name__}: {_UNPRINTABLE.sub(' ', str(problem))[:KEPT_CHARACTERS]}"
        except Exception as problem:  # a fault of ours counts as a failure too, or it would be repeated without end
            logger.exception("webhook: sending to %s broke", url)
            error = type(problem).__name__
        return Answer(status, error, round((time.monotonic() - begin) * 1000))

    def _exchange(self, target: Target, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        """Return the status and the beginning of the answer's text."""
        self._backend.target, self._backend.ends_at = target, time.monotonic() + WHOLE_SECONDS
        url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
        sent = {"Host": target.shown_host, "Content-Length": str(len(body)), "Connection": "keep-alive", **headers}
        timeouts = {"connect": CONNECT_SECONDS, "pool": CONNECT_SECONDS}
        with self._pool.stream(
            "POST", url, headers=list(sent.items()), content=body, extensions={"timeout": timeouts}
        ) as answer:
            text = b""
            for part in answer.iter_stream():
                text += part
                if len(text) > READ_BYTES:  # enough: leaving now closes the connection, the rest is never read
                    break
        return answer.status, _UNPRINTABLE.sub(" ", text[:READ_BYTES].decode("utf-8", "replace"))[:KEPT_CHARACTERS]
