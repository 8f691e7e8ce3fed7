"""Adapter: the embedded index behind the interface of search.engine."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace

from pyroaring import BitMap

from ..analysis import Node
from ..documents import Document
from ..engine import STEPS, Hit, Query, Result, Status
from . import generations
from .building import BATCH, Build
from .connections import answering, connect, current, snapshot, transaction
from .counting import Filters
from .matching import Matcher
from .ordering import Order
from .preparing import prepare
from .rows import hits
from .schema import key_of
from .scoring import worths
from .sets import Changes, fact
from .suggesting import suggest
from .watching import Watchlist
from .writing import erase, finish, kinds, write

_builds: dict[str, Build] = {}


def storable(text: str) -> str:
    """Return a text that SQLite takes: without halves of characters, which no document holds."""
    return text.encode("utf-8", "ignore").decode()


def apart(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Yield documents in lists of at most BATCH of which none holds two versions of one."""
    some: dict[str, Document] = {}
    for document in documents:
        if document.key in some or len(some) == BATCH:
            yield list(some.values())
            some = {}
        some[document.key] = document
    if some:
        yield list(some.values())


class Embedded:
    """Keep the index in files of its own below `DATA_DIR`; many processes may read while one writes."""

    def index(self, documents: Iterable[Document], *, into: str = "") -> int:
        if into in _builds:
            return _builds[into].add(documents)
        sheaves = [prepare(some) for some in apart(documents)]
        newest = max((version for sheaf in sheaves for version in sheaf.versions), default=0)
        with self._writing(into, newest) as (connection, changes):
            return sum(write(connection, changes, sheaf) for sheaf in sheaves)

    def delete(self, key: str, version: int, *, into: str = "") -> None:
        if into in _builds:
            _builds[into].erase(key, version)
            return
        with self._writing(into, version) as (connection, changes):
            erase(connection, changes, key, version)

    @contextmanager
    def _writing(self, name: str, newest: int) -> Iterator[tuple[sqlite3.Connection, Changes]]:
        """Write in one transaction to a generation, or to the one that answers."""
        with self._connection(name) as connection, transaction(connection, "IMMEDIATE"):
            changes = Changes()
            yield connection, changes
            finish(connection, changes, newest)

    @contextmanager
    def _connection(self, name: str) -> Iterator[sqlite3.Connection]:
        if not name or name == answering():
            yield current()[0]
        elif name in _builds:
            _builds[name].settle()
            yield _builds[name].connection
        else:
            with closing(connect(name)) as connection:
                yield connection

    def fingerprints(self) -> dict[str, str]:
        connection, _name = current()
        rows = connection.execute("SELECT id, fingerprint FROM doc WHERE NOT deleted")
        return {key_of(row): fingerprint for row, fingerprint in rows}

    def search(self, query: Query) -> Result:
        query = replace(query, text=storable(query.text))
        with snapshot() as (connection, sets):
            filters = Filters(connection, sets, query)
            analysis = query.analysis
            if not query.text.strip():
                order = Order(connection, sets, query, [], has_words=False)
                return self._result(connection, order, filters, sets.living, "exact", analysis.words)
            matcher = Matcher(connection, sets)
            for step in STEPS:
                node: Node | None = getattr(analysis, step)
                if node is None:
                    continue
                sought = matcher.telling(node) if step == "similar" else node
                if found := matcher.docs(sought):
                    counted = worths(matcher, analysis, step, is_shortened=sought != node)
                    order = Order(connection, sets, query, counted, has_words=True)
                    return self._result(connection, order, filters, found, step, analysis.marks(step))
            return Result()

    @staticmethod
    def _result(
        connection: sqlite3.Connection, order: Order, filters: Filters, found: BitMap, step: str, words: tuple[str, ...]
    ) -> Result:
        kept = filters.kept(found)
        return Result(hits(connection, order.rows(kept)), len(kept), filters.counts(found), step, words)

    def suggest(
        self, text: str, per_kind: int = 4, meaning: Mapping[str, tuple[str, ...]] | None = None
    ) -> dict[str, tuple[Hit, ...]]:
        analysis = Query(storable(text), meaning=meaning or {}).analysis
        with snapshot() as (connection, sets):
            return suggest(connection, sets, analysis, per_kind)

    def watch(self, number: int, query: Query) -> None:
        Watchlist().watch(number, replace(query, text=storable(query.text)))

    def unwatch(self, number: int) -> None:
        Watchlist().unwatch(number)

    def watched_by(self, documents: Iterable[Document]) -> list[tuple[int, str]]:
        return Watchlist().watched_by(documents)

    def watched(self) -> set[int]:
        return Watchlist().numbers()

    def begin(self) -> str:
        build = Build(generations.new_name())
        _builds[build.name] = build
        return build.name

    def count(self, name: str = "") -> dict[str, int]:
        with self._connection(name) as connection:
            return kinds(connection)

    def swap(self, name: str) -> None:
        answering()  # so that there is one before, even if it is empty
        if name in _builds:
            _builds[name].complete()
            generations.take_over(name)
            _builds.pop(name).release()
        else:
            generations.take_over(name)

    def drop(self, name: str) -> None:
        if name in _builds:
            _builds[name].close()
            _builds.pop(name).release()
        generations.drop(name)

    def roll_back(self) -> str:
        return generations.go_back()

    def status(self) -> Status:
        connection, name = current()
        path = generations.path_of(name)
        return Status("embedded", str(path), kinds(connection), int(fact(connection, "newest")), path.stat().st_size)
