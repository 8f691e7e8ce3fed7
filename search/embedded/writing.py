"""Writing: documents into a generation that people read, one by one in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from pyroaring import BitMap

from .preparing import Prepared, sets_from
from .schema import DOC_COLUMNS, row_of_key, sounding, unpaired
from .sets import Changes, fact

MARKS = f"({', '.join('?' * len(DOC_COLUMNS))})"
INSERT_DOC = f"INSERT OR REPLACE INTO doc ({', '.join(DOC_COLUMNS)}) VALUES "  # noqa: S608
INSERT_TEXT = "INSERT INTO doc_text (rowid, title, body, syllables, initials) VALUES "
TEXT_MARKS = "(?, ?, ?, ?, ?)"


def write(connection: sqlite3.Connection, changes: Changes, rows: Iterable[Prepared]) -> int:
    """Write documents one by one, unless a newer version is there; return how many were taken."""
    taken = 0
    for prepared in rows:
        if _make_way(connection, changes, prepared.row, prepared.version):
            connection.execute(INSERT_DOC + MARKS, prepared.doc)
            connection.execute(INSERT_TEXT + TEXT_MARKS, prepared.text)
            changes.add([*prepared.sets, *sounding(prepared.sounds)], prepared.row)
            taken += 1
    return taken


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
