"""The embedded index with 100,000 and 500,000 documents: answers, suggestions, rebuilding, and what a change takes."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from search.analysis import place_words
from search.embedded import Embedded, sets
from search.engine import SORTS, Query
from tests.benchmarks.rows import Row
from tests.benchmarks.search_world import SAME, documents, places, queries

NAME = "Search in the embedded index"
GOAL = (
    "people type and wait: an answer is the first 20 hits, their number and the counts of all facets; the questions are of every sort in the facts on "
    "Chinese search, from a brand to one that fits half of all documents. Each is asked when no phrase of it is in memory (cold) and once more (warm); "
    "of three rounds the best counts, others share the machine. A rebuild starts from documents that are made on the way, whose making is "
    "measured apart and taken off; memory is the peak of its process. Tokens, sounds and sets are made of a thousand documents at once "
    "in arrays, 25 to 30 µs of Python a document, while SQLite writes on the other core; merging at the end adds 9 µs"
)
NEEDS_DATABASE = False
ROUNDS = 3
LIMITS = {100_000: 25, 500_000: 60}
EDGES: tuple[dict[str, Any], ...] = (
    {}, {"kind": ("tender",)}, {"region": ("360602", "360603"), "status": ("open",)},
)  # fmt: skip


def run() -> list[Row]:
    names = place_words(name for name, _codes in places())
    return [row for count, limit in LIMITS.items() for row in measure(count, limit, names)]


def measure(count: int, limit: int, names: frozenset[str]) -> list[Row]:
    index = Embedded()
    rebuilt = rebuild(count)
    asked = [Query(text, chosen, places=names, meaning=SAME) for text in queries() for chosen in EDGES]
    sorted_ = [
        Query(text, sort=sort, now="2026-11-01", origin=(28.2, 117.0), places=names)
        for text in ("", "工程", "有限公司", "造价咨询") for sort in SORTS
    ]  # fmt: skip
    cold, warm = answers(index, [*asked, *sorted_])
    typed = [text[:length] for text in queries() for length in range(1, len(text) + 1)]
    suggested = best_of(lambda: [timed(index.suggest, text, before=forget) for text in dict.fromkeys(typed)])
    size = Path(index.status().place).stat().st_size / 2**20
    of = f"of {count:,}"
    return [
        Row(name=f"Answer {of}, cold, p95", ours=percentile(cold, 95), reference=percentile(warm, 95), unit="ms", goal=f"ours <= {limit}"),
        Row(name=f"Answer {of}, cold, slowest", ours=max(cold), reference=max(warm), unit="ms", goal="ours <= 150"),
        Row(name=f"Suggestion {of}, p95", ours=percentile(suggested, 95), reference=None, unit="ms", goal="ours <= 15"),
        Row(name=f"Rebuild {of}", ours=rebuilt["per_second"], reference=None, unit="/s", goal="ours >= 20000"),
        Row(name=f"Memory at most, rebuild {of}", ours=rebuilt["peak_mb"], reference=None, unit="MB", goal="ours <= 400"),
        Row(name=f"Change to findable {of}", ours=change(index), reference=None, unit="ms", goal="ours <= 1000"),
        Row(name=f"Index {of}", ours=size, reference=None, unit="MiB", goal="ours <= 2000"),
    ]  # fmt: skip


def rebuild(count: int) -> dict[str, float]:
    """Rebuild the index in a process of its own; return its speed and memory."""
    command = [sys.executable, "-m", "tests.benchmarks.search_rebuild", str(count)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    rebuilt: dict[str, float] = json.loads(done.stdout)
    print(f"  {count:,}: {rebuilt}", flush=True)
    return rebuilt


def forget() -> None:
    """Let no phrase be in memory."""
    for known in sets._shared.values():
        known._leaves.clear()


def timed(call: Callable[..., object], *arguments: object, before: Callable[[], None] | None = None) -> float:
    """Return the milliseconds of a call."""
    if before:
        before()
    begun = time.perf_counter()
    call(*arguments)
    return 1000 * (time.perf_counter() - begun)


def best_of(measured: Callable[[], list[float]]) -> list[float]:
    """Return the best of some rounds for each thing that is measured."""
    return [min(values) for values in zip(*(measured() for _round in range(ROUNDS)), strict=True)]


def answers(index: Embedded, asked: list[Query]) -> tuple[list[float], list[float]]:
    """Return the milliseconds of each answer without and with its phrases in memory."""
    index.search(Query())
    cold = best_of(lambda: [timed(index.search, query, before=forget) for query in asked])
    warm: list[float] = []
    for query in asked:
        index.search(query)
        warm.append(min(timed(index.search, query) for _round in range(ROUNDS)))
    return cold, warm


def percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


def change(index: Embedded) -> float:
    """Write single documents and look for each at once; return the milliseconds of the slowest of 50."""
    slowest = 0.0
    for number, document in enumerate(islice(documents(2000), 1000, 1050)):
        begun = time.perf_counter()
        index.index([replace(document, version=2 + number, title=f"改名第{number}号 {document.title}")])
        assert index.search(Query(f"改名第{number}号")).hits[0].key == document.key
        slowest = max(slowest, 1000 * (time.perf_counter() - begun))
    return slowest
