"""Breaker: leave a server alone that has been silent, and let one caller try it again after a while."""

from __future__ import annotations

import threading
import time

REST_SECONDS = 15.0


class Breaker:
    """Know whether a server may be asked: one failure gives it a rest, then a single probe decides; one per process."""

    def __init__(self, rest_seconds: float = REST_SECONDS) -> None:
        self.rest_seconds = rest_seconds
        self._lock = threading.Lock()
        self._silent_until: float | None = None

    @property
    def is_closed(self) -> bool:
        """Say whether the last answer was a good one."""
        return self._silent_until is None

    def may_ask(self) -> bool:
        """Say whether this caller may ask. After the rest that is one caller; should it never report back, another rest later one more."""
        with self._lock:
            if self._silent_until is None:
                return True
            now = time.monotonic()
            if now < self._silent_until:
                return False
            self._silent_until = now + self.rest_seconds
            return True

    def succeeded(self) -> None:
        """Let everybody ask."""
        self._silent_until = None

    def failed(self) -> bool:
        """Give the server a rest; return whether it had answered until now."""
        with self._lock:
            was_closed = self._silent_until is None
            self._silent_until = time.monotonic() + self.rest_seconds
        return was_closed

    def forget(self) -> None:
        """Begin anew; for tests and for a server that was told to be back."""
        self._silent_until = None
