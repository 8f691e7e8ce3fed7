"""Fallback: both indexes side by side; while the server is silent the embedded one answers."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable

from .documents import Document
from .elastic import Elastic
from .embedded import Embedded
from .engine import Hit, Query, Result, Unavailable

logger = logging.getLogger(__name__)
REST_SECONDS = 15.0


class WithFallback(Elastic):
    """Write to the server and to the embedded index; read from the embedded one while the server is silent."""

    _silent_until = 0.0

    def __init__(self) -> None:
        super().__init__()
        self.embedded = Embedded()

    def index(self, documents: Iterable[Document]) -> int:
        batch = list(documents)
        self.embedded.index(batch)
        return super().index(batch)

    def delete(self, key: str, version: int) -> None:
        self.embedded.delete(key, version)
        super().delete(key, version)

    def sweep(self, version: int, keep: frozenset[str]) -> int:
        self.embedded.sweep(version, keep)
        return super().sweep(version, keep)

    def clear(self) -> None:
        self.embedded.clear()
        super().clear()

    def search(self, query: Query) -> Result:
        if time.monotonic() >= WithFallback._silent_until:
            try:
                return super().search(query)
            except Unavailable as error:
                self._rest(error)
        return self.embedded.search(query)

    def suggest(self, text: str, per_kind: int = 4) -> dict[str, tuple[Hit, ...]]:
        if time.monotonic() >= WithFallback._silent_until:
            try:
                return super().suggest(text, per_kind)
            except Unavailable as error:
                self._rest(error)
        return self.embedded.suggest(text, per_kind)

    @staticmethod
    def _rest(error: Unavailable) -> None:
        """Leave the server alone for a while, so that not every reader waits for its time-out."""
        WithFallback._silent_until = time.monotonic() + REST_SECONDS
        logger.warning("search server silent, the embedded index answers for %d s: %s", REST_SECONDS, error)
