"""A ranking of 1,000 firms by each method, beside a bare sort of the same firms by the same kind of key."""

import hashlib
import random
import time
from collections.abc import Callable
from typing import Any

from marketplace.awards.methods import METHODS, rank
from tests.benchmarks.rows import Row
from tests.marketplace.awards.cases import NAMED, RULES, SEED, make_firm, make_inputs

NAME = "Ranking by each method"
GOAL = (
    "results are computed once when offers are opened and again by whoever replays them: 100 ms for 1,000 firms, fifty times what a "
    "need sees. The reference is a bare sort of the firms by price or credit (for draws: by an HMAC of each), without reading and "
    "checking the inputs, limits, means, exact points, ties or reasons; the ratio to it shows what those cost and has no goal of its own"
)
NEEDS_DATABASE = False
FIRMS, TIMES = 1_000, 9
FIXED = ("draw", "credit")


def run() -> list[Row]:
    rows = []
    for method in sorted(set(METHODS) - set(NAMED)):
        inputs = many_firms(method)
        result = rank(method, inputs, RULES[method], SEED)
        assert len(result.ranking) + len(result.unranked) == FIRMS
        ours = milliseconds(lambda: rank(method, inputs, RULES[method], SEED).as_data())  # noqa: B023 called at once
        bare = milliseconds(lambda: bare_sort(method, inputs["firms"]))  # noqa: B023 called at once
        rows.append(Row(name=f"Rank {FIRMS:,}, {method}", ours=ours, reference=bare, unit="ms", goal="ours <= 100"))
    return rows


def many_firms(method: str) -> dict[str, Any]:
    """Return 1,000 firms, each with an offer within the limits where there are offers; some offers are equal."""
    dice = random.Random(7)
    firms = []
    for number in range(FIRMS):
        amounts = [] if method in FIXED else [dice.randrange(5_000_000, 9_000_000, 1_000)]
        firm = make_firm(number, *amounts, credit=dice.randrange(6_000, 10_000))
        for row in RULES[method].get("criteria", []):
            width = {"owner": 1, "scorers": 5}.get(row["by"], 0)
            if width:
                firm["points"][row["key"]] = [dice.randrange(100 * row["points"]) for _scorer in range(width)]
        firms.append(firm)
    return make_inputs(*firms)


def bare_sort(method: str, firms: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if method == "draw":
        return sorted(firms, key=lambda firm: hashlib.sha256((SEED + firm["code"]).encode()).digest())
    if method == "credit":
        return sorted(firms, key=lambda firm: -firm["credit"])
    return sorted(firms, key=lambda firm: (firm["offers"][0]["amount_fen"], -firm["credit"]))


def milliseconds(call: Callable[[], Any]) -> float:
    """Return the best of a few calls after one that warms it up: a shared machine only ever takes away."""
    call()
    measured = []
    for _time in range(TIMES):
        start = time.perf_counter()
        call()
        measured.append(1000 * (time.perf_counter() - start))
    return min(measured)
