"""Threads beside the pages' requests that keep their database connections open: a bid or a notice has no time to make one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import DatabaseError, InterfaceError, connections

T = TypeVar("T")
THREADS = 4

executor = ThreadPoolExecutor(THREADS, thread_name_prefix="kept")


async def in_thread(function: Callable[..., T], *args: Any) -> T:
    """Run a function that uses the database in one of these threads, beside the pages' requests."""
    return await asyncio.get_running_loop().run_in_executor(executor, _run, function, args)


def _run(function: Callable[..., T], args: tuple[Any, ...]) -> T:
    try:
        return function(*args)
    except (DatabaseError, InterfaceError):
        close_connections()  # a server that restarted answers on a new connection only
        raise


def close_connections() -> None:
    """Close this thread's connections; the next use opens new ones."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
