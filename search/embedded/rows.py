"""Rows: what is read of single documents: the values that an order compares, and what a hit shows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from ..engine import Hit
from .schema import key_of, kind_of

ASKED = "WHERE id IN (SELECT value FROM json_each(?))"
SORT_KEYS = f"SELECT id, date, ends, credit, money_fen, latitude, longitude FROM doc {ASKED}"  # noqa: S608
HITS = (
    "SELECT id, title, body, url, status, method, credit, money_fen, date, ends, latitude, longitude, shown"  # noqa: S608
    f" FROM doc {ASKED}"
)


class Keys(NamedTuple):
    """The values of a document that an order compares."""

    date: str
    ends: str
    credit: int | None
    money_fen: int | None
    latitude: float | None
    longitude: float | None

    @property
    def place(self) -> tuple[float, float] | None:
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude


def sort_keys(connection: sqlite3.Connection, rows: Iterable[int]) -> dict[int, Keys]:
    """Return what an order compares, by row."""
    found = connection.execute(SORT_KEYS, (json.dumps(list(rows)),))
    return {row[0]: Keys(*row[1:]) for row in found}


def hits(connection: sqlite3.Connection, rows: Iterable[int]) -> tuple[Hit, ...]:
    """Return what a page shows of these rows, in their order."""
    wanted = list(rows)
    found = {}
    for row in connection.execute(HITS, (json.dumps(wanted),)):
        number, title, body, url, status, method, credit, money_fen, date, ends, latitude, longitude, shown = row
        found[number] = Hit(
            key=key_of(number), kind=kind_of(number), title=title, body=body, url=url, status=status, method=method,
            credit=credit, money_fen=money_fen, date=date, ends=ends,
            place=None if latitude is None else (latitude, longitude), shown=json.loads(shown),
        )  # fmt: skip
    return tuple(found[number] for number in wanted)
