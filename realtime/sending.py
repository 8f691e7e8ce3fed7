"""Sending without waiting: most sends are done at once, and only a slow socket needs a task of its own."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from typing import Any


class Rest:
    """Be the rest of a coroutine that was started outside of a task and now waits for `waiting`; await it to finish it."""

    __slots__ = ("coroutine", "waiting")

    def __init__(self, coroutine: Coroutine[Any, Any, None], waiting: Any) -> None:
        self.coroutine, self.waiting = coroutine, waiting

    def __await__(self) -> Generator[Any, Any, None]:
        waiting = self.waiting
        while True:
            failure: BaseException | None = None
            value = None
            try:
                value = yield waiting
            except BaseException as error:  # noqa: BLE001 - a cancellation too is for the coroutine
                failure = error
            try:
                waiting = self.coroutine.send(value) if failure is None else self.coroutine.throw(failure)
            except StopIteration:
                return


def begin(coroutine: Coroutine[Any, Any, None]) -> Rest | None:
    """Start a coroutine here and now: None when that was all, else what is left to be awaited in a task."""
    try:
        waiting = coroutine.send(None)
    except StopIteration:
        return None
    return Rest(coroutine, waiting)
