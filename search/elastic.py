"""Elasticsearch adapter: the only module that knows its client; OpenSearch answers through the same one.

The server gets the tokens of search.analysis and needs no analyzer but `whitespace`. `ELASTICSEARCH_URL` is
``http://host:9200`` or ``https://user:word@host:9200``; ``opensearch+http://…`` sends headers that OpenSearch takes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from elastic_transport import HttpHeaders, TransportError, Urllib3HttpNode
from elastic_transport._node._base import NodeApiResponse
from elastic_transport.client_utils import DEFAULT, DefaultType
from elasticsearch import ApiError, Elasticsearch, NotFoundError
from elasticsearch.helpers import scan, streaming_bulk
from elasticsearch_dsl import A, Q, Search
from elasticsearch_dsl.query import Query as Clause

from .analysis import All, Analysis, Node, Phrase, analyze, narrow, pinyin, tokens
from .documents import FACETS, Document, Kind
from .engine import STEPS, Hit, Query, Result, Status, Unavailable

INDEX = "marketplace"
READ_SECONDS = 0.3
WRITE_SECONDS = 10.0
BOOSTS = {"title": 5.0, "body": 1.0, "syllables": 2.5, "initials": 1.5}
FAILURES = (TransportError, ApiError)
PLAIN = ("key", "kind", "title", "body", "url", "status", "method", "credit", "money_fen", "date")
KEYWORD: dict[str, Any] = {"type": "keyword"}
TOKENS: dict[str, Any] = {"type": "text", "analyzer": "whitespace"}
STORED: dict[str, Any] = {"type": "object", "enabled": False}
MAPPING: dict[str, Any] = {
    "dynamic": False,
    "properties": {
        **dict.fromkeys(BOOSTS, TOKENS),
        **{f"facet_{facet}": KEYWORD for facet in FACETS},
        "key": KEYWORD,
        "date": KEYWORD,
        "fingerprint": KEYWORD,
        "deleted": {"type": "boolean"},
        "version": {"type": "long"},
        "credit": {"type": "integer"},
        "money_fen": {"type": "long"},
        "stored": STORED,
    },
}
ORDERS: dict[str, list[Any]] = {
    "relevance": ["_score", "-date", "key"],
    "newest": ["-date", "key"],
    "credit": [{"credit": {"order": "desc", "missing": "_last"}}, "_score", "key"],
    "price": [{"money_fen": {"order": "asc", "missing": "_last"}}, "_score", "key"],
}


class OpenSearchNode(Urllib3HttpNode):
    """Speak to OpenSearch: plain media types in requests, the product's name in answers."""

    def perform_request(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: HttpHeaders | None = None,
        request_timeout: DefaultType | float | None = DEFAULT,
    ) -> NodeApiResponse:
        sent = HttpHeaders(headers or {})
        for name in ("accept", "content-type"):
            if "compatible-with" in (sent.get(name) or ""):
                sent[name] = "application/x-ndjson" if "ndjson" in sent[name] else "application/json"
        answer = super().perform_request(method, target, body=body, headers=sent, request_timeout=request_timeout)
        answer.meta.headers["x-elastic-product"] = "Elasticsearch"
        return answer


@lru_cache(maxsize=4)
def client(url: str) -> Elasticsearch:
    """Return the client for an address; it keeps its connections."""
    is_opensearch = url.startswith("opensearch+")
    return Elasticsearch(
        url.removeprefix("opensearch+"), node_class=OpenSearchNode if is_opensearch else Urllib3HttpNode, max_retries=0
    )


