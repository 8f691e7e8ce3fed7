"""Generations: the physical indexes behind one name, and who of them answers.

Each is called `<name>-<digest of the shape>-<moment>`. The alias `<name>` is the one that answers, `<name>.before` the one before
it. Everything is written through an alias and never by a physical name, so a write to what has been dropped makes no new index.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from elasticsearch import NotFoundError

from ..engine import Unavailable
from . import shape
from .server import WRITE_SECONDS, answering, client

FIRST = (
    "00000000t000000000000"  # the moment of a generation that was never rebuilt: two processes that meet make it once
)
REMEMBERED_SECONDS = 15.0  # how long the answering generation's shape is taken for granted


class Generations:
    """Keep several indexes behind one name on a server."""

    def __init__(self, url: str, name: str) -> None:
        self.client, self.name = client(url), name
        self._known_until = 0.0

    @property
    def _server(self) -> Any:
        return self.client.options(request_timeout=WRITE_SECONDS)

    def _behind(self, alias: str) -> str:
        """Return the generation behind an alias, or nothing."""
        try:
            return str(next(iter(dict(self._server.indices.get_alias(name=alias))), ""))
        except NotFoundError:
            return ""

    def _make(self, name: str, **aliases: Any) -> None:
        self._server.options(ignore_status=400).indices.create(  # 400: another process has just made it
            index=name, mappings=shape.MAPPING, settings=shape.SETTINGS, aliases={f"{name}.in": {}} | aliases
        )

    def _prepare(self) -> None:
        """See to it that there is a generation that answers. Raises Unavailable when it has another shape than ours."""
        if time.monotonic() < self._known_until:
            return
        found = self._behind(self.name)
        if not found:
            self._server.options(ignore_status=404).indices.delete(index=self.name)  # a release without aliases left it
            self._make(f"{self.name}-{shape.digest()}-{FIRST}", **{self.name: {}})
        elif f"-{shape.digest()}-" not in found:
            raise Unavailable(f"{found} has the shape of another release: run `manage.py search rebuild`")
        self._known_until = time.monotonic() + REMEMBERED_SECONDS

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
            self._point(answers=name, before=answers, from_answers=answers, from_before=before)
            if before not in {"", name}:
                self.drop(before)

    def roll_back(self) -> str:
        """Let the generation before answer again; the one that answered is kept, so this can be taken back."""
        with answering():
            answers, before = self._behind(self.name), self._behind(f"{self.name}.before")
            if not before:
                raise NothingBefore(self.name)
            self._point(answers=before, before=answers, from_answers=answers, from_before=before)
        return before

    def _point(self, *, answers: str, before: str, from_answers: str, from_before: str) -> None:
        self._known_until = 0.0
        moves = [
            {"remove": {"index": from_answers, "alias": self.name}} if from_answers else None,
            {"remove": {"index": from_before, "alias": f"{self.name}.before"}} if from_before else None,
            {"add": {"index": answers, "alias": self.name}},
            {"add": {"index": before, "alias": f"{self.name}.before"}} if before else None,
        ]
        self._server.indices.update_aliases(actions=[move for move in moves if move])

    def drop(self, name: str) -> None:
        """Drop a generation that does not answer."""
        with answering():
            if name == self._behind(self.name):
                raise Unavailable(f"{name} answers and is not dropped")
            self._server.options(ignore_status=404).indices.delete(index=name)


class NothingBefore(LookupError):
    """There is no generation before the one that answers."""
