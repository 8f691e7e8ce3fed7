"""Adapter: the index on a server, with the whole interface of engine.Adapter."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from elasticsearch.helpers import scan, streaming_bulk
from elasticsearch_dsl import Q
from elasticsearch_dsl.query import Query as Clause

from ..analysis import Analysis, narrow
from ..documents import Document, Kind
from ..engine import STEPS, Hit, Query, Result, Status, Unavailable
from ..ranking import order
from . import shape
from .clauses import chosen, clause, counted, counting, ordered, scored, still_open
from .server import DEEPEST, READ_SECONDS, WRITE_SECONDS, TooDeep, answering, understood
from .watching import Watching

logger = logging.getLogger(__name__)
LIVING = Q("term", deleted=False)
SUGGESTED = frozenset({"title", "syllables", "initials"})


class Elastic(Watching):
    """Keep the index on a server; raise Unavailable when it does not answer within `read_seconds`."""

    def __init__(
        self,
        url: str | None = None,
        index: str | None = None,
        *,
        read_seconds: float = READ_SECONDS,
        makes_first: bool = True,
    ) -> None:
        super().__init__(
            url or settings.ELASTICSEARCH_URL, index or settings.ELASTICSEARCH_INDEX, makes_first=makes_first
        )
        self.read_seconds = read_seconds

    def _write(self, rows: Iterable[dict[str, Any]], into: str) -> int:
        """Send rows with their versions; the server refuses those that are older than what it has."""
        taken = 0
        with answering():
            if not into:
                self._prepare()
            actions = (
                {
                    "_index": f"{into}.in" if into else self.name,
                    "_id": row["key"],
                    "version": row["version"],
                    "version_type": "external_gte",
                    "_source": row,
                }
                for row in rows
            )
            # What answers shows a change at once; a generation that is filled is looked at when it is full.
            sent = streaming_bulk(self._server, actions, raise_on_error=False, refresh=not into, require_alias=True)
            for is_taken, answer in sent:
                with understood():
                    outcome = answer["index"]
                if outcome["status"] == 400 and "parsing_exception" in str(outcome.get("error")):
                    # One bad document must not keep all others waiting; `search check` names it.
                    logger.error("the search server refused %s: %s", outcome["_id"], outcome.get("error"))
                elif not is_taken and outcome["status"] != 409:
                    raise Unavailable(str(outcome.get("error", outcome["status"])))
                taken += is_taken
        return taken

    def index(self, documents: Iterable[Document], *, into: str = "") -> int:
        return self._write(map(shape.row, documents), into)

    def delete(self, key: str, version: int, *, into: str = "") -> None:
        self.forget([(key, version)], into=into)

    def forget(self, keys: Iterable[tuple[str, int]], *, into: str = "") -> None:
        """Forget many documents, each unless it is newer than the version beside its key."""
        self._write((shape.tombstone(key, version) for key, version in keys), into)

    def fingerprints(self) -> dict[str, str]:
        with answering():
            self._prepare()
            sought = {"query": LIVING.to_dict(), "_source": ["fingerprint"]}
            rows = scan(self._server, query=sought, index=self.name)
            return {row["_id"]: row["_source"]["fingerprint"] for row in rows}

    def _run(self, body: dict[str, Any], seconds: float = WRITE_SECONDS, name: str = "") -> dict[str, Any]:
        """Return the server's whole answer; a part of one is none."""
        with answering(), understood():
            server = self.client.options(request_timeout=seconds)
            answer = server.search(index=name or self.name, body=body, allow_partial_search_results=False)
            return dict(answer.body)

    def search(self, query: Query) -> Result:
        deadline = time.monotonic() + self.read_seconds
        with answering():
            self._prepare(self.read_seconds)
        if not query.text.strip():
            return self._answer(query, deadline, None, "exact")[1]
        analysis = query.analysis
        for step in STEPS:
            if getattr(analysis, step) is not None:
                found, result = self._answer(query, deadline, analysis, step)
                if found:
                    return result
        return Result()

    def _answer(self, query: Query, deadline: float, analysis: Analysis | None, step: str) -> tuple[int, Result]:
        """Ask about one step of the ladder; return the number of what fits the words alone, and the page."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise Unavailable(f"no answer within {self.read_seconds} s")
        name = order(query.sort, has_words=analysis is not None, has_origin=query.origin is not None)
        is_deep = query.offset + query.per_page > DEEPEST
        body = {
            "query": self._sought(query, analysis, step, name).to_dict(),
            "aggs": counting(query),
            "sort": ordered(name, query),
            "from": 0 if is_deep else query.offset,
            "size": 0 if is_deep else query.per_page,
            "track_total_hits": True,
            "_source": ["stored"],
        }
        if any(query.chosen.values()):
            body["post_filter"] = chosen(query).to_dict()
        answer = self._run(body, left)
        with understood():
            total = answer["hits"]["total"]["value"]
            if is_deep and total > query.offset:
                raise TooDeep(f"hit {query.offset} of {total}")
            hits = tuple(shape.hit(row["_source"]) for row in answer["hits"]["hits"])
            groups = answer["aggregations"]
            marks = analysis.marks(step) if analysis is not None else ()
            return groups["found"]["doc_count"], Result(hits, total, counted(query, groups), step, marks)

    @staticmethod
    def _sought(query: Query, analysis: Analysis | None, step: str, name: str) -> Clause:
        """Return what fits the words, with the score that the order asks for."""
        kept, weights = [LIVING], [still_open(query.now)] if name == "ending" else []
        if analysis is not None:
            kept.append(clause(getattr(analysis, step)))
            weights = weights or scored(analysis, step)
        return Q("bool", filter=kept, should=weights, minimum_should_match=0)

    def suggest(
        self, text: str, per_kind: int = 4, meaning: Mapping[str, tuple[str, ...]] | None = None
    ) -> dict[str, tuple[Hit, ...]]:
        analysis = Query(text, meaning=meaning or {}).analysis
        node = narrow(analysis.exact, SUGGESTED)
        if node is None:
            return {}
        with answering():
            self._prepare(self.read_seconds)
        top = {"size": per_kind, "sort": ordered("relevance", Query()), "_source": ["stored"]}
        sought = Q("bool", filter=[LIVING, clause(node)], should=scored(analysis, "exact"), minimum_should_match=0)
        body = {
            "query": sought.to_dict(),
            "aggs": {
                kind: {"filter": {"term": {"facet_kind": kind}}, "aggs": {"top": {"top_hits": top}}}
                for kind in Kind.values
            },
            "size": 0,
        }
        answer = self._run(body, self.read_seconds)
        with understood():
            groups = answer["aggregations"]
            found = {
                kind: tuple(shape.hit(row["_source"]) for row in groups[kind]["top"]["hits"]["hits"])
                for kind in Kind.values
            }
        return {kind: hits for kind, hits in found.items() if hits}

    def count(self, name: str = "") -> dict[str, int]:
        with answering():
            if name:
                self._server.indices.refresh(index=name)
            else:
                self._prepare()
        kinds = {"kinds": {"terms": {"field": "facet_kind", "size": 100}}}
        answer = self._run({"query": LIVING.to_dict(), "aggs": kinds, "size": 0}, name=name)
        with understood():
            return {bucket["key"]: bucket["doc_count"] for bucket in answer["aggregations"]["kinds"]["buckets"]}

    def status(self) -> Status:
        kinds = self.count()
        answer = self._run({"aggs": {"newest": {"max": {"field": "version"}}}, "size": 0})
        with answering(), understood():
            newest = int(answer["aggregations"]["newest"]["value"] or 0)
            stats = self._server.indices.stats(index=self.name, metric="store")
            size = stats["_all"]["primaries"]["store"]["size_in_bytes"]
        place = f"{self._behind(self.name)}" + ("" if self.percolates() else " (no percolator)")
        return Status("elasticsearch", place, kinds, newest, size)