def clause(node: Node) -> Clause:
    """Write a node as a query of the server."""
    if not isinstance(node, Phrase):
        parts = [clause(part) for part in node.parts]
        return Q("bool", must=parts) if isinstance(node, All) else Q("dis_max", queries=parts, tie_breaker=0.3)
    text = " ".join(node.tokens)
    fields: list[Clause] = []
    for name in node.fields:
        boost = BOOSTS[name]
        if node.is_prefix and len(node.tokens) == 1:
            fields.append(Q("prefix", **{name: {"value": text, "boost": boost}}))
        elif node.is_prefix:
            fields.append(Q("match_phrase_prefix", **{name: {"query": text, "boost": boost, "max_expansions": 200}}))
        else:
            fields.append(Q("match_phrase", **{name: {"query": text, "boost": boost}}))
    return Q("dis_max", queries=fields, tie_breaker=0.3)


def _chosen(chosen: Mapping[str, tuple[str, ...]], without: str = "") -> Clause:
    wanted = [
        Q("terms", **{f"facet_{facet}": list(values)})
        for facet, values in chosen.items()
        if values and facet != without
    ]
    return Q("bool", filter=wanted) if wanted else Q("match_all")


def _hit(source: Any) -> Hit:
    return Hit(**json.loads(source["stored"]["json"]))


