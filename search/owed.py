"""Owed: what could not be written to the search server, kept in a small file until it can; a restart forgets nothing.

One row per document or saved search, the newest version of it. Writing it twice is harmless: the server refuses older versions.
"""

from __future__ import annotations

import fcntl
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from .documents import Document
from .engine import Query

TOGETHER = 200
SCHEMA = "CREATE TABLE IF NOT EXISTS owed (key TEXT PRIMARY KEY, version INTEGER NOT NULL, content TEXT NOT NULL) WITHOUT ROWID"


@dataclass(frozen=True)
class Change:
    """A document or a saved search in a version; without content it is to be forgotten."""

    key: str
    version: int
    content: Document | Query | None = None


def _file() -> Path:
    return Path(settings.DATA_DIR) / "search-owed.sqlite3"


def _open() -> sqlite3.Connection:
    connection = sqlite3.connect(_file(), timeout=5, isolation_level=None)
    connection.execute(SCHEMA)
    return connection


def owe(changes: Iterable[Change]) -> None:
    """Remember what the server has not got."""
    with closing(_open()) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO owed VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET version = excluded.version,"
            " content = excluded.content WHERE excluded.version >= owed.version",
            [(change.key, change.version, _text(change.content)) for change in changes],
        )
        connection.execute("COMMIT")


def count() -> int:
    """Return how many documents and saved searches the server has not got."""
    if not _file().exists():
        return 0
    with closing(_open()) as connection:
        number: int = connection.execute("SELECT count(*) FROM owed").fetchone()[0]
    return number


def oldest(limit: int = TOGETHER) -> list[Change]:
    """Return what is owed, older versions first."""
    if not _file().exists():
        return []
    with closing(_open()) as connection:
        rows = connection.execute("SELECT key, version, content FROM owed ORDER BY version, key LIMIT ?", (limit,))
        return [Change(key, version, _content(key, text)) for key, version, text in rows.fetchall()]


def settle(changes: Iterable[Change]) -> None:
    """Forget what the server has got; what became newer meanwhile stays owed."""
    with closing(_open()) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "DELETE FROM owed WHERE key = ? AND version = ?", [(change.key, change.version) for change in changes]
        )
        connection.execute("COMMIT")


@contextmanager
def alone() -> Iterator[bool]:
    """Say whether nobody else is bringing over what is owed; nobody else begins inside."""
    with _file().with_suffix(".lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _text(content: Document | Query | None) -> str:
    if content is None:
        return ""
    values = {name: sorted(one) if isinstance(one, frozenset) else one for name, one in asdict(content).items()}
    return json.dumps(values, ensure_ascii=False)


def _content(key: str, text: str) -> Document | Query | None:
    if not text:
        return None
    values: dict[str, Any] = {name: _frozen(value) for name, value in json.loads(text).items()}
    if key.startswith("watch:"):
        sets = [name for name, one in asdict(Query()).items() if isinstance(one, frozenset)]
        return Query(**values | {name: frozenset(values[name]) for name in sets})
    return Document(**values)


def _frozen(value: Any) -> Any:
    """Return tuples for lists, also inside of mappings: JSON knows no others."""
    if isinstance(value, list):
        return tuple(value)
    return {name: _frozen(one) for name, one in value.items()} if isinstance(value, dict) else value
