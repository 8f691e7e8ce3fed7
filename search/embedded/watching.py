"""Watching: saved searches, and which of them a document fits.

Filters and one token of each alternative, turned around, choose the candidates; then the analysed words are matched against
the document's own tokens in memory, with the meaning that they have in the index.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import Any

from ..analysis import All as AllOf
from ..analysis import Any as AnyOf
from ..analysis import Node, Phrase, pinyin, tokens
from ..documents import DATES, Document
from ..engine import Query
from .connections import transaction
from .generations import STEM, path_of

EVERYTHING = ""  # the token of a search that asks for no words
SCHEMA = """
CREATE TABLE IF NOT EXISTS watched (
  number INTEGER PRIMARY KEY, facets INTEGER NOT NULL, node TEXT NOT NULL, spans TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS watched_value (
  facet TEXT NOT NULL, value TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (facet, value, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS watched_value_number ON watched_value (number);
CREATE TABLE IF NOT EXISTS watched_token (
  token TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (token, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS watched_token_number ON watched_token (number);
"""


def fields_of(document: Document) -> dict[str, str]:
    """Return the tokens of each field of a document, as the index has them."""
    syllables, initials = pinyin(document.title)
    tokens_of = {
        "title": tokens(document.title), "body": tokens(document.body), "syllables": syllables, "initials": initials
    }  # fmt: skip
    return {field: joined(found) for field, found in tokens_of.items()}


def joined(found: Iterable[str]) -> str:
    """Return tokens as one text with a space before and after each, so that a phrase is a piece of it."""
    return f" {' '.join(found)} "


def fits(node: Node, fields: Mapping[str, str]) -> bool:
    """Say whether a node matches the joined tokens of these fields, as it would in the index."""
    if isinstance(node, Phrase):
        piece = f" {' '.join(node.tokens)}" if node.is_prefix else joined(node.tokens)
        return any(piece in fields.get(field, "") for field in node.fields)
    if isinstance(node, AllOf):
        return all(fits(part, fields) for part in node.parts)
    return any(fits(part, fields) for part in node.parts)


def anchors(node: Node) -> frozenset[str]:
    """Return tokens of which a document has at least one if it fits the node; of a beginning its first character and `*`."""
    if isinstance(node, Phrase):
        first = node.tokens[0]
        return frozenset({f"{first[:1]}*" if node.is_prefix and len(node.tokens) == 1 else first})
    if isinstance(node, AllOf):
        return min((anchors(part) for part in node.parts), key=len)
    return frozenset().union(*(anchors(part) for part in node.parts))


def written(node: Node) -> Any:
    """Write a node as plain lists."""
    if isinstance(node, Phrase):
        return [list(node.tokens), list(node.fields), node.is_prefix]
    return ["all" if isinstance(node, AllOf) else "any", [written(part) for part in node.parts]]


def read(plain: Any) -> Node:
    """Read a node back."""
    if isinstance(plain[0], str):
        return (AllOf if plain[0] == "all" else AnyOf)(tuple(read(part) for part in plain[1]))
    return Phrase(tuple(plain[0]), tuple(plain[1]), plain[2])


class Watchlist:
    """Keep the saved searches in a file beside the generations, which come and go."""

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(path_of(f"{STEM}.watched"), timeout=5, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.executescript(SCHEMA)
        return connection

    def watch(self, number: int, query: Query) -> None:
        """Keep a search under its number; one whose words are no words fits nothing."""
        node = query.analysis.exact if query.text.strip() else None
        chosen = {facet: values for facet, values in query.chosen.items() if values}
        spans = [query.spans.get(name, ("~", "~")) for name in chosen.pop(DATES, ())]
        nothing = frozenset() if query.text.strip() else frozenset({EVERYTHING})
        asked = nothing if node is None else anchors(node)
        with closing(self._open()) as connection, transaction(connection, "IMMEDIATE"):
            self._forget(connection, number)
            connection.execute(
                "INSERT INTO watched VALUES (?, ?, ?, ?)",
                (number, len(chosen), json.dumps(written(node) if node else None), json.dumps(spans)),
            )
            connection.executemany(
                "INSERT OR IGNORE INTO watched_value VALUES (?, ?, ?)",
                [(facet, value, number) for facet, values in chosen.items() for value in values],
            )
            connection.executemany("INSERT INTO watched_token VALUES (?, ?)", [(token, number) for token in asked])

    def unwatch(self, number: int) -> None:
        """Forget a search."""
        with closing(self._open()) as connection, transaction(connection, "IMMEDIATE"):
            self._forget(connection, number)

    @staticmethod
    def _forget(connection: sqlite3.Connection, number: int) -> None:
        for table in ("watched", "watched_value", "watched_token"):
            connection.execute(f"DELETE FROM {table} WHERE number = ?", (number,))  # noqa: S608 constants

    def numbers(self) -> set[int]:
        """Return under which numbers searches are kept."""
        with closing(self._open()) as connection:
            return {number for (number,) in connection.execute("SELECT number FROM watched")}

    def watched_by(self, documents: Iterable[Document]) -> list[tuple[int, str]]:
        """Return which searches these documents fit, as pairs of a number and a key, none twice."""
        with closing(self._open()) as connection:
            found = {
                (number, document.key): None for document in documents for number in self._fitting(connection, document)
            }
        return list(found)

    @staticmethod
    def _fitting(connection: sqlite3.Connection, document: Document) -> Iterable[int]:
        fields = fields_of(document)
        words = {token for found in fields.values() for token in found.split()}
        asked = [EVERYTHING, *words, *{f"{token[:1]}*" for token in words}]
        values = [[facet, value] for facet, held in document.facets.items() for value in held]
        candidates = connection.execute(
            "WITH fitting AS (SELECT DISTINCT number FROM json_each(?) AS asked JOIN watched_token ON token = asked.value),"
            " held AS (SELECT number, count(DISTINCT facet) AS facets FROM json_each(?) AS pair JOIN watched_value"
            " ON facet = pair.value ->> 0 AND watched_value.value = pair.value ->> 1 GROUP BY number)"
            " SELECT watched.number, node, spans FROM fitting JOIN watched USING (number) LEFT JOIN held USING (number)"
            " WHERE watched.facets = coalesce(held.facets, 0) ORDER BY watched.number",
            (json.dumps(asked), json.dumps(values)),
        )
        for number, node, spans in candidates:
            moments = json.loads(spans)
            if moments and not any(_within(document.date, *span) for span in moments):
                continue
            plain = json.loads(node)
            if plain is None or fits(read(plain), fields):
                yield number


def _within(date: str, begin: str, end: str) -> bool:
    return bool(date) and date >= begin and (not end or date < end)
