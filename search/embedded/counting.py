"""Counting: which documents the chosen values leave, and how many each value of a facet has."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping

from pyroaring import BitMap

from ..documents import DATES, FACETS
from ..engine import Query
from .rows import sort_keys
from .schema import DAY
from .sets import Sets


class Filters:
    """Keep the sets of the chosen values: alternatives within a facet, all facets together."""

    def __init__(self, connection: sqlite3.Connection, sets: Sets, query: Query) -> None:
        self.connection, self.sets = connection, sets
        self.spans = {name: self._span(begin, end) for name, (begin, end) in query.spans.items()}
        self.chosen = {
            facet: _union(self._values(facet).get(value) for value in wanted)
            for facet, wanted in query.chosen.items()
            if wanted
        }

    def _values(self, facet: str) -> Mapping[str, BitMap]:
        return self.spans if facet == DATES else self.sets.of(facet)

    def kept(self, found: BitMap, *, without: str = "") -> BitMap:
        """Return what fits the chosen values of every facet but `without`."""
        for facet, docs in sorted(self.chosen.items(), key=lambda pair: len(pair[1])):
            if facet != without:
                found = found & docs
        return found

    def counts(self, found: BitMap) -> dict[str, dict[str, int]]:
        """Count the values of each facet as if nothing were chosen in it; the most frequent first."""
        together = self.kept(found)
        counts: dict[str, dict[str, int]] = {}
        for facet in (*FACETS, DATES):
            of = self.kept(found, without=facet) if facet in self.chosen else together
            pairs = [(value, of.intersection_cardinality(docs)) for value, docs in self._values(facet).items()]
            counts[facet] = dict(sorted((pair for pair in pairs if pair[1]), key=lambda pair: (-pair[1], pair[0])))
        return counts

    def _span(self, begin: str, end: str) -> BitMap:
        """Return the documents of the moments from `begin` until before `end`; whole days at once, those at the edges by row."""
        whole, edges = [], BitMap()
        for day, docs in self.sets.strata[DAY]:
            if not day or day < begin[:10] or (end and day > end[:10]):
                continue
            if day in {begin[:10], end[:10]}:
                edges |= docs
            else:
                whole.append(docs)
        keys = sort_keys(self.connection, edges) if edges else {}
        fitting = [row for row in edges if keys[row].date >= begin and not (end and keys[row].date >= end)]
        return BitMap.union(BitMap(fitting), *whole)


def _union(docs: Iterable[BitMap | None]) -> BitMap:
    return BitMap.union(BitMap(), *(found for found in docs if found is not None))
