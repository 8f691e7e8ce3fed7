"""Watching: saved searches as documents of the percolator, which a server asks about new documents.

A server without that module (the jars of Maven Central are one) leaves the saved searches to the embedded index.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from elasticsearch import ApiError
from elasticsearch.helpers import scan
from elasticsearch_dsl import Q

from ..documents import Document
from ..engine import Query
from . import shape
from .clauses import chosen, clause
from .generations import Generations
from .server import answering

TOGETHER = 200  # documents that are asked about in one request


class Watching(Generations):
    """Keep saved searches beside the documents."""

    @property
    def watched_name(self) -> str:
        return f"watched-{self.name}-{shape.digest()}"

    def percolates(self) -> bool:
        """Say whether the server can be asked which saved searches a document fits; make the place for them."""
        if self._memory.percolates is None:
            with answering():
                if not self._server.indices.exists(index=self.watched_name):
                    try:
                        self._server.indices.create(
                            index=self.watched_name, mappings=shape.WATCHED, settings=shape.SETTINGS
                        )
                    except ApiError as error:
                        if "[percolator]" in str(error):
                            self._memory.percolates = False
                            return False
                        if "resource_already_exists" not in str(error):
                            raise
                self._memory.percolates = True
        return self._memory.percolates

    def watch(self, number: int, query: Query) -> None:
        """Keep a saved search under its number, in place of what was kept there."""
        if not self.percolates():
            _embedded().watch(number, query)
            return
        with answering():
            self._server.index(
                index=self.watched_name,
                id=str(number),
                document={"number": number, "query": _question(query)},
                refresh=True,
            )

    def unwatch(self, number: int) -> None:
        """Forget a saved search."""
        if not self.percolates():
            _embedded().unwatch(number)
            return
        with answering():
            self._server.options(ignore_status=404).delete(index=self.watched_name, id=str(number), refresh=True)

    def watched_by(self, documents: Iterable[Document]) -> list[tuple[int, str]]:
        """Return which saved searches these documents fit, in the order of their numbers and keys."""
        last = {document.key: document for document in documents}
        if not self.percolates():
            return sorted(set(_embedded().watched_by(last.values())))
        rows = [shape.row(document) for document in last.values()]
        found: set[tuple[int, str]] = set()
        with answering():
            for at in range(0, len(rows), TOGETHER):
                found.update(self._ask(rows[at : at + TOGETHER]))
        return sorted(found)

    def watched(self) -> set[int]:
        """Return under which numbers saved searches are kept."""
        if not self.percolates():
            kept: set[int] = _embedded().watched()
            return kept
        with answering():
            found = scan(self._server, query={"_source": ["number"]}, index=self.watched_name)
            return {one["_source"]["number"] for one in found}

    def _ask(self, rows: list[dict[str, Any]]) -> Iterable[tuple[int, str]]:
        question = {"query": {"percolate": {"field": "query", "documents": rows}}, "_source": ["number"]}
        for kept in scan(self._server, query=question, index=self.watched_name):
            for slot in kept["fields"]["_percolator_document_slot"]:
                yield kept["_source"]["number"], rows[slot]["key"]


def _question(query: Query) -> dict[str, Any]:
    """Return what a document must fit: the words in their first reading, since no other document is there to fit better."""
    parts = [chosen(query)]
    if query.text.strip():
        analysis = query.analysis
        node = analysis.exact or analysis.homophone or analysis.similar
        parts.append(clause(node) if node is not None else Q("match_none"))
    question: dict[str, Any] = Q("bool", filter=parts).to_dict()
    return question


def _embedded() -> Any:
    """Return the embedded index, which matches saved searches in memory."""
    from ..embedded import Embedded

    return Embedded()
