"""Every adapter against the judged queries: figures by type, and the floors below which nobody may fall."""

from __future__ import annotations

from collections import defaultdict
from statistics import mean

import pytest

from search.engine import Adapter

from .judged import Score, judgements, score
from .world import lexicon, world

NDCG_FLOOR = 0.85
MRR_FLOOR = 0.85
TYPE_FLOOR = 0.70  # of no type may most queries go wrong while the mean looks well
EMPTY_CEILING = 0.03
TYPES = {
    "brand", "middle", "two", "category", "runon", "city", "synonym", "homophone", "typo", "initials", "pinyin", "latin",
    "traditional", "fullwidth", "name", "page",
}  # fmt: skip


@pytest.fixture
def filled(adapter: Adapter) -> Adapter:
    assert adapter.index(world().documents) == len(world().documents)
    return adapter


def table(scores: list[Score]) -> str:
    """Return the figures by type as lines."""
    groups: dict[str, list[Score]] = defaultdict(list)
    for one in scores:
        groups[one.judgement.type].append(one)
    lines = [f"{'type':12} {'n':>4} {'nDCG@10':>8} {'MRR':>6} {'empty':>6}"]
    for name, found in [*sorted(groups.items()), ("all", scores)]:
        ndcg, reciprocal = mean(one.ndcg for one in found), mean(one.reciprocal for one in found)
        lines.append(f"{name:12} {len(found):4} {ndcg:8.3f} {reciprocal:6.3f} {sum(one.is_empty for one in found):6}")
    return "\n".join(lines)


def worst(scores: list[Score], count: int = 40) -> str:
    """Return the queries that were served worst."""
    low = sorted(scores, key=lambda one: one.ndcg)[:count]
    return "\n".join(f"{one.judgement.q} ({one.judgement.type}) {one.ndcg:.2f}" for one in low if one.ndcg < 1)


def test_there_are_enough_queries_of_every_kind() -> None:
    found = judgements()
    assert len(found) >= 150
    assert {one.type for one in found} == TYPES
    assert len({one.q for one in found}) == len(found)
    for one in found:
        assert max(one.grade(document, world()) for document in world().documents) >= 1, one.q


def test_judged_queries_are_served(filled: Adapter) -> None:
    scores = [score(one, [hit.key for hit in filled.search(one.query).hits]) for one in judgements()]
    figures = table(scores)
    print(f"\n{type(filled).__name__}\n{figures}\n\n{worst(scores)}")
    assert mean(one.ndcg for one in scores) >= NDCG_FLOOR, figures
    assert mean(one.reciprocal for one in scores) >= MRR_FLOOR, figures
    assert mean(one.is_empty for one in scores) < EMPTY_CEILING, figures
    for name in TYPES:
        assert mean(one.ndcg for one in scores if one.judgement.type == name) >= TYPE_FLOOR, figures


def test_a_whole_name_finds_its_firm_first(filled: Adapter) -> None:
    for name in world().names:
        hits = [hit.title for hit in filled.search(lexicon().query(name)).hits]
        assert hits[:1] == [name], name
