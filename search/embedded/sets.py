"""Sets: which documents stand under which value, as compressed bitmaps in the index and in the memory of each process.

A value's bitmap is kept in chunks, so a change of one document writes a few kilobytes. Each writing transaction has a stamp; a
reader brings its bitmaps up to the stamp of its snapshot by reading the chunks that are newer. What is published is never
changed again, so threads share it.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from pyroaring import BitMap

from .schema import CHUNK_BITS, DAY, END, MONEY

Name = tuple[str, str]
LEAVES_BYTES = 32 << 20  # of the phrases whose rows were read lately


class Changes:
    """Gather which documents come to a set and which leave it, until they are written."""

    def __init__(self) -> None:
        self.added: defaultdict[Name, BitMap] = defaultdict(BitMap)
        self.removed: defaultdict[Name, BitMap] = defaultdict(BitMap)

    def add(self, sets: Mapping[Name, Iterable[int]], among: BitMap | None = None) -> None:
        """Let rows come to sets, all of them or those that are `among` these."""
        for name, rows in sets.items():
            docs = BitMap(rows) if among is None else among & BitMap(rows)
            self.added[name] |= docs
            if name in self.removed:
                self.removed[name] -= docs

    def remove(self, names: Iterable[Name], row: int) -> None:
        for name in names:
            if name in self.added:
                self.added[name].discard(row)
            self.removed[name].add(row)

    def write(self, connection: sqlite3.Connection, stamp: int) -> None:
        """Write the chunks that change, and forget them."""
        for name in sorted({*self.added, *self.removed}):
            added, removed = self.added.get(name, BitMap()), self.removed.get(name, BitMap())
            for chunk in _chunks(added | removed):
                span = BitMap(range(chunk << CHUNK_BITS, chunk + 1 << CHUNK_BITS))
                row = connection.execute(
                    "SELECT docs FROM standing WHERE name = ? AND value = ? AND chunk = ?", (*name, chunk)
                ).fetchone()
                docs = ((BitMap.deserialize(row[0]) if row else BitMap()) - removed) | (added & span)
                docs.run_optimize()
                connection.execute(
                    "INSERT OR REPLACE INTO standing (name, value, chunk, stamp, docs) VALUES (?, ?, ?, ?, ?)",
                    (*name, chunk, stamp, docs.serialize()),
                )
        self.added.clear()
        self.removed.clear()


def _chunks(docs: BitMap) -> Iterable[int]:
    at, last = 0, docs.max() if docs else -1
    while at <= last:
        chunk = docs.next_set_bit(at) >> CHUNK_BITS
        yield chunk
        at = chunk + 1 << CHUNK_BITS


class Sets:
    """Hold the bitmaps of one generation as of one stamp."""

    def __init__(self, stamp: int, values: dict[str, dict[str, BitMap]], common: frozenset[str]) -> None:
        self.stamp, self.values, self.common = stamp, values, common
        self._leaves: dict[str, BitMap] = {}
        self._leaves_bytes = 0
        self._lock = threading.Lock()

    def of(self, name: str) -> dict[str, BitMap]:
        """Return the bitmaps of a facet or an order, by value."""
        return self.values.get(name, {})

    @cached_property
    def living(self) -> BitMap:
        """All documents that can be found."""
        return BitMap.union(BitMap(), *self.of("kind").values())

    @cached_property
    def strata(self) -> dict[str, list[tuple[str, BitMap]]]:
        """The strata of the orders that compare values as text, smallest first."""
        return {name: sorted(self.of(name).items()) for name in (DAY, END, MONEY)}

    def leaf(self, words: str) -> BitMap | None:
        """Return the rows of a phrase that was read at this stamp."""
        return self._leaves.get(words)

    def keep(self, words: str, docs: BitMap) -> None:
        """Keep the rows of a phrase as long as there is room; then all go, the frequent ones come back."""
        with self._lock:
            if self._leaves_bytes > LEAVES_BYTES:
                self._leaves, self._leaves_bytes = {}, 0
            self._leaves[words] = docs
            self._leaves_bytes += 200 + 2 * min(len(docs), 1 << 20)

    def newer(self, connection: sqlite3.Connection, stamp: int) -> Sets:
        """Return the bitmaps as of a newer stamp, which is that of the connection's snapshot."""
        values = {name: dict(bitmaps) for name, bitmaps in self.values.items()}
        fresh: defaultdict[Name, list[tuple[int, BitMap]]] = defaultdict(list)
        rows = connection.execute("SELECT name, value, chunk, docs FROM standing WHERE stamp > ?", (self.stamp,))
        for name, value, chunk, docs in rows:
            fresh[name, value].append((chunk, BitMap.deserialize(docs)))
        for (name, value), chunks in fresh.items():
            kept = values.setdefault(name, {}).get(value, BitMap()).copy()
            for chunk, _docs in chunks:
                kept.remove_range(chunk << CHUNK_BITS, chunk + 1 << CHUNK_BITS)
            kept |= BitMap.union(BitMap(), *(docs for _chunk, docs in chunks))
            if kept:
                values[name][value] = kept
            else:
                values[name].pop(value, None)
        return Sets(stamp, values, frozenset(json.loads(fact(connection, "common"))))


def fact(connection: sqlite3.Connection, name: str) -> Any:
    """Return a fact that the index keeps of itself."""
    return connection.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()[0]


_shared: dict[str, Sets] = {}
_refreshing = threading.Lock()


def current(connection: sqlite3.Connection, name: str) -> Sets | None:
    """Return the bitmaps of the connection's snapshot, or None when it is older than what this process knows: begin anew."""
    stamp = fact(connection, "stamp")
    known = _shared.get(name)
    if known is None or known.stamp < stamp:
        with _refreshing:
            known = _shared.get(name) or Sets(-1, {}, frozenset())
            if known.stamp < stamp:
                known = known.newer(connection, stamp)
                _shared.clear()  # only the generation that answers is kept in memory
                _shared[name] = known
    return known if known.stamp == stamp else None


def forget() -> None:
    """Forget every bitmap."""
    _shared.clear()
