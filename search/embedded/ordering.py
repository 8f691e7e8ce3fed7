"""Ordering: the documents at some places of an order, without sorting all that were found.

An order is walked in strata: disjoint sets of which each comes wholly before the next (the days of a date, the tiers of a
score). Only the strata that hold the wanted places are looked into, and only the last of them row by row.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap

from ..engine import Query
from ..ranking import order
from .rows import Keys, sort_keys
from .schema import CREDIT, DAY, END, MONEY, PLACE, key_of, place_value
from .scoring import Worth, tiers
from .sets import Sets

FEW = 200  # so few are sorted row by row at once
EARTH_METRES = 6_371_008.8
# Of these documents, of which the first so many are wanted: the sets in order, each with what its own documents are walked by.
Strata = Callable[[BitMap, int], Iterable[tuple[BitMap, "Walk"]]]
Walk = tuple[Strata, ...]  # the first one, or none: what is left is sorted row by row
SortKey = tuple[Any, ...]


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the way along the ground between two points in degrees (haversine)."""
    (latitude, longitude), (latitude_2, longitude_2) = (tuple(map(math.radians, point)) for point in (one, other))
    half = (
        math.sin((latitude_2 - latitude) / 2) ** 2
        + math.cos(latitude) * math.cos(latitude_2) * math.sin((longitude_2 - longitude) / 2) ** 2
    )
    return 2 * EARTH_METRES * math.asin(math.sqrt(half))


def _rounded(place: tuple[float, float]) -> tuple[float, float]:
    """Return a place as exact as its set."""
    latitude, longitude = map(float, place_value(*place).split(","))
    return latitude, longitude


class Backwards:
    """Turn the order of a text around."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __lt__(self, other: Backwards) -> bool:
        return other.text < self.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Backwards) and self.text == other.text

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Order:
    """Put documents in the order of a query."""

    connection: sqlite3.Connection
    sets: Sets
    query: Query
    worths: list[Worth]
    has_words: bool

    def rows(self, found: BitMap) -> list[int]:
        """Return the rows of the query's page, in order."""
        start, stop = self.query.offset, min(self.query.offset + self.query.per_page, len(found))
        return self._pick(found, self._walk(), start, stop) if start < stop else []

    @property
    def _name(self) -> str:
        return order(self.query.sort, has_words=self.has_words, has_origin=self.query.origin is not None)

    def _walk(self) -> Walk:
        walks: dict[str, Walk] = {
            "relevance": (self._tiers,),
            "newest": (self._days,),
            "ending": (self._ends,),
            "credit": (self._credits,),
            "price": (self._money,),
            "distance": (self._places,),
        }
        return walks[self._name]

    def _pick(self, found: BitMap, walk: Walk, start: int, stop: int) -> list[int]:
        if not walk or len(found) <= FEW:
            keys = sort_keys(self.connection, found)
            return sorted(found, key=lambda row: self._key(row, keys[row]))[start:stop]
        picked: list[int] = []
        at = 0
        for stratum, inner in walk[0](found, stop):
            here = found & stratum
            count = len(here)
            if count and at + count > start:
                picked += self._pick(here, inner, max(0, start - at), min(stop - at, count))
            at += count
            if at >= stop:
                break
        return picked

    def _key(self, row: int, keys: Keys) -> SortKey:
        newest = (Backwards(keys.date), key_of(row))
        name = self._name
        if name == "newest":
            return newest
        if name == "ending":
            return (*self._ending(keys.ends), *newest)
        score = -sum(worth.weight for worth in self.worths if row in worth.docs)
        if name == "credit":
            return (keys.credit is None, -(keys.credit or 0), score, *newest)
        if name == "price":
            return (keys.money_fen is None, keys.money_fen or 0, score, *newest)
        if name == "distance" and self.query.origin is not None:
            way = metres(self.query.origin, _rounded(keys.place)) if keys.place else 0
            return (keys.place is None, way, score, *newest)
        return (score, *newest)

    def _ending(self, ends: str) -> SortKey:
        """Say where a moment stands: those to come first, the sooner the better; then those that are over, then none."""
        return (not ends, not ends > self.query.now, ends)

    def _days(self, _found: BitMap, _wanted: int) -> Iterable[tuple[BitMap, Walk]]:
        return ((docs, ()) for _day, docs in reversed(self.sets.strata[DAY]))

    def _tiers(self, found: BitMap, wanted: int) -> Iterable[tuple[BitMap, Walk]]:
        return ((docs, (self._days,)) for _score, docs in tiers(found, self.worths, wanted))

    def _ends(self, found: BitMap, _wanted: int) -> Iterator[tuple[BitMap, Walk]]:
        """Yield the days that are to come, today's in two; then those that are over, then what has no end."""
        today, days = self.query.now[:10], self.sets.strata[END]
        split = {day: self._open_of(found & docs) for day, docs in days if day == today}
        yield from ((split.get(day, docs), ()) for day, docs in days if day >= today)
        yield from ((docs - split[day] if day in split else docs, ()) for day, docs in days if day <= today)
        yield BitMap.difference(found, *(docs for _day, docs in days)), (self._days,)

    def _open_of(self, docs: BitMap) -> BitMap:
        keys = sort_keys(self.connection, docs)
        return BitMap([row for row in docs if keys[row].ends > self.query.now])

    def _money(self, found: BitMap, _wanted: int) -> Iterator[tuple[BitMap, Walk]]:
        strata = self.sets.strata[MONEY]
        yield from ((docs, ()) for _amount, docs in strata)
        yield BitMap.difference(found, *(docs for _amount, docs in strata)), (self._tiers,)

    def _credits(self, found: BitMap, _wanted: int) -> Iterator[tuple[BitMap, Walk]]:
        scores = sorted(self.sets.of(CREDIT).items(), reverse=True)
        yield from ((docs, (self._tiers,)) for _score, docs in scores)
        yield BitMap.difference(found, *(docs for _score, docs in scores)), (self._tiers,)

    def _places(self, found: BitMap, _wanted: int) -> Iterator[tuple[BitMap, Walk]]:
        """Yield the places by their distance."""
        assert self.query.origin is not None
        ways: dict[float, BitMap] = {}
        for value, docs in self.sets.of(PLACE).items():
            latitude, longitude = map(float, value.split(","))
            way = metres(self.query.origin, (latitude, longitude))
            ways[way] = ways[way] | docs if way in ways else docs
        yield from ((ways[way], (self._tiers,)) for way in sorted(ways))
        yield BitMap.difference(found, *self.sets.of(PLACE).values()), (self._tiers,)
