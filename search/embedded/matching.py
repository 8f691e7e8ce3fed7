"""Matching: a node of the analysis to the set of documents that it fits, phrase by phrase from FTS5."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

from pyroaring import BitMap

from ..analysis import All as AllOf
from ..analysis import Any as AnyOf
from ..analysis import Node, Phrase
from .schema import JOIN, PAIRED, SOUND, paired
from .sets import Sets

ROWS = "SELECT group_concat(rowid) FROM doc_text WHERE doc_text MATCH ?"  # one text: half the time of one row each


def match(node: Node) -> str:
    """Write a node in the language of FTS5; every token is quoted, so nothing typed becomes an operator."""
    if isinstance(node, Phrase):
        texts = " ".join(field for field in node.fields if field not in PAIRED)
        parts = [_written(texts, " ".join(node.tokens), is_prefix=node.is_prefix)] if texts else []
        for field in node.fields:
            parts += _in_pairs(node, field) if field in PAIRED else []
        return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"
    word = " AND " if isinstance(node, AllOf) else " OR "
    return "(" + word.join(match(part) for part in node.parts) + ")"


def _in_pairs(node: Phrase, field: str) -> Iterator[str]:
    if len(node.tokens) > 1:
        pairs = paired(field, node.tokens).rpartition(" ")[0]
        yield _written(field, pairs, is_prefix=node.is_prefix)
        return
    alone = paired(field, node.tokens)  # the last token of a field, or the beginning of a pair
    yield _written(field, alone, is_prefix=node.is_prefix)
    if not node.is_prefix:
        yield _written(field, alone + JOIN, is_prefix=True)


def _written(fields: str, tokens: str, *, is_prefix: bool) -> str:
    quoted = tokens.replace('"', '""')
    return f'{{{fields}}} : "{quoted}"{" *" if is_prefix else ""}'


def rows_of(connection: sqlite3.Connection, words: str) -> BitMap:
    """Return the rows that a query of FTS5 finds."""
    (rows,) = connection.execute(ROWS, (words,)).fetchone()
    return BitMap(json.loads(f"[{rows}]")) if rows else BitMap()


class Matcher:
    """Read the sets of nodes in one snapshot; each phrase is read once per field."""

    def __init__(self, connection: sqlite3.Connection, sets: Sets) -> None:
        self.connection, self.sets = connection, sets
        self._known: dict[Node, BitMap] = {}

    def docs(self, node: Node) -> BitMap:
        """Return the documents that a node fits; the caller does not change them."""
        found = self._known.get(node)
        if found is None:
            found = self._known[node] = self._read(node)
        return found

    def _read(self, node: Node) -> BitMap:
        if isinstance(node, Phrase):
            return BitMap.union(BitMap(), *(self._field(node, field) for field in node.fields))
        if isinstance(node, AllOf):
            found: BitMap | None = None
            for part in node.parts:
                found = self.docs(part) if found is None else found & self.docs(part)
                if not found:
                    break
            return found if found is not None else BitMap()
        return BitMap.union(BitMap(), *(self.docs(part) for part in node.parts))

    def _field(self, node: Phrase, field: str) -> BitMap:
        if field == "syllables" and len(node.tokens) == 1:
            return self.sounding(node)
        return self._leaf(match(Phrase(node.tokens, (field,), node.is_prefix)))

    def sounding(self, node: Phrase) -> BitMap:
        """Return the documents whose title holds a syllable, from their sets; a Latin word of the title counts as one."""
        (wanted,) = node.tokens
        named = self.sets.of(SOUND)
        if node.is_prefix:
            found = [docs for sound, docs in named.items() if sound.startswith(wanted)]
        else:
            found = [named[wanted]] if wanted in named else []
        return BitMap.union(self._leaf(match(Phrase(node.tokens, ("title",), node.is_prefix))), *found)

    def _leaf(self, words: str) -> BitMap:
        found = self.sets.leaf(words)
        if found is None:
            found = rows_of(self.connection, words)
            self.sets.keep(words, found)
        return found

    def spelled(self, beginning: str, *, is_whole: bool = False) -> BitMap:
        """Return the documents whose title's spelling begins with these letters, or is just them."""
        wanted, values = "spelling = ?", [beginning]
        if not is_whole:
            wanted, values = "spelling >= ? AND spelling < ?", [beginning, beginning + "\U0010ffff"]
        (rows,) = self.connection.execute(f"SELECT group_concat(id) FROM doc WHERE {wanted}", values).fetchone()  # noqa: S608
        return BitMap(json.loads(f"[{rows}]")) if rows else BitMap()

    def is_common(self, node: Node) -> bool:
        """Say whether a node is one token that stands in so many documents that it tells nothing."""
        return isinstance(node, Phrase) and len(node.tokens) == 1 and node.tokens[0] in self.sets.common

    def telling(self, node: Node) -> Node:
        """Return a node of which any part is enough without the parts that tell nothing, as long as others remain."""
        if not isinstance(node, AnyOf):
            return node
        kept = tuple(self.telling(part) for part in node.parts if not self.is_common(part))
        return AnyOf(kept) if kept else node
