"""The worker: looks for due rows, owed deliveries and sweeps, again and again."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from django.db import models

from .events import deferred, deliver_pending

logger = logging.getLogger(__name__)
Due = Callable[[datetime], int]
T = TypeVar("T", bound=models.Model)
_due: dict[str, Due] = {}


def due(name: str) -> Callable[[Due], Due]:
    """Register work that falls due: a function of the time that returns how many rows it moved.

    Each row is claimed under its lock and tested again there, so several workers may run; nothing depends on one running.
    """

    def register(function: Due) -> Due:
        _due[name] = function
        return function

    return register


def in_own_order(rows: Iterable[T]) -> list[T]:
    """Return rows in an order of this process's own, so that several workers seldom meet at the same one."""
    return sorted(rows, key=lambda row: hash((os.getpid(), row.pk)))


def run_round(now: datetime) -> dict[str, int]:
    """Do one round: everything due, then what is owed of reactions. One failing part does not stop the others.

    Needs that fall due at one second are all closed before the first of them is drawn, indexed or told of.
    """
    with deferred():
        done = {name: _try(name, function, now) for name, function in _due.items()}
    return done | {"deliveries": _try("deliveries", deliver_pending, now)}


def _try(name: str, function: Due, now: datetime) -> int:
    try:
        return function(now)
    except Exception:
        logger.exception("worker: %s failed", name)
        return -1
