"""Engine: what a search is, what it answers, and the interface that every adapter of an index keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from django.conf import settings
from django.utils.functional import cached_property
from django.utils.module_loading import import_string

from .analysis import Analysis, analyze
from .documents import DATES, FACETS, Document

SORTS = ("relevance", "newest", "ending", "credit", "price", "distance")
STEPS = ("exact", "homophone", "similar")
Progress = Callable[[int], None]


class Unavailable(Exception):
    """The index cannot be reached, or does not answer in time."""


@dataclass(frozen=True)
class Query:
    """What is sought: words, chosen values per facet (OR within one, AND between them), order and page (from 1).

    `spans` are the values of the facet `date`: by name the moments from and until, as Document.date writes them, the second one
    outside; an empty end is open. They may overlap. `now` (the same form) decides what still ends; `origin` is where distances are
    measured from, without it the order by distance is that by relevance. `meaning` holds the words that mean the same, by word;
    `places` and `known` (names of places, words of services) take a run of characters apart; `home` are the names of the place
    that holds all others, which ask for nothing. search.lexicon reads these four; adapters take the reading of the words from
    `analysis`.
    """

    text: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    spans: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    sort: str = "relevance"
    now: str = ""
    origin: tuple[float, float] | None = None
    page: int = 1
    per_page: int = 20
    places: frozenset[str] = frozenset()
    meaning: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    home: frozenset[str] = frozenset()

    @cached_property
    def analysis(self) -> Analysis:
        """Read the words."""
        return analyze(self.text, self.places, self.meaning, self.known, self.home)

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.per_page


@dataclass(frozen=True)
class Hit:
    """One document found, with what a row shows."""

    key: str
    kind: str
    title: str
    body: str
    url: str
    status: str = ""
    method: str = ""
    credit: int | None = None
    money_fen: int | None = None
    date: str = ""
    ends: str = ""
    place: tuple[float, float] | None = None
    shown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """One page of hits, the number of all, and counts per facet, each as if nothing were chosen in that facet itself.

    A value that nothing has is left out; the facet `date` counts the query's spans. `step` says which reading of the words
    answered; `words` are those to mark in the hits. `may_lag`: another index than the usual one answered, the newest may be missing.
    """

    hits: tuple[Hit, ...] = ()
    total: int = 0
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: {facet: {} for facet in (*FACETS, DATES)})
    step: str = "exact"
    words: tuple[str, ...] = ()
    may_lag: bool = False

    @cached_property
    def all_kinds(self) -> int:
        return sum(self.counts["kind"].values())


@dataclass(frozen=True)
class Status:
    """What an index says of itself."""

    adapter: str
    place: str
    documents: Mapping[str, int]
    newest_version: int
    bytes: int


class Adapter(Protocol):
    """An index of documents. An older version than the one that is kept changes nothing; a delete is kept too.

    Behind one name there are several generations: the one that answers, the one before it, and while a rebuild goes on the
    one that is filled. `into` names a generation; without it the one that answers is meant.
    """

    def index(self, documents: Iterable[Document], *, into: str = "") -> int:
        """Write documents, return how many were taken."""

    def delete(self, key: str, version: int, *, into: str = "") -> None:
        """Forget the document with this key, unless a newer version of it has been written."""

    def fingerprints(self) -> dict[str, str]:
        """Return the fingerprint of each document by key."""

    def search(self, query: Query) -> Result:
        """Answer a query."""

    def suggest(
        self, text: str, per_kind: int = 4, meaning: Mapping[str, tuple[str, ...]] | None = None
    ) -> dict[str, tuple[Hit, ...]]:
        """Return, by kind, the documents whose title fits what has been typed so far."""

    def watch(self, number: int, query: Query) -> None:
        """Keep a saved search under its number, in place of what was kept there; its order and page say nothing."""

    def unwatch(self, number: int) -> None:
        """Forget a saved search."""

    def watched_by(self, documents: Iterable[Document]) -> list[tuple[int, str]]:
        """Return which saved searches these documents fit, as pairs of a number and a document's key, none twice."""

    def begin(self) -> str:
        """Make a new empty generation and return its name, which ends in a digest of its shape and the moment."""

    def count(self, name: str = "") -> dict[str, int]:
        """Return how many documents of each kind a generation holds."""

    def swap(self, name: str) -> None:
        """Let a generation answer from now on, in one step; the one before is kept, those before that are dropped."""

    def drop(self, name: str) -> None:
        """Drop a generation that does not answer."""

    def roll_back(self) -> str:
        """Let the generation before answer again, in one step; return its name. Raises LookupError when there is none."""

    def status(self) -> Status:
        """Say what is in the index."""


def connect() -> Adapter:
    """Return the adapter that the settings ask for: Elasticsearch where it has an address, else the embedded one."""
    name = "search.fallback.WithFallback" if settings.ELASTICSEARCH_URL else "search.embedded.Embedded"
    adapter: Adapter = import_string(name)()
    return adapter


def rebuild(
    adapter: Adapter, documents: Iterable[Document], version: int, progress: Progress | None = None
) -> tuple[int, int]:
    """Write all documents and sweep what is no longer there; searches and events go on meanwhile.

    `version` is the newest event's id from before the documents were read, so what events write meanwhile is kept.
    Return the numbers written and swept. An index that knows newer versions belongs to another database (one that was
    set up anew, or restored from a backup) and is cleared first.
    """
    if adapter.status().newest_version > version:
        adapter.clear()
    batch: list[Document] = []
    seen: set[str] = set()

    def write() -> None:
        adapter.index(batch)
        batch.clear()
        if progress:
            progress(len(seen))

    for document in documents:
        batch.append(document)
        seen.add(document.key)
        if len(batch) >= 500:
            write()
    if batch:
        write()
    return len(seen), adapter.sweep(version, frozenset(seen))


def differences(adapter: Adapter, documents: Iterable[Document]) -> tuple[list[str], list[str], list[str]]:
    """Return the keys that the index lacks, those it has in another wording, and those it should not have."""
    kept = adapter.fingerprints()
    missing, stale = [], []
    for document in documents:
        found = kept.pop(document.key, None)
        if found is None:
            missing.append(document.key)
        elif found != document.fingerprint:
            stale.append(document.key)
    return missing, stale, sorted(kept)
