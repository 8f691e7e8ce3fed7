"""Limits: how much one connection and one address may ask of the live rooms."""

from __future__ import annotations

import time
from collections import Counter

from django.conf import settings

MESSAGE_BYTES = 4096
_sockets: Counter[str] = Counter()


class Bucket:
    """Allow `rate` things a second, and `burst` at once."""

    def __init__(self, rate: float, burst: int) -> None:
        self.rate, self.burst = rate, burst
        self.left, self.at = float(burst), time.monotonic()

    def take(self) -> bool:
        """Take one, or say that none is left."""
        now = time.monotonic()
        self.left = min(self.burst, self.left + (now - self.at) * self.rate)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


def enter(address: str) -> bool:
    """Count a socket of `address` in; refuse when it has as many here as one address may have."""
    if _sockets[address] >= settings.REALTIME_MAX_SOCKETS_PER_ADDRESS:
        return False
    _sockets[address] += 1
    return True


def go(address: str) -> None:
    """Count a socket of `address` out."""
    _sockets[address] -= 1
    if _sockets[address] <= 0:
        del _sockets[address]
