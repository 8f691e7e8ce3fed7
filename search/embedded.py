"""Embedded adapter: the index in one SQLite file of its own with FTS5, whatever the main database is."""

# Table and column names below are constants of this file; whatever is typed or stored goes in as a parameter.
# ruff: noqa: S608

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from .analysis import All as AllOf
from .analysis import Node, Phrase, analyze, narrow, pinyin, tokens
from .documents import FACETS, Document, Kind
from .engine import STEPS, Hit, Query, Result, Status

SCHEMA_VERSION = 1
SCHEMA = """
CREATE TABLE doc (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, version INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  fingerprint TEXT NOT NULL DEFAULT '', title TEXT NOT NULL DEFAULT '', body TEXT NOT NULL DEFAULT '',
  url TEXT NOT NULL DEFAULT '', status TEXT NOT NULL DEFAULT '', method TEXT NOT NULL DEFAULT '',
  credit INTEGER, money_fen INTEGER, date TEXT NOT NULL DEFAULT '', shown TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE doc_value (
  facet TEXT NOT NULL, value TEXT NOT NULL, doc_id INTEGER NOT NULL, PRIMARY KEY (doc_id, facet, value)
) WITHOUT ROWID;
CREATE INDEX doc_value_by_value ON doc_value (facet, value, doc_id);
CREATE VIRTUAL TABLE doc_text USING fts5(
  title, body, syllables, initials, prefix='1 2', tokenize="unicode61 remove_diacritics 0"
);
"""
NAMES = ("key", "kind", "title", "body", "url", "status", "method", "credit", "money_fen", "date", "shown")
SHOWN = ", ".join(f"doc.{name}" for name in NAMES)
RANK = "bm25(doc_text, 10.0, 2.0, 5.0, 3.0)"  # a word in the title weighs five times one in the body
ORDERS = {
    "relevance": "m.rank, doc.date DESC, doc.key",
    "newest": "doc.date DESC, doc.key",
    "credit": "doc.credit IS NULL, doc.credit DESC, m.rank, doc.key",
    "price": "doc.money_fen IS NULL, doc.money_fen, m.rank, doc.key",
}
_open = threading.local()


def search_file() -> Path:
    """Return where the index lies."""
    return Path(settings.DATA_DIR) / "search.sqlite3"


