"""Statements by hand, for the few places where building them from models takes longer than the database needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection


def fetch(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a statement as the driver gives them: numbers, texts, and on SQLite 0 and 1 for booleans."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def write(sql: str, params: Sequence[Any]) -> int:
    """Run a statement that changes rows; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def write_each(sql: str, rows: Sequence[Sequence[Any]]) -> int:
    """Run a statement once for each row of parameters, without waiting for one before the next; return how many rows changed."""
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows)
        return int(cursor.rowcount)


def marks(values: Iterable[Any]) -> str:
    """Return the place marks for a list of values: %s, %s, %s."""
    return ", ".join("%s" for _value in values)


def moment(value: datetime) -> Any:
    """Return a moment as the database's driver takes it."""
    return connection.ops.adapt_datetimefield_value(value)