class Elastic:
    """Keep the index on a server; raise Unavailable when it does not answer."""

    def __init__(self, url: str | None = None, index: str = INDEX) -> None:
        self.client, self.name = client(url or settings.ELASTICSEARCH_URL), index

    def _prepare(self) -> None:
        server = self.client.options(request_timeout=WRITE_SECONDS)
        if not server.indices.exists(index=self.name):
            settings_ = {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "1s"}
            server.options(ignore_status=400).indices.create(index=self.name, mappings=MAPPING, settings=settings_)

    def _write(self, rows: Iterable[dict[str, Any]]) -> int:
        """Send rows with their versions; the server refuses those that are older than what it has."""
        try:
            self._prepare()
            actions = (
                {
                    "_index": self.name,
                    "_id": row["key"],
                    "version": row["version"],
                    "version_type": "external_gte",
                    "_source": row,
                }
                for row in rows
            )
            taken = 0
            server = self.client.options(request_timeout=WRITE_SECONDS)
            for is_taken, answer in streaming_bulk(server, actions, raise_on_error=False, refresh=True):
                outcome = answer["index"]
                if not is_taken and outcome["status"] != 409:
                    raise Unavailable(str(outcome.get("error", outcome["status"])))
                taken += is_taken
        except FAILURES as error:
            raise Unavailable(str(error)) from error
        return taken

    def index(self, documents: Iterable[Document]) -> int:
        return self._write(map(self._row, documents))

    @staticmethod
    def _row(document: Document) -> dict[str, Any]:
        syllables, initials = pinyin(document.title)
        stored = {name: getattr(document, name) for name in PLAIN} | {"shown": dict(document.shown)}
        return {
            "key": document.key,
            "version": document.version,
            "deleted": False,
            "fingerprint": document.fingerprint,
            "title": " ".join(tokens(document.title)),
            "body": " ".join(tokens(document.body)),
            "syllables": " ".join(syllables),
            "initials": " ".join(initials),
            "date": document.date,
            "credit": document.credit,
            "money_fen": document.money_fen,
            "stored": {"json": json.dumps(stored, ensure_ascii=False)},
            **{f"facet_{facet}": list(values) for facet, values in document.facets.items()},
        }

    def delete(self, key: str, version: int) -> None:
        self._write([{"key": key, "version": version, "deleted": True}])

    def _living(self) -> Search[Any]:
        return Search(using=self.client.options(request_timeout=READ_SECONDS), index=self.name).filter(
            "term", deleted=False
        )

    def sweep(self, version: int, keep: frozenset[str]) -> int:
        old = self._living().filter("range", version={"lte": version}).source(False)
        gone = [row["_id"] for row in self._scan(old) if row["_id"] not in keep]
        self._write({"key": key, "version": version, "deleted": True} for key in gone)
        return len(gone)

    def _scan(self, sought: Search[Any]) -> list[dict[str, Any]]:
        try:
            self._prepare()
            server = self.client.options(request_timeout=WRITE_SECONDS)
            return list(scan(server, query=sought.to_dict(), index=self.name))
        except FAILURES as error:
            raise Unavailable(str(error)) from error

    def clear(self) -> None:
        try:
            self.client.options(request_timeout=WRITE_SECONDS, ignore_status=404).indices.delete(index=self.name)
        except FAILURES as error:
            raise Unavailable(str(error)) from error

    def fingerprints(self) -> dict[str, str]:
        rows = self._scan(self._living().source(["fingerprint"]))
        return {row["_id"]: row["_source"]["fingerprint"] for row in rows}

    def _run(self, sought: Search[Any]) -> Any:
        try:
            return sought.execute()
        except NotFoundError as error:
            raise Unavailable("the index is not there yet") from error
        except FAILURES as error:
            raise Unavailable(str(error)) from error

    def _reading(self, analysis: Analysis) -> tuple[str, Clause] | None:
        for step in STEPS:
            node: Node | None = getattr(analysis, step)
            if node is not None:
                words = clause(node)
                if self._run(self._living().query(words)[:1].source(False)).hits:
                    return step, words
        return None

    def search(self, query: Query) -> Result:
        step, marks, words = "exact", tuple[str, ...](), None
        if query.text.strip():
            analysis = query.analysis
            reading = self._reading(analysis)
            if reading is None:
                return Result()
            step, words = reading
            marks = analysis.marks(step)
        sought = self._living().extra(track_total_hits=True).source(["stored"])
        sought = (sought.query(words) if words is not None else sought).post_filter(_chosen(query.chosen))
        for facet in FACETS:
            counted = A("terms", field=f"facet_{facet}", size=1000, order=[{"_count": "desc"}, {"_key": "asc"}])
            sought.aggs.bucket(facet, "filter", filter=_chosen(query.chosen, without=facet)).bucket("values", counted)
        order = "newest" if query.sort == "relevance" and words is None else query.sort
        answer = self._run(sought.sort(*ORDERS[order])[query.offset : query.offset + query.per_page])
        counts = {
            facet: {bucket.key: bucket.doc_count for bucket in answer.aggregations[facet]["values"].buckets}
            for facet in FACETS
        }
        hits = tuple(_hit(row["_source"]) for row in answer.to_dict()["hits"]["hits"])
        return Result(hits, answer.hits.total.value, counts, step, marks)

    def suggest(self, text: str, per_kind: int = 4) -> dict[str, tuple[Hit, ...]]:
        node = narrow(analyze(text).exact, frozenset({"title", "syllables", "initials"}))
        if node is None:
            return {}
        sought = self._living().query(clause(node))[:0]
        order = [{"_score": "desc"}, {"date": "desc"}, {"key": "asc"}]
        for kind in Kind.values:
            bucket = sought.aggs.bucket(kind, "filter", term={"facet_kind": kind})
            bucket.metric("top", "top_hits", size=per_kind, sort=order, _source=["stored"])
        groups = self._run(sought).to_dict()["aggregations"]
        found = {
            kind: tuple(_hit(row["_source"]) for row in groups[kind]["top"]["hits"]["hits"]) for kind in Kind.values
        }
        return {kind: hits for kind, hits in found.items() if hits}

    def status(self) -> Status:
        try:
            self._prepare()
        except FAILURES as error:
            raise Unavailable(str(error)) from error
        sought = self._living()[:0]
        sought.aggs.bucket("kinds", "terms", field="facet_kind")
        sought.aggs.metric("newest", "max", field="version")
        answer = self._run(sought)
        kinds = {bucket.key: bucket.doc_count for bucket in answer.aggregations.kinds.buckets}
        stats = self.client.options(request_timeout=WRITE_SECONDS).indices.stats(index=self.name, metric="store")
        size = stats["_all"]["primaries"]["store"]["size_in_bytes"]
        return Status("elasticsearch", self.name, kinds, int(answer.aggregations.newest.value or 0), size)