def _connection() -> sqlite3.Connection:
    """Return this thread's connection; open a new one when the file has been moved or replaced."""
    path = search_file()
    place = (str(path), path.stat().st_ino) if path.exists() else None
    if place is None or getattr(_open, "place", None) != place:
        close()
        connection = sqlite3.connect(path, timeout=5, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        _prepare(connection)
        _open.connection, _open.place = connection, (str(path), path.stat().st_ino)
    found: sqlite3.Connection = _open.connection
    return found


def close() -> None:
    """Close this thread's connection."""
    if (connection := getattr(_open, "connection", None)) is not None:
        connection.close()
    _open.connection = _open.place = None


def _prepare(connection: sqlite3.Connection) -> None:
    """Create the tables; those of another version of this file are dropped, a rebuild fills them again."""
    with _transaction(connection, "IMMEDIATE"):
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == SCHEMA_VERSION:
            return
        for name in ("doc_text", "doc_value", "doc"):
            connection.execute(f"DROP TABLE IF EXISTS {name}")
        for statement in SCHEMA.split(";\n"):
            if statement.strip():
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


@contextmanager
def _transaction(connection: sqlite3.Connection, mode: str = "DEFERRED") -> Iterator[None]:
    connection.execute(f"BEGIN {mode}")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def match(node: Node) -> str:
    """Write a node in the language of FTS5; every token is quoted, so nothing typed becomes an operator."""
    if isinstance(node, Phrase):
        quoted = " ".join(token.replace('"', '""') for token in node.tokens)
        return f'{{{" ".join(node.fields)}}} : "{quoted}"{" *" if node.is_prefix else ""}'
    word = " AND " if isinstance(node, AllOf) else " OR "
    return "(" + word.join(match(part) for part in node.parts) + ")"


def _conditions(chosen: Mapping[str, tuple[str, ...]], without: str = "") -> tuple[str, list[str]]:
    """Return the SQL that keeps what fits the chosen values of every facet but `without`, and its parameters."""
    parts, values = [], []
    for facet, wanted in chosen.items():
        if wanted and facet != without:
            marks = ", ".join("?" * len(wanted))
            parts.append(f"m.id IN (SELECT doc_id FROM doc_value WHERE facet = ? AND value IN ({marks}))")
            values += [facet, *wanted]
    return " AND ".join(parts) or "1", values


def _hit(row: tuple[Any, ...]) -> Hit:
    return Hit(**{**dict(zip(NAMES, row, strict=True)), "shown": json.loads(row[-1])})


@dataclass(frozen=True)
class Reading:
    """How the words of a query were read: the step of the ladder, the words of FTS5 (none: all), what to mark."""

    step: str
    words: str
    marks: tuple[str, ...]

    @property
    def matched(self) -> str:
        if not self.words:
            return "SELECT id FROM doc WHERE deleted = 0"
        return "SELECT rowid AS id FROM doc_text WHERE doc_text MATCH ?"

    @property
    def ranked(self) -> str:
        if not self.words:
            return "SELECT id, 0.0 AS rank FROM doc WHERE deleted = 0"
        return f"SELECT rowid AS id, {RANK} AS rank FROM doc_text WHERE doc_text MATCH ?"

    @property
    def parameters(self) -> list[str]:
        return [self.words] if self.words else []


class Embedded:
    """Keep the index in `DATA_DIR/search.sqlite3`; many processes may read while one writes."""

    def index(self, documents: Iterable[Document]) -> int:
        connection, taken = _connection(), 0
        with _transaction(connection, "IMMEDIATE"):
            for document in documents:
                taken += self._write(connection, document)
        return taken

    def _write(self, connection: sqlite3.Connection, document: Document) -> bool:
        number = self._claim(connection, document.key, document.kind, document.version, is_deleted=False)
        if number is None:
            return False
        connection.execute(
            "UPDATE doc SET fingerprint = ?, title = ?, body = ?, url = ?, status = ?, method = ?, credit = ?,"
            " money_fen = ?, date = ?, shown = ? WHERE id = ?",
            (
                document.fingerprint, document.title, document.body, document.url, document.status, document.method,
                document.credit, document.money_fen, document.date,
                json.dumps(dict(document.shown), ensure_ascii=False, sort_keys=True), number,
            ),
        )  # fmt: skip
        connection.executemany(
            "INSERT INTO doc_value (facet, value, doc_id) VALUES (?, ?, ?)",
            [(facet, value, number) for facet, values in document.facets.items() for value in values],
        )
        fields = [tokens(document.title), tokens(document.body), *pinyin(document.title)]
        connection.execute(
            "INSERT INTO doc_text (rowid, title, body, syllables, initials) VALUES (?, ?, ?, ?, ?)",
            (number, *(" ".join(field) for field in fields)),
        )
        return True

    def _claim(
        self, connection: sqlite3.Connection, key: str, kind: str, version: int, *, is_deleted: bool
    ) -> int | None:
        """Empty the row of `key` for a new version and return its number, or None when a newer one is there."""
        row = connection.execute(
            "INSERT INTO doc (key, kind, version, deleted) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE"
            " SET version = excluded.version, deleted = excluded.deleted WHERE doc.version <= excluded.version"
            " RETURNING id",
            (key, kind, version, is_deleted),
        ).fetchone()
        if row is None:
            return None
        number: int = row[0]
        connection.execute("DELETE FROM doc_text WHERE rowid = ?", (number,))
        connection.execute("DELETE FROM doc_value WHERE doc_id = ?", (number,))
        return number

    def delete(self, key: str, version: int) -> None:
        connection = _connection()
        with _transaction(connection, "IMMEDIATE"):
            self._claim(connection, key, key.split(":", maxsplit=1)[0], version, is_deleted=True)

    def sweep(self, version: int, keep: frozenset[str]) -> int:
        connection = _connection()
        rows = connection.execute("SELECT key FROM doc WHERE deleted = 0 AND version <= ?", (version,)).fetchall()
        gone = [key for (key,) in rows if key not in keep]
        with _transaction(connection, "IMMEDIATE"):
            for key in gone:
                self._claim(connection, key, key.split(":")[0], version, is_deleted=True)
        connection.execute("INSERT INTO doc_text (doc_text) VALUES ('optimize')")
        return len(gone)

    def clear(self) -> None:
        connection = _connection()
        with _transaction(connection, "IMMEDIATE"):
            for table in ("doc_text", "doc_value", "doc"):
                connection.execute(f"DELETE FROM {table}")

    def fingerprints(self) -> dict[str, str]:
        return dict(_connection().execute("SELECT key, fingerprint FROM doc WHERE deleted = 0").fetchall())

    def _read(self, connection: sqlite3.Connection, query: Query) -> Reading | None:
        """Return the first step of the ladder that finds anything; without words everything is found."""
        analysis = query.analysis
        if not query.text.strip():
            return Reading("exact", "", analysis.words)
        for step in STEPS:
            node: Node | None = getattr(analysis, step)
            if node is not None:
                words = match(node)
                if connection.execute("SELECT 1 FROM doc_text WHERE doc_text MATCH ? LIMIT 1", (words,)).fetchone():
                    return Reading(step, words, analysis.marks(step))
        return None

    def search(self, query: Query) -> Result:
        connection = _connection()
        with _transaction(connection):
            reading = self._read(connection, query)
            if reading is None:
                return Result()
            hits, total = self._page(connection, query, reading)
            return Result(hits, total, self._counts(connection, query, reading), reading.step, reading.marks)

    def _counts(self, connection: sqlite3.Connection, query: Query, reading: Reading) -> dict[str, dict[str, int]]:
        counts: dict[str, dict[str, int]] = {}
        for facet in FACETS:
            others, values = _conditions(query.chosen, without=facet)
            rows = connection.execute(
                f"WITH m AS MATERIALIZED ({reading.matched}) SELECT v.value, count(*) FROM m"
                f" JOIN doc_value v ON v.doc_id = m.id AND v.facet = ? WHERE {others}"
                " GROUP BY v.value ORDER BY 2 DESC, 1",
                [*reading.parameters, facet, *values],
            )
            counts[facet] = dict(rows.fetchall())
        return counts

    def _page(self, connection: sqlite3.Connection, query: Query, reading: Reading) -> tuple[tuple[Hit, ...], int]:
        kept, values = _conditions(query.chosen)
        (total,) = connection.execute(
            f"WITH m AS ({reading.matched}) SELECT count(*) FROM m WHERE {kept}", [*reading.parameters, *values]
        ).fetchone()
        order = "newest" if query.sort == "relevance" and not reading.words else query.sort
        rows = connection.execute(
            f"WITH m AS MATERIALIZED ({reading.ranked}) SELECT {SHOWN} FROM m JOIN doc ON doc.id = m.id WHERE {kept}"
            f" ORDER BY {ORDERS[order]} LIMIT ? OFFSET ?",
            [*reading.parameters, *values, query.per_page, query.offset],
        )
        return tuple(_hit(row) for row in rows.fetchall()), total

    def suggest(self, text: str, per_kind: int = 4) -> dict[str, tuple[Hit, ...]]:
        connection = _connection()
        node = narrow(analyze(text).exact, frozenset({"title", "syllables", "initials"}))
        groups: dict[str, list[Hit]] = {kind: [] for kind in Kind.values}
        if node is not None:
            rows = connection.execute(
                f"WITH m AS MATERIALIZED (SELECT rowid AS id, {RANK} AS rank FROM doc_text WHERE doc_text MATCH ?),"
                f" placed AS (SELECT {SHOWN}, row_number() OVER (PARTITION BY doc.kind ORDER BY m.rank, doc.date DESC,"
                " doc.key) AS place FROM m JOIN doc ON doc.id = m.id)"
                f" SELECT {', '.join(NAMES)} FROM placed WHERE place <= ? ORDER BY place",
                [match(node), per_kind],
            )
            for row in rows.fetchall():
                groups[row[1]].append(_hit(row))
        return {kind: tuple(hits) for kind, hits in groups.items() if hits}

    def status(self) -> Status:
        with closing(_connection().cursor()) as cursor:
            kinds = dict(cursor.execute("SELECT kind, count(*) FROM doc WHERE deleted = 0 GROUP BY kind").fetchall())
            (newest,) = cursor.execute("SELECT coalesce(max(version), 0) FROM doc").fetchone()
        return Status("embedded", str(search_file()), kinds, newest, search_file().stat().st_size)
