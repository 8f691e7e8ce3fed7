"""Generations: the physical indexes behind one name, and who of them answers.

Each is called `<name>-<digest of the shape>-<moment>`. The alias `<name>` is the one that answers, `<name>.before` the one before
it. Everything is written through an alias and never by a physical name, so a write to what has been dropped makes no new index.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from elasticsearch import NotFoundError

from ..engine import Unavailable
from . import shape
from .server import WRITE_SECONDS, answering, client

FIRST = (
    "00000000t000000000000"  # the moment of a generation that was never rebuilt: two processes that meet make it once
)
REMEMBERED_SECONDS = 15.0  # how long the answering generation's shape is taken for granted


@dataclass
class Memory:
    """What a process knows of an index, however many adapters it makes for it."""

    known_until: float = 0.0  # till then the answering generation's shape is taken for granted
    percolates: bool | None = None


@lru_cache(maxsize=64)
def memory(url: str, name: str) -> Memory:
    """Return what is known of an index."""
    return Memory()


class Generations:
    """Keep several indexes behind one name on a server.

    With `makes_first` the first write makes a generation that answers. Without it, one that is missing is missed: a server that
    lost its disk must not answer with the few documents written since.
    """

    def __init__(self, url: str, name: str, *, makes_first: bool) -> None:
        self.client, self.client_url, self.name, self.makes_first = client(url), url, name, makes_first
        self._memory = memory(url, name)

    @property
    def _server(self) -> Any:
        return self.client.options(request_timeout=WRITE_SECONDS)

    def _behind(self, alias: str, seconds: float = WRITE_SECONDS) -> str:
        """Return the generation behind an alias, or nothing."""
        try:
            found = dict(self.client.options(request_timeout=seconds).indices.get_alias(name=alias))
        except NotFoundError:
            return ""
        return str(next(iter(found), ""))

    def _make(self, name: str, **aliases: Any) -> None:
        self._server.options(ignore_status=400).indices.create(  # 400: another process has just made it
            index=name, mappings=shape.MAPPING, settings=shape.SETTINGS, aliases={f"{name}.in": {}} | aliases
        )

    def _prepare(self, seconds: float = WRITE_SECONDS) -> None:
        """See to it that there is a generation that answers. Raises Unavailable when there is none, or one of another shape."""
        if time.monotonic() < self._memory.known_until:
            return
        found = self._behind(self.name, seconds)
        if not found and self.makes_first:
            self._make(f"{self.name}-{shape.digest()}-{FIRST}", **{self.name: {}})
        elif not found:
            raise Unavailable("the server has no index: run `manage.py search rebuild`")
        elif f"-{shape.digest()}-" not in found:
            raise Unavailable(f"{found} has the shape of another release: run `manage.py search rebuild`")
        self._memory.known_until = time.monotonic() + REMEMBERED_SECONDS

    def ping(self, seconds: float) -> None:
        """Raise Unavailable unless the server answers within so many seconds and has a generation that answers."""
        with answering():
            self._memory.known_until = 0.0
            self._prepare(seconds)

    def begin(self) -> str:
        """Make a new empty generation; what a rebuild that died has left is dropped."""
        with answering():
            kept = {self._behind(self.name), self._behind(f"{self.name}.before")}
            for left in dict(self._server.indices.get_alias(index=f"{self.name}-*")):
                if left not in kept and not left.endswith(FIRST):
                    self.drop(left)
            name = f"{self.name}-{shape.digest()}-{datetime.now(UTC):%Y%m%dt%H%M%S%f}"
            self._make(name)
        return name

    def swap(self, name: str) -> None:
        """Let a generation answer from now on, in one call; the one before is kept, the one before that is dropped."""
        with answering():
            self._server.indices.refresh(index=name)
            answers, before = self._behind(self.name), self._behind(f"{self.name}.before")
            if answers == name:
                return
            if not answers:  # a release without aliases left an index of that very name
                self._server.options(ignore_status=404).indices.delete(index=self.name)
            self._point(answers=name, before=answers, from_answers=answers, from_before=before)
            if before not in {"", name}:
                self.drop(before)

    def roll_back(self) -> str:
        """Let the generation before answer again, and drop the one that did. Raises LookupError when there is none."""
        with answering():
            answers, before = self._behind(self.name), self._behind(f"{self.name}.before")
            if f"-{shape.digest()}-" not in before:
                raise LookupError(_("没有可以退回的上一代索引。"))
            self._point(answers=before, before="", from_answers=answers, from_before=before)
            self.drop(answers)
        return before

    def _point(self, *, answers: str, before: str, from_answers: str, from_before: str) -> None:
        self._memory.known_until = 0.0
        moves = [
            {"remove": {"index": from_answers, "alias": self.name}} if from_answers else None,
            {"remove": {"index": from_before, "alias": f"{self.name}.before"}} if from_before else None,
            {"add": {"index": answers, "alias": self.name}},
            {"add": {"index": before, "alias": f"{self.name}.before"}} if before else None,
        ]
        self._server.indices.update_aliases(actions=[move for move in moves if move])

    def drop(self, name: str) -> None:
        """Drop a generation. Raises ValueError for the one that answers."""
        with answering():
            if name == self._behind(self.name):
                raise ValueError(f"{name} answers")
            self._server.options(ignore_status=404).indices.delete(index=name)
