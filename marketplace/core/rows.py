"""Statements by hand, for the few places where building them from models takes longer than the database needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

# Fields whose values the driver takes as models hold them.
_SIMPLE = models.BooleanField, models.CharField, models.ForeignKey, models.IntegerField, models.TextField
AS_THEY_ARE = {"postgresql": (*_SIMPLE, models.DateTimeField), "sqlite": _SIMPLE}


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


def fetch_of(sql: str, rows: Collection[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Return what a statement gives that has the place for a list of rows, ``{}``: ``… VALUES {} …``; nothing without rows."""
    if not rows:
        return []
    given = ", ".join([f"({marks(row)})" for row in rows])
    return fetch(sql.format(given), [value for row in rows for value in row])


def write_each(sql: str, rows: Sequence[Sequence[Any]]) -> int:
    """Run one statement over all rows of parameters; return how many rows changed.

    The statement reads them as `fresh`, whose columns are called column1, column2 and so on:
    ``UPDATE t SET a = column1 FROM fresh WHERE id = column2``. On PostgreSQL an integer, a boolean and a moment have their type;
    a text takes that of the column that it is put into.
    """
    if not rows:
        return 0
    given = ", ".join([f"({marks(row)})" for row in rows])
    return write(sql.replace(" fresh ", f" (VALUES {given}) AS fresh "), [value for row in rows for value in row])


def insert(rows: Sequence[models.Model], *, are_keys_wanted: bool = True) -> None:
    """Insert new rows of one model, in one statement for every 500 of them; rows without a key get theirs where it is wanted.

    In half of the time that bulk_create takes: what a field does to a value is asked only of fields that do something.
    """
    if not rows:
        return
    link = connections[DEFAULT_DB_ALIAS]
    meta = type(rows[0])._meta
    is_numbered = rows[0].pk is None
    columns = [one for one in meta.concrete_fields if not (is_numbered and one.primary_key)]
    fields = [(one.attname, None if isinstance(one, AS_THEY_ARE[link.vendor]) else one) for one in columns]
    names = ", ".join(link.ops.quote_name(str(one.column)) for one in columns)
    sql = f"INSERT INTO {meta.db_table} ({names}) VALUES {{}}"  # noqa: S608 - names of the model's own
    is_asked = is_numbered and are_keys_wanted
    for begin in range(0, len(rows), 500):
        some = rows[begin : begin + 500]
        given = ", ".join([f"({marks(fields)})"] * len(some))
        values = [
            getattr(row, name) if field is None else field.get_db_prep_save(getattr(row, name), link)
            for row in some
            for name, field in fields
        ]
        if is_asked:
            keys = fetch(f"{sql.format(given)} RETURNING {meta.pk.column}", values)
            for row, (key,) in zip(some, keys, strict=True):
                row.pk = key
                row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
        else:
            write(sql.format(given), values)


def marks(values: Iterable[Any]) -> str:
    """Return the place marks for a list of values: %s, %s, %s."""
    return ", ".join("%s" for _value in values)


def moment(value: datetime) -> Any:
    """Return a moment as the database's driver takes it."""
    return connection.ops.adapt_datetimefield_value(value)
