"""The embedded index beside tantivy with the same tokens, and beside Wagtail's search of the database."""

import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import islice

from search.analysis import place_words
from search.embedded import Embedded, sets
from search.engine import Query
from tests.benchmarks.rows import Row
from tests.benchmarks.search_engines import Tantivy, Wagtail
from tests.benchmarks.search_world import SAME, asked, documents, places, wanted

NAME = "Search beside other engines"
GOAL = (
    "whether SQLite with our tokens is enough: tantivy gets the same tokens, the same ladder and three facets to count (ours counts nine), Wagtail the same "
    "titles and texts as pages. Recall: of the first hundred that a question could find, how many are among the first hundred that come, in the mean "
    "over the questions whose answer is known from how the documents were made; homophones, pinyin and initials are among them"
)
COUNT, FIRST, ROUNDS = 100_000, 100, 3
Ask = Callable[[str, int], list[str]]


def run() -> list[Row]:
    names = place_words(name for name, _codes in places())
    ours = Embedded()
    name, rest = ours.begin(), documents(COUNT)
    while batch := list(islice(rest, 500)):
        ours.index(batch, into=name)
    ours.swap(name)
    wagtail = Wagtail()
    wagtail.fill(documents(COUNT))
    with tempfile.TemporaryDirectory() as folder:
        tantivy = Tantivy(folder)
        tantivy.fill(documents(COUNT))
        engines: dict[str, Ask] = {
            "ours": lambda text, limit: [
                hit.key for hit in ours.search(Query(text, places=names, meaning=SAME, per_page=limit)).hits
            ],
            "tantivy": lambda text, limit: tantivy.search(text, names, limit)[0],
            "Wagtail": lambda text, limit: wagtail.search(text, limit)[0],
        }
        sought = truth()
        found = {engine: judge(ask, sought) for engine, ask in engines.items()}
        took = {
            engine: [milliseconds(ask, text) for texts in asked().values() for text in texts]
            for engine, ask in engines.items()
        }
    rows = []
    for engine in ("tantivy", "Wagtail"):
        for label, percent in (("p50", 50), ("p95", 95)):
            mine, other = (statistics.quantiles(took[which], n=100)[percent - 1] for which in ("ours", engine))
            rows.append(
                Row(
                    name=f"Answer of {COUNT:,} beside {engine}, {label}",
                    ours=mine,
                    reference=other,
                    unit="ms",
                    goal="ours <= 25",
                )
            )
        mine, other = (statistics.fmean(found[which].values()) for which in ("ours", engine))
        rows.append(
            Row(name=f"Recall of {COUNT:,} beside {engine}", ours=mine, reference=other, unit="", goal="ours >= 0.9")
        )
    for sort in found["ours"]:
        print(
            "  " + sort + ": " + ", ".join(f"{engine} {recalls[sort]:.2f}" for engine, recalls in found.items()),
            flush=True,
        )
    return rows


def truth() -> dict[str, dict[str, set[str]]]:
    """Return by sort of question and question which documents it seeks."""
    seeking = {
        (sort, text): alternatives
        for sort, texts in asked().items() for text in texts if (alternatives := wanted(sort, text))
    }  # fmt: skip
    sought: dict[str, dict[str, set[str]]] = {}
    for document in documents(COUNT):
        words = f"{document.title}\n{document.body}"
        for (sort, text), alternatives in seeking.items():
            if any(all(piece in words for piece in pieces) for pieces in alternatives):
                sought.setdefault(sort, {}).setdefault(text, set()).add(document.key)
    return sought


def judge(ask: Ask, sought: dict[str, dict[str, set[str]]]) -> dict[str, float]:
    """Return the recall of an engine by sort of question."""
    return {
        sort: statistics.fmean(
            len(keys & set(ask(text, FIRST))) / min(FIRST, len(keys)) for text, keys in questions.items()
        )
        for sort, questions in sought.items()
    }


def milliseconds(ask: Ask, text: str) -> float:
    """Return the best of some calls; ours has no phrase in memory."""
    best = float("inf")
    for _round in range(ROUNDS):
        for known in sets._shared.values():
            known._leaves.clear()
        begun = time.perf_counter()
        ask(text, 20)
        best = min(best, time.perf_counter() - begun)
    return 1000 * best
