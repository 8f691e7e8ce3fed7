"""Writing: documents into a generation, one by one where people read it, in bulk where nobody does yet."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from pyroaring import BitMap

from ..analysis import Phrase
from ..documents import Document
from .connections import create
from .generations import Claim, path_of, sweep
from .matching import match, rows_of
from .preparing import Prepared, prepare, sets_from
from .schema import DOC_COLUMNS, SOUND, SPELLING_INDEX, SYLLABLE, row_of_key, sounds_of, unpaired
from .sets import Changes, fact

_MARKS = f"({', '.join('?' * len(DOC_COLUMNS))})"
INSERT_DOC = f"INSERT OR REPLACE INTO doc ({', '.join(DOC_COLUMNS)}) VALUES "  # noqa: S608
INSERT_TEXT = "INSERT INTO doc_text (rowid, title, body, syllables, initials) VALUES "
BATCH = 1000
COMMON_SHARE, COMMON_LEAST = 0.2, 1000  # a token in so large a part of the documents, and in so many, tells nothing


def write(connection: sqlite3.Connection, changes: Changes, rows: Iterable[Prepared]) -> int:
    """Write documents one by one, unless a newer version is there; return how many were taken."""
    taken = 0
    for prepared in rows:
        if _make_way(connection, changes, prepared.row, prepared.version):
            connection.execute(INSERT_DOC + _MARKS, prepared.doc)
            connection.execute(f"{INSERT_TEXT}(?, ?, ?, ?, ?)", prepared.text)
            changes.add([*prepared.sets, *sounds_of(prepared.text[3])], prepared.row)
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
        changes.remove([*sets_from(sets), *sounds_of(syllables)], row)
    return True


def finish(connection: sqlite3.Connection, changes: Changes, newest: int) -> None:
    """Write the sets, and let readers notice; the last step of a writing transaction."""
    stamp = fact(connection, "stamp") + 1
    changes.write(connection, stamp)
    connection.execute("UPDATE fact SET value = ? WHERE name = 'stamp'", (stamp,))
    connection.execute("UPDATE fact SET value = max(value, ?) WHERE name = 'newest'", (newest,))


class Build:
    """Fill a new generation; while one thread makes tokens, another one lets SQLite write those made before.

    SQLite lets go of Python's lock for a whole statement, so statements are many rows long. Nothing is journalled: what a crash leaves is
    thrown away.
    """

    def __init__(self, name: str) -> None:
        self.name, self._claim = name, Claim()
        sweep()
        create(name, is_logged=False)
        self.connection = sqlite3.connect(path_of(name), isolation_level=None, check_same_thread=False)
        for pragma in (
            "journal_mode = OFF", "synchronous = OFF", "cache_size = -32768", "secure_delete = OFF", "temp_store = MEMORY",
        ):  # fmt: skip
            self.connection.execute(f"PRAGMA {pragma}")
        self.connection.execute("DROP INDEX doc_spelling")
        self.connection.execute("INSERT INTO doc_text (doc_text, rank) VALUES ('hashsize', 33554432)")
        self.connection.execute("BEGIN")
        self.changes, self.known, self.newest = Changes(), BitMap(), 0
        self._waiting: list[Prepared] = []
        self._thread = ThreadPoolExecutor(1, "search-build")
        self._writing: Future[None] | None = None

    def add(self, documents: Iterable[Document]) -> int:
        """Take documents; return how many were not older than what is there."""
        taken = 0
        for document in documents:
            prepared = prepare(document)
            self.newest = max(self.newest, document.version)
            if prepared.row in self.known:
                self._wait(is_last=True)
                taken += write(self.connection, self.changes, [prepared])
                continue
            self.known.add(prepared.row)
            self.changes.add(prepared.sets, prepared.row)
            self._waiting.append(prepared)
            taken += 1
            if len(self._waiting) >= BATCH:
                self._wait(is_last=False)
        return taken

    def erase(self, key: str, version: int) -> None:
        """Forget a document unless a newer version of it has been written."""
        self._wait(is_last=True)
        self.known.add(row_of_key(key))
        self.newest = max(self.newest, version)
        erase(self.connection, self.changes, key, version)

    def _wait(self, *, is_last: bool) -> None:
        """Hand the waiting rows over once those before are written; `is_last`: see these written too."""
        if self._writing is not None:
            self._writing.result()
            self._writing = None
        if self._waiting:
            self._writing = self._thread.submit(self._insert, self._waiting)
            self._waiting = []
            if is_last:
                self._wait(is_last=True)

    def _insert(self, rows: list[Prepared]) -> None:
        docs: list[Any] = [value for prepared in rows for value in prepared.doc]
        texts: list[Any] = [value for prepared in rows for value in prepared.text]
        self.connection.execute(INSERT_DOC + ", ".join([_MARKS] * len(rows)), docs)
        self.connection.execute(INSERT_TEXT + ", ".join(["(?, ?, ?, ?, ?)"] * len(rows)), texts)

    def settle(self) -> None:
        """See everything written that was taken so far."""
        self._wait(is_last=True)
        finish(self.connection, self.changes, self.newest)
        self.connection.execute("COMMIT")
        self.connection.execute("BEGIN")

    def complete(self) -> None:
        """Make the file what a generation that answers is: one segment of text, the common tokens known, a log for writers."""
        self._wait(is_last=True)
        run = self.connection.execute
        run("INSERT INTO doc_text (doc_text) VALUES ('optimize')")
        self.changes.added.update(sounds(self.connection))
        self.settle()
        run("INSERT INTO doc_text (doc_text, rank) VALUES ('hashsize', 1048576)")
        run(
            "UPDATE fact SET value = ? WHERE name = 'common'",
            (json.dumps(common_tokens(self.connection, len(self.known))),),
        )
        run(SPELLING_INDEX)
        run("COMMIT")
        run("PRAGMA synchronous = FULL")
        run("PRAGMA journal_mode = WAL")
        self.close()

    def close(self) -> None:
        """Stop; the file stays as it is, and the claim is held until it is released."""
        self._thread.shutdown()
        self.connection.close()

    def release(self) -> None:
        """Let others build."""
        self._claim.release()


def sounds(connection: sqlite3.Connection) -> Iterator[tuple[tuple[str, str], BitMap]]:
    """Yield the set of each syllable, read from the text at once: cheaper than by document."""
    connection.execute("CREATE VIRTUAL TABLE temp.sounds USING fts5vocab(main, doc_text, col)")
    terms = connection.execute("SELECT term FROM temp.sounds WHERE col = 'syllables' ORDER BY term").fetchall()
    connection.execute("DROP TABLE temp.sounds")
    for sound in sorted({unpaired(term) for (term,) in terms}):
        if SYLLABLE.fullmatch(sound):
            yield (SOUND, sound), rows_of(connection, match(Phrase((sound,), ("syllables",))))


def common_tokens(connection: sqlite3.Connection, count: int) -> list[str]:
    """Return the tokens that stand in so many of `count` documents that they tell nothing."""
    connection.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, doc_text, row)")
    found = connection.execute(
        "SELECT term FROM temp.vocabulary WHERE doc > ? ORDER BY term", (max(COMMON_LEAST, COMMON_SHARE * count),)
    ).fetchall()
    connection.execute("DROP TABLE temp.vocabulary")
    return [term for (term,) in found]


def kinds(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many documents of each kind there are."""
    found: dict[str, int] = {}
    for kind, docs in connection.execute("SELECT value, docs FROM standing WHERE name = 'kind' ORDER BY value"):
        found[kind] = found.get(kind, 0) + len(BitMap.deserialize(docs))
    return {kind: count for kind, count in found.items() if count}
