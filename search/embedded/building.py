"""Building: documents into a generation that nobody reads yet, in bulk."""

from __future__ import annotations

import gc
import json
import sqlite3
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from pyroaring import BitMap

from ..documents import Document
from .connections import create
from .generations import Claim, path_of, sweep
from .preparing import Sheaf, prepare
from .schema import SPELLING_INDEX, row_of, row_of_key
from .sets import Changes
from .writing import INSERT_DOC, INSERT_TEXT, MARKS, TEXT_MARKS, erase, finish, write

BATCH = 1000
AHEAD = 4  # sheaves that may wait to be written: now and then SQLite stops to sort what it has in memory
COMMON_SHARE, COMMON_LEAST = 0.2, 1000  # a token in so large a part of the documents, and in so many, tells nothing


class Build:
    """Fill a new generation; while one thread makes tokens, another one lets SQLite write those made before.

    SQLite lets go of Python's lock for a whole statement, so statements are many rows long. Nothing is journalled: what a crash
    leaves is thrown away.
    """

    def __init__(self, name: str) -> None:
        self.name, self._claim = name, Claim()
        gc.freeze()  # so that nobody looks through all of the program again and again while documents come and go
        sweep()
        create(name, is_logged=False)
        self.connection = sqlite3.connect(path_of(name), isolation_level=None, check_same_thread=False)
        for pragma in (
            "journal_mode = OFF", "synchronous = OFF", "cache_size = -32768", "secure_delete = OFF", "temp_store = MEMORY",
        ):  # fmt: skip
            self.connection.execute(f"PRAGMA {pragma}")
        self.connection.execute("DROP INDEX doc_spelling")
        for option, value in (("hashsize", 32 << 20), ("automerge", 0)):  # all is merged once, at the end
            self.connection.execute("INSERT INTO doc_text (doc_text, rank) VALUES (?, ?)", (option, value))
        self.connection.execute("BEGIN")
        self.changes, self.known, self.newest = Changes(), BitMap(), 0
        self._waiting: dict[int, Document] = {}
        self._thread = ThreadPoolExecutor(1, "search-build")
        self._writing: deque[Future[None]] = deque()

    def add(self, documents: Iterable[Document]) -> int:
        """Take documents; return how many were not older than what is there."""
        taken = 0
        for document in documents:
            row = row_of(document.kind, document.id)
            if row in self._waiting or row in self.known:
                self._see_written()
                taken += self._write(document)
                continue
            self._waiting[row] = document
            taken += 1
            if len(self._waiting) >= BATCH:
                self._pass_on()
        return taken

    def _write(self, document: Document) -> int:
        self.newest = max(self.newest, document.version)
        return write(self.connection, self.changes, prepare([document]))

    def erase(self, key: str, version: int) -> None:
        """Forget a document unless a newer version of it has been written."""
        self._see_written()
        self.known.add(row_of_key(key))
        self.newest = max(self.newest, version)
        erase(self.connection, self.changes, key, version)

    def _pass_on(self) -> None:
        """Prepare the waiting documents, and let them be written."""
        made = prepare(list(self._waiting.values()))
        self._waiting.clear()
        self.known |= BitMap(made.rows)
        self.newest = max(self.newest, *made.versions)
        self.changes.add(made.sets)
        self._let_write(most=AHEAD - 1)
        self._writing.append(self._thread.submit(self._insert, made))

    def _let_write(self, most: int = 0) -> None:
        """Wait until no more than so many sheaves are unwritten."""
        while len(self._writing) > most:
            self._writing.popleft().result()

    def _insert(self, made: Sheaf) -> None:
        count = len(made.rows)
        self.connection.execute(INSERT_DOC + ", ".join([MARKS] * count), made.docs)
        self.connection.execute(INSERT_TEXT + ", ".join([TEXT_MARKS] * count), made.texts)

    def _see_written(self) -> None:
        """See everything written that was taken so far."""
        if self._waiting:
            self._pass_on()
        self._let_write()

    def settle(self) -> None:
        """Make everything that was taken so far readable for this connection."""
        self._see_written()
        finish(self.connection, self.changes, self.newest)
        self.connection.execute("COMMIT")
        self.connection.execute("BEGIN")

    def complete(self) -> None:
        """Make the file what a generation that answers is: one segment of text, the common tokens known, a log for writers."""
        self._see_written()
        run = self.connection.execute
        run("INSERT INTO doc_text (doc_text) VALUES ('optimize')")
        self.settle()
        for option, value in (("hashsize", 1 << 20), ("automerge", 4)):  # as SQLite has them
            run("INSERT INTO doc_text (doc_text, rank) VALUES (?, ?)", (option, value))
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
        gc.unfreeze()
        self._claim.release()


def common_tokens(connection: sqlite3.Connection, count: int) -> list[str]:
    """Return the tokens that stand in so many of `count` documents that they tell nothing."""
    connection.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, doc_text, row)")
    found = connection.execute(
        "SELECT term FROM temp.vocabulary WHERE doc > ? ORDER BY term", (max(COMMON_LEAST, COMMON_SHARE * count),)
    ).fetchall()
    connection.execute("DROP TABLE temp.vocabulary")
    return [term for (term,) in found]
