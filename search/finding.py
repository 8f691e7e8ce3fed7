"""Finding: run a search as it was asked for, for page and API alike, and say how it was understood."""

from __future__ import annotations

from dataclasses import dataclass, replace

from . import lexicon
from .analysis import meant
from .engine import STEPS, Adapter, Query, Result, connect
from .filters import LAST_PAGE, PER_PAGE, SearchFilter

MOST_WAYS = 8


@dataclass(frozen=True)
class Found:
    """What was found: the search that answered, its result, how many pages it has, and whether a leading place narrowed it."""

    query: Query
    result: Result
    pages: int
    is_narrowed: bool
    is_past_the_end: bool
    meant: str

    @property
    def may_lag(self) -> bool:
        """Tell whether the newest changes may be missing, because the search server is silent."""
        return self.result.may_lag


def find(asked: SearchFilter, index: Adapter | None = None) -> Found:
    """Run a search; past the last page it gives the last one.

    A place at the beginning of the words narrows the search; where that finds nothing, or only something similar, while the words
    as they stand find more surely, those are taken.
    """
    index = index or connect()
    query, is_narrowed = asked.query, asked.leading is not None
    result = index.search(query)
    if is_narrowed and (not result.total or result.step != STEPS[0]):
        plain = asked.as_it_stands
        other = index.search(plain)
        if other.total and (not result.total or STEPS.index(other.step) < STEPS.index(result.step)):
            query, result, is_narrowed = plain, other, False
    pages = max(1, -(-min(result.total, LAST_PAGE * PER_PAGE) // PER_PAGE))
    is_past_the_end = query.page > pages
    if is_past_the_end:
        query = replace(query, page=pages)
        result = index.search(query)
    found = ""
    if result.step != STEPS[0] and result.hits:
        found = meant(query.text, result.hits[0].title, lexicon.read().words)
    return Found(query, result, pages, is_narrowed, is_past_the_end, found)


def ways_on(found: Found, index: Adapter | None = None) -> list[tuple[str, str, int]]:
    """Return which chosen values, each taken away alone, would find how many, most first: (facet, value, number)."""
    index = index or connect()
    ways = []
    taken = [(name, value) for name, values in found.query.chosen.items() for value in values][:MOST_WAYS]
    for name, value in taken:
        kept = tuple(other for other in found.query.chosen[name] if other != value)
        chosen = {**found.query.chosen, name: kept}
        total = index.search(replace(found.query, chosen=chosen, page=1, per_page=1)).total
        if total:
            ways.append((name, value, total))
    return sorted(ways, key=lambda way: -way[2])


def everything_of(found: Found, index: Adapter | None = None) -> int:
    """Return how many the words alone would find."""
    return (index or connect()).search(replace(found.query, chosen={}, page=1, per_page=1)).total


def single_words(found: Found, index: Adapter | None = None) -> list[tuple[str, int]]:
    """Return the words of a search that find something each alone, and how many; nothing for a single word."""
    index = index or connect()
    words = list(dict.fromkeys(found.query.text.split()))[:MOST_WAYS]
    if len(words) < 2:
        return []
    totals = [(word, index.search(replace(found.query, text=word, page=1, per_page=1)).total) for word in words]
    return [(word, total) for word, total in totals if total]
