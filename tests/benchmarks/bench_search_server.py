"""Elasticsearch through our interface beside the same requests sent raw, and how long a change takes to be found there."""

import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import urllib3
from elastic_transport import Urllib3HttpNode

sys.path.append(str(Path(__file__).resolve().parents[2] / "ops"))
from search_server import elasticsearch
from servers import Unavailable

from search.documents import Document
from search.elastic import Elastic
from search.engine import Query
from tests.benchmarks import search_world
from tests.benchmarks.rows import Row

NAME = "Search on Elasticsearch"
GOAL = (
    "what our interface adds (analysis of the words, building the request, reading hits and counts) may cost a quarter of what the "
    "server needs itself: the reference is the same request, byte for byte, over a kept connection, its answer parsed as JSON and thrown "
    "away, asked in turns in one run. A change must be found within 2 s, embedded within 1 s. 20,000 documents in one node of 512 MB: "
    "with more of them the server takes longer and our share shrinks"
)
NEEDS_DATABASE = False
DOCUMENTS, ROUNDS, CHANGES = 20_000, 5, 20


def run() -> list[Row]:
    given = os.environ.get("ELASTICSEARCH_TEST_URL")
    if given:
        return measured(given)
    try:
        with elasticsearch() as environment:
            return measured(environment["ELASTICSEARCH_TEST_URL"])
    except Unavailable as problem:
        print(f"Left out: {problem}")
        return []


def measured(url: str) -> list[Row]:
    index = Elastic(url, f"bench-{os.getpid()}", read_seconds=30)
    try:
        name = index.begin()
        for batch in batches(search_world.documents(DOCUMENTS)):
            index.index(batch, into=name)
        index.swap(name)
        ours, raw = side_by_side(index, [asked(text, at) for at, text in enumerate(search_world.queries())])
        return [
            Row(name=f"Search {DOCUMENTS:,}: 20 hits, total, 9 facets (median)", ours=middle(ours), reference=middle(raw),
                unit="ms", goal="ratio <= 1.25"),
            Row(name="The same, of all queries together (mean)", ours=sum(ours) / len(ours), reference=sum(raw) / len(raw),
                unit="ms", goal="ratio <= 1.25"),
            Row(name="A change until it is found (slowest of 20)", ours=max(findable(index)), reference=None, unit="s",
                goal="ours <= 2"),
        ]  # fmt: skip
    finally:
        for made in dict(index.client.indices.get_alias(index=f"{index.name}-*")):
            index.client.indices.delete(index=made)


def batches(documents: Iterator[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    for document in documents:
        batch.append(document)
        if len(batch) == 1000:
            yield batch
            batch = []
    yield batch


def asked(text: str, at: int) -> Query:
    return Query(
        text,
        chosen=({}, {"kind": ("firm",)}, {"kind": ("tender",), "region": ("360602",)})[at % 3],
        spans={"late": ("2026-06-01T00:00:00Z", "")},
        now="2026-06-15T00:00:00Z",
    )


def side_by_side(index: Elastic, queries: list[Query]) -> tuple[list[float], list[float]]:
    """Return the milliseconds of each query through our interface and sent raw, best of some rounds each."""
    node: Urllib3HttpNode = index.client.transport.node_pool.get()
    pool = urllib3.HTTPConnectionPool(node.host, node.port, maxsize=1)
    sent: list[tuple[str, str, bytes, dict[str, str]]] = []
    perform = node.perform_request

    def recorded(method: str, target: str, body: bytes | None = None, headers: Any = None, **more: Any) -> Any:
        sent.append((method, target, body or b"", dict(headers or {})))
        return perform(method, target, body=body, headers=headers, **more)

    requests = []
    node.perform_request = recorded  # type: ignore[method-assign]
    for query in queries:  # also warms the server up
        sent.clear()
        index.search(query)
        requests.append([request for request in sent if "_search" in request[1]])
    node.perform_request = perform  # type: ignore[method-assign]
    ours, raw = [float("inf")] * len(queries), [float("inf")] * len(queries)
    for _round in range(ROUNDS):
        for at, query in enumerate(queries):
            raw[at] = min(raw[at], timed(lambda at=at: send(pool, requests[at])))
            ours[at] = min(ours[at], timed(lambda query=query: index.search(query)))
    pool.close()
    return ours, raw


def send(pool: urllib3.HTTPConnectionPool, requests: list[tuple[str, str, bytes, dict[str, str]]]) -> None:
    for method, target, body, headers in requests:
        answer = pool.urlopen(method, target, body=body, headers=headers)
        assert answer.status == 200
        json.loads(answer.data)


def timed(call: Any) -> float:
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def findable(index: Elastic) -> list[float]:
    """Return for some changes the seconds from the write's begin until a search finds it."""
    taken = []
    document = next(search_world.documents(1))
    for at in range(CHANGES):
        changed = replace(document, version=10_000_000 + at, title=f"改名第{at}次的新机构")
        begun = time.perf_counter()
        index.index([changed])
        while not index.search(Query(f"改名第{at}次")).hits[:1] or index.search(Query(changed.title)).step != "exact":
            assert time.perf_counter() - begun < 30
        taken.append(time.perf_counter() - begun)
    return taken
