"""Connections: one per thread to the generation that answers, opened anew when another one takes over."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import sets
from .generations import Pointer, changing, new_name, path_of, point, pointer, pointer_file, remove, shape_of
from .schema import SCHEMA, SHAPE, SPELLING_INDEX

_open = threading.local()


def create(name: str, *, is_logged: bool = True) -> None:
    """Create the file of an empty generation, with a log for writers beside readers or without."""
    connection = sqlite3.connect(path_of(name), isolation_level=None)
    try:
        if is_logged:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(SCHEMA)
        connection.execute(SPELLING_INDEX)
    finally:
        connection.close()


def connect(name: str) -> sqlite3.Connection:
    """Open a generation that is there. Raises OperationalError when it is gone."""
    address = f"{path_of(name).absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(address, uri=True, timeout=5, isolation_level=None)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -16384")
    connection.execute("PRAGMA mmap_size = 1073741824")
    connection.execute("PRAGMA secure_delete = OFF")
    return connection


def answering() -> str:
    """Return the name of the generation that answers; make an empty one where there is none that this program reads."""
    known = pointer()
    if known is not None and shape_of(known.answers) == SHAPE and path_of(known.answers).exists():
        return known.answers
    with changing():
        known = pointer()
        if known is not None and shape_of(known.answers) == SHAPE and path_of(known.answers).exists():
            return known.answers
        name = new_name()
        create(name)
        point(Pointer(name, known.answers if known else ""))
        if known is not None and known.before:
            remove(known.before)
    return name


def current() -> tuple[sqlite3.Connection, str]:
    """Return this thread's connection to the generation that answers, and the generation's name."""
    found = _signature()
    if found is None or getattr(_open, "signature", None) != found:
        close()
        for last in (False, False, True):  # a generation may be dropped between the pointer's reading and its opening
            name = answering()
            found = _signature()
            try:
                _open.connection, _open.name, _open.signature = connect(name), name, found
                break
            except sqlite3.OperationalError:
                if last:
                    raise
    connection: sqlite3.Connection = _open.connection
    return connection, _open.name


def _signature() -> tuple[str, int, int] | None:
    path: Path = pointer_file()
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return str(path), stat.st_ino, stat.st_mtime_ns


def close() -> None:
    """Close this thread's connection, and forget what this process knows of the index."""
    if (connection := getattr(_open, "connection", None)) is not None:
        connection.close()
    _open.connection = _open.name = _open.signature = None
    sets.forget()


@contextmanager
def transaction(connection: sqlite3.Connection, mode: str = "DEFERRED") -> Iterator[None]:
    """Do all or nothing."""
    connection.execute(f"BEGIN {mode}")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def snapshot() -> Iterator[tuple[sqlite3.Connection, sets.Sets]]:
    """Read one state of the index: its rows and the bitmaps that fit them."""
    connection, name = current()
    while True:
        connection.execute("BEGIN")
        try:
            if (found := sets.current(connection, name)) is not None:
                yield connection, found
                return
        finally:
            connection.execute("COMMIT")
