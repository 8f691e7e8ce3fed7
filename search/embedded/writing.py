"""Writing: documents into a generation that people read, one by one in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from pyroaring import BitMap

from .preparing import Sheaf, sets_from
from .schema import DOC_COLUMNS, TEXT_COLUMNS, row_of_key, sounding, unpaired
from .sets import Changes, fact

MARKS = f"({', '.join('?' * len(DOC_COLUMNS))})"
INSERT_DOC = f"INSERT OR REPLACE INTO doc ({', '.join(DOC_COLUMNS)}) VALUES "  # noqa: S608
TEXT_MARKS = f"({', '.join('?' * len(TEXT_COLUMNS))})"
INSERT_TEXT = f"INSERT INTO doc_text ({', '.join(TEXT_COLUMNS)}) VALUES "  # noqa: S608


def write(connection: sqlite3.Connection, changes: Changes, sheaf: Sheaf) -> int:
    """Write documents one by one, unless a newer version is there; return how many were taken."""
    taken = BitMap()
    for place, (row, version) in enumerate(zip(sheaf.rows, sheaf.versions, strict=True)):
        if _make_way(connection, changes, row, version):
            connection.execute(INSERT_DOC + MARKS, _row(sheaf.docs, place, DOC_COLUMNS))
            connection.execute(INSERT_TEXT + TEXT_MARKS, _row(sheaf.texts, place, TEXT_COLUMNS))
            taken.add(row)
    changes.add(sheaf.sets, among=taken)
    return len(taken)


def _row(values: list[Any], place: int, columns: Sequence[str]) -> list[Any]:
    return values[place * len(columns) : (place + 1) * len(columns)]


def erase(connection: sqlite3.Connection, changes: Changes, key: str, version: int) -> None:
    """Forget a document unless a newer version is there; the row stays and remembers the version."""
    row = row_of_key(key)
    if _make_way(connection, changes, row, version):
        connection.execute("INSERT OR REPLACE INTO doc (id, version, deleted) VALUES (?, ?, 1)", (row, version))


def _make_way(connection: sqlite3.Connection, changes: Changes, row: int, version: int) -> bool:
    """Take an older version out of the text and the sets; say whether this version may be written."""
    old = connection.execute("SELECT version, deleted, sets FROM doc WHERE id = ?", (row,)).fetchone()
    if old is None:
        return True
    old_version, is_deleted, sets = old
    if old_version > version:
        return False
    if not is_deleted:
        (syllables,) = connection.execute("SELECT syllables FROM doc_text WHERE rowid = ?", (row,)).fetchone()
        connection.execute("DELETE FROM doc_text WHERE rowid = ?", (row,))
        changes.remove([*sets_from(sets), *sounding(set(unpaired(syllables).split()))], row)
    return True


def finish(connection: sqlite3.Connection, changes: Changes, newest: int) -> None:
    """Write the sets, and let readers notice; the last step of a writing transaction."""
    stamp = fact(connection, "stamp") + 1
    changes.write(connection, stamp)
    connection.execute("UPDATE fact SET value = ? WHERE name = 'stamp'", (stamp,))
    connection.execute("UPDATE fact SET value = max(value, ?) WHERE name = 'newest'", (newest,))


def kinds(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many documents of each kind there are."""
    found: dict[str, int] = {}
    for kind, docs in connection.execute("SELECT value, docs FROM standing WHERE name = 'kind' ORDER BY value"):
        found[kind] = found.get(kind, 0) + len(BitMap.deserialize(docs))
    return {kind: count for kind, count in found.items() if count}
