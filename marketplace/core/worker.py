"""The worker: looks for due rows, owed deliveries and sweeps, again and again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from .events import deliver_pending

logger = logging.getLogger(__name__)
Due = Callable[[datetime], int]
_due: dict[str, Due] = {}


def due(name: str) -> Callable[[Due], Due]:
    """Register work that falls due: a function of the time that returns how many rows it moved.

    Each row is claimed under its lock and tested again there, so several workers may run; nothing depends on one running.
    """

    def register(function: Due) -> Due:
        _due[name] = function
        return function

    return register


def run_round(now: datetime) -> dict[str, int]:
    """Do one round: everything due, then pending deliveries. One failing part does not stop the others."""
    done = {}
    for name, function in [*_due.items(), ("deliveries", deliver_pending)]:
        try:
            done[name] = function(now)
        except Exception:
            logger.exception("worker: %s failed", name)
            done[name] = -1
    return done
