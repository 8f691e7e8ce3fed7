"""Engine: what a search is, what it answers, and the interface that every adapter of an index keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from django.conf import settings
from django.utils.functional import cached_property
from django.utils.module_loading import import_string

from marketplace.core import clock

from .analysis import Analysis, analyze
from .documents import DATES, FACETS, Document

SORTS = ("relevance", "newest", "ending", "credit", "price", "distance")
STEPS = ("exact", "homophone", "similar")
BATCH = 500
WORTH_NOTICING = 20  # documents of a kind; below that, half of them may well have gone
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

    def watched(self) -> set[int]:
        """Return the numbers of the saved searches that are kept."""

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


class Suspicious(Exception):
    """A new generation does not hold what it should; it is dropped, and the one that answers stays."""


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild did: the generation that answers now, how many documents of each kind were written, how many replayed."""

    name: str
    written: Mapping[str, int]
    replayed: int


def rebuild(
    adapter: Adapter,
    version: int,
    progress: Progress | None = None,
    *,
    documents: Iterable[Document] | None = None,
    replay: Callable[[str], int] | None = None,
    is_forced: bool = False,
) -> Rebuilt:
    """Fill a new generation and let it answer; searches and events go on meanwhile.

    Every event up to `version` can be seen before the documents are read; what is touched afterwards is replayed into the new
    generation before it takes over, and once more after that, for who wrote into the old one in that moment. `documents` and
    `replay` (the name of a generation to how many were written to it) are those of the marketplace unless given.
    Raises Suspicious when the index does not hold what was written, or, unless forced, when a kind lost more than half of a
    number worth noticing.
    """
    from . import changes, sources

    begun = clock.now()
    read = sources.documents(version) if documents is None else documents
    again = replay or (lambda into: changes.replay(adapter, version, begun, into=into))
    name = adapter.begin()
    try:
        written = _fill(adapter, name, read, progress)
        replayed = again(name)
        if not is_forced:
            _compare(adapter.count(), adapter.count(name))
        adapter.swap(name)
    except BaseException:
        adapter.drop(name)
        raise
    return Rebuilt(name, written, replayed + again(""))


def _fill(adapter: Adapter, name: str, documents: Iterable[Document], progress: Progress | None) -> Mapping[str, int]:
    written: Counter[str] = Counter()
    batches = iter(documents)
    while batch := list(islice(batches, BATCH)):
        adapter.index(batch, into=name)
        written.update(str(document.kind) for document in batch)
        if progress:
            progress(written.total())
    if (held := adapter.count(name)) != written:
        raise Suspicious(f"{dict(written)} were written, the index holds {held}")
    return written


def _compare(before: Mapping[str, int], after: Mapping[str, int]) -> None:
    for kind, count in before.items():
        if count >= WORTH_NOTICING and 2 * after.get(kind, 0) < count:
            raise Suspicious(f"{kind}: {count} before, {after.get(kind, 0)} now")


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
