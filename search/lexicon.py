"""Lexicon: the words that a query is read with, from rows, read again when they have changed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import starmap

from django.db import connection

from marketplace.catalog.actions import OCID as CATALOG
from marketplace.catalog.models import Region, RegionAlias, ServiceCategory, ServiceMatter
from marketplace.core.models import Process

from .analysis import Meaning, place_words, service_words
from .engine import Query
from .leading import Former
from .models import Synonym

OCID = "yt360600-search-words"
OLDEST_SECONDS = 30.0  # edits of the catalogue's words at the desk record no event


@dataclass(frozen=True)
class Lexicon:
    """Names of places, words of services, words that mean the same (by word), names of the own city, former names of places."""

    places: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    meaning: Meaning = field(default_factory=dict)
    home: frozenset[str] = frozenset()
    former: tuple[Former, ...] = ()

    @property
    def words(self) -> frozenset[str]:
        """Return all of them: what a mistyped word may have been meant to be."""
        return self.places.union(self.known, self.meaning)

    def query(self, text: str) -> Query:
        """Return a query of what was typed, to be read with these words."""
        return Query(text, places=self.places, known=self.known, meaning=self.meaning, home=self.home)


_kept: dict[str, tuple[tuple[str, ...], float, Lexicon]] = {}  # by alias of the database


def read() -> Lexicon:
    """Return the words as they are now.

    The heads of the two processes under which words and catalogue change are the version: one query asks for them, the
    rows are read again only after a change, by any process of the machine or another.
    """
    heads = tuple(
        f"{ocid} {head}"
        for ocid, head in Process.objects.filter(ocid__in=(OCID, CATALOG))
        .order_by("ocid")
        .values_list("ocid", "head_hash")
    )
    kept = _kept.get(connection.alias)
    if kept is not None and kept[0] == heads and time.monotonic() - kept[1] < OLDEST_SECONDS:
        return kept[2]
    regions = list(Region.objects.values_list("name", "level"))
    former = tuple(starmap(Former, RegionAlias.objects.values_list("region__code", "name", "region__level")))
    found = Lexicon(
        places=place_words([*(name for name, _level in regions), *(place.name for place in former)]),
        former=former,
        home=home_of(regions),
        known=service_words(
            [
                *ServiceCategory.objects.values_list("name", flat=True),
                *ServiceMatter.objects.values_list("name", flat=True),
            ]
        ),
        meaning=meaning_of(Synonym.objects.all()),
    )
    _kept[connection.alias] = heads, time.monotonic(), found
    return found


def forget() -> None:
    """Let the next reading ask for the rows: after they were changed without an event, as a restored backup is."""
    _kept.clear()


def meaning_of(groups: Iterable[Synonym]) -> Meaning:
    """Return for each word of some groups what is sought for it."""
    table: dict[str, tuple[str, ...]] = {}
    for group in groups:
        table |= group.meaning
    return table


def home_of(regions: Sequence[tuple[str, str]]) -> frozenset[str]:
    """Return the names of the province and of the city, by name and level, as long as there is one of each alone."""
    found: set[str] = set()
    for level in (Region.Level.PROVINCE, Region.Level.CITY):
        names = [name for name, its_level in regions if its_level == level]
        found |= place_words(names) if len(names) == 1 else set()
    return frozenset(found)
