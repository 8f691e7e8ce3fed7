"""Limits: how much one connection, one account and one address may ask of the live rooms."""

from __future__ import annotations

from collections import Counter

from django.conf import settings

MESSAGE_BYTES = 4096
_sockets: Counter[str] = Counter()


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
