"""Fallback: both indexes side by side; while the server is silent, or has not got everything, the embedded one answers."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from . import owed
from .breaker import Breaker
from .documents import Document
from .elastic import Elastic, TooDeep
from .embedded import Embedded
from .engine import Hit, Query, Result, Status, Unavailable
from .owed import Change

logger = logging.getLogger(__name__)
breaker = Breaker()
Answer = TypeVar("Answer")
BOTH = " + "  # between the names of two generations that belong together


class WithFallback:
    """Write to the server and to the embedded index; read from the embedded one while the server is silent.

    What the server does not take is owed to it and brought over when it is back, in the order of versions. Until then the
    embedded index answers, and a Result says `may_lag`.
    """

    def __init__(self) -> None:
        self.server, self.embedded = Elastic(makes_first=False), Embedded()

    # Writing

    def index(self, documents: Iterable[Document], *, into: str = "") -> int:
        batch = list(documents)
        if into:
            here, there = into.split(BOTH)
            self.embedded.index(batch, into=here)
            return self.server.index(batch, into=there)
        taken = self.embedded.index(batch)
        self._send([Change(document.key, document.version, document) for document in batch])
        return taken

    def delete(self, key: str, version: int, *, into: str = "") -> None:
        if into:
            here, there = into.split(BOTH)
            self.embedded.delete(key, version, into=here)
            self.server.delete(key, version, into=there)
            return
        self.embedded.delete(key, version)
        self._send([Change(key, version)])

    def watch(self, number: int, query: Query) -> None:
        self.embedded.watch(number, query)
        self._send([Change(f"watch:{number}", time.time_ns(), query)])

    def unwatch(self, number: int) -> None:
        self.embedded.unwatch(number)
        self._send([Change(f"watch:{number}", time.time_ns())])

    def _send(self, changes: Sequence[Change]) -> None:
        """Write to the server, after what it is owed already; owe it what it does not take."""
        if breaker.may_ask():
            try:
                self.catch_up()
                if not owed.count():  # else somebody else is at it, and takes these along
                    self._write(changes)
                    breaker.succeeded()
                    return
            except Unavailable as error:
                _rest(error)
        owed.owe(changes)

    def _write(self, changes: Sequence[Change]) -> None:
        self.server.index(change.content for change in changes if isinstance(change.content, Document))
        for change in changes:
            if isinstance(change.content, Query):
                self.server.watch(int(change.key.removeprefix("watch:")), change.content)
            elif change.content is None and change.key.startswith("watch:"):
                self.server.unwatch(int(change.key.removeprefix("watch:")))
        self.server.forget(
            (change.key, change.version)
            for change in changes
            if change.content is None and not change.key.startswith("watch:")
        )

    def catch_up(self) -> int:
        """Bring over what the server is owed; return how much that was. Raises Unavailable when it is silent still."""
        done = 0
        if owed.count():
            with owed.alone() as is_alone:
                while is_alone and (changes := owed.oldest()):
                    self._write(changes)
                    owed.settle(changes)
                    done += len(changes)
            logger.info("search server back, %d changes brought over", done)
        return done

    def try_again(self) -> int:
        """Bring over what is owed if the server may be asked; return how much that was."""
        if not owed.count() or not breaker.may_ask():
            return 0
        try:
            done = self.catch_up()
        except Unavailable as error:
            _rest(error)
            return 0
        breaker.succeeded()
        return done

    # Reading

    def search(self, query: Query) -> Result:
        return self._read(
            lambda: self.server.search(query), lambda: self.embedded.search(query), lambda r: replace(r, may_lag=True)
        )

    def suggest(
        self, text: str, per_kind: int = 4, meaning: Mapping[str, tuple[str, ...]] | None = None
    ) -> dict[str, tuple[Hit, ...]]:
        return self._read(
            lambda: self.server.suggest(text, per_kind, meaning),
            lambda: self.embedded.suggest(text, per_kind, meaning),
        )

    def watched_by(self, documents: Iterable[Document]) -> list[tuple[int, str]]:
        batch = list(documents)
        return self._read(lambda: self.server.watched_by(batch), lambda: self.embedded.watched_by(batch))

    def watched(self) -> set[int]:
        """Return what both keep."""
        self.catch_up()
        return self.embedded.watched() & self.server.watched()

    @staticmethod
    def _read(
        ask: Callable[[], Answer],
        instead: Callable[[], Answer],
        mark: Callable[[Answer], Answer] = lambda answer: answer,
    ) -> Answer:
        """Ask the server when it may be asked and has everything, else the embedded index."""
        if not owed.count() and breaker.may_ask():
            try:
                answer = ask()
            except TooDeep:
                breaker.succeeded()
                return instead()
            except Unavailable as error:
                _rest(error)
            else:
                breaker.succeeded()
                return answer
        return mark(instead())

    # Generations: each is one on the server and one beside it

    def begin(self) -> str:
        here = self.embedded.begin()
        try:
            return f"{here}{BOTH}{self.server.begin()}"
        except Unavailable:
            self.embedded.drop(here)
            raise

    def count(self, name: str = "") -> dict[str, int]:
        """Return the counts of the index that has less, so that what only one of them has is missed."""
        here, there = name.split(BOTH) if name else ("", "")
        counts, others = self.embedded.count(here), self.server.count(there)
        return {kind: min(counts[kind], others[kind]) for kind in counts if kind in others}

    def swap(self, name: str) -> None:
        here, there = name.split(BOTH)
        self.server.swap(there)
        self.embedded.swap(here)

    def drop(self, name: str) -> None:
        here, there = name.split(BOTH)
        self.embedded.drop(here)
        self.server.drop(there)

    def roll_back(self) -> str:
        """Let both go back; the server decides, and the embedded index stays where it is when it has nothing before."""
        there = self.server.roll_back()
        try:
            here = self.embedded.roll_back()
        except LookupError:
            here = ""
        return f"{here}{BOTH}{there}"

    # Looking after

    def fingerprints(self) -> dict[str, str]:
        """Return the fingerprints in which both agree; where they do not, one that fits no document."""
        self.catch_up()
        here, there = self.embedded.fingerprints(), self.server.fingerprints()
        return {key: here[key] if here.get(key) == there.get(key) else "" for key in here.keys() | there.keys()}

    def status(self) -> Status:
        return self.server.status()

    def standing(self) -> dict[str, object]:
        """Say in short whether the server answers and how much it is owed; ask it once when it may be asked."""
        if breaker.may_ask():
            try:
                self.server.ping(self.server.read_seconds)
                breaker.succeeded()
            except Unavailable as error:
                _rest(error)
        return {"engine": "elasticsearch", "answers": breaker.is_closed, "owed": owed.count()}


def _rest(error: Unavailable) -> None:
    """Leave the server alone for a while, so that not every reader waits for its time-out."""
    if breaker.failed():
        logger.warning(
            "search server silent, the embedded index answers for %g s: %s", breaker.rest_seconds, str(error)[:300]
        )
