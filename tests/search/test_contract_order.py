"""Every adapter answers as the plain reading of ranking.py does: the same documents, order, counts and suggestions."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from search.documents import Document
from search.engine import SORTS, Adapter, Query
from tests.search.contract_world import MEANING, NOW, ORIGIN, PLACES, QUERIES, SPANS, TENDERS, town
from tests.search.reference import Reference

TOWN = list(town())
REFERENCE = Reference(TOWN)
CHOICES = (
    {},
    {"kind": ("tender",)},
    {"kind": ("firm",), "region": ("360601", "360602")},
    {"date": ("spring", "late")},
    {"qualification": ("Q1",), "credit": ("A", "B"), "date": ("ever",)},
    {"money": ("5000000", "20000000"), "status": ("open",)},
    {"region": ("nowhere",)},
    {"unknown": ("x",)},
    {"date": ("unknown",)},
    {"service": ()},
)


@pytest.fixture
def index(adapter: Adapter) -> Adapter:
    assert adapter.index(TOWN) == len(TOWN)
    return adapter


def asked(text: str = "", **more: object) -> Query:
    return Query(text, spans=SPANS, now=NOW, origin=ORIGIN, places=PLACES, meaning=MEANING, **more)  # type: ignore[arg-type]


def compare(index: Adapter, query: Query) -> None:
    found, expected = index.search(query), REFERENCE.keys(query)
    assert [hit.key for hit in found.hits] == expected[query.offset : query.offset + query.per_page], query
    assert found.total == len(expected), query
    assert {facet: dict(counts) for facet, counts in found.counts.items()} == REFERENCE.counts(query), query


def test_every_query_in_every_order(index: Adapter) -> None:
    choices = cycle(CHOICES)
    for text in ("", *QUERIES):
        for sort in SORTS:
            compare(index, asked(text, sort=sort, chosen=next(choices)))


def test_every_choice_with_and_without_words(index: Adapter) -> None:
    for chosen in CHOICES:
        for text in ("", "工程", "环评"):
            compare(index, asked(text, chosen=chosen, per_page=50))


def test_pages_to_the_end_and_beyond(index: Adapter) -> None:
    for page in (1, 2, 9, 10_000):
        compare(index, asked("工程", page=page))
        compare(index, asked(sort="distance", page=page))


def test_without_an_origin_distance_is_relevance(index: Adapter) -> None:
    compare(index, replace(asked("测绘", sort="distance"), origin=None))


def test_what_takes_firms_no_longer_comes_after_what_does(index: Adapter) -> None:
    found = index.search(asked(sort="ending", per_page=50, chosen={"kind": ("tender",)})).hits
    still = [bool(hit.ends) and hit.ends >= NOW for hit in found]
    assert still == sorted(still, reverse=True)
    assert any(still)
    assert not all(still)
    assert [hit.ends for hit in found if hit.ends >= NOW] == sorted(hit.ends for hit in found if hit.ends >= NOW)


def test_a_title_that_is_what_was_typed_comes_first(adapter: Adapter) -> None:
    names = ("测绘公司名录与测绘公司", "测绘公司，名录", "新测绘公司名录", "测绘公司")
    adapter.index(Document("firm", at, 1, title, "测绘公司", f"/{at}/") for at, title in enumerate(names))
    found = adapter.search(Query("测绘公司")).hits
    assert [hit.title for hit in found] == ["测绘公司", "测绘公司名录与测绘公司", "测绘公司，名录", "新测绘公司名录"]


def test_a_rare_word_and_a_short_field_are_worth_no_more(adapter: Adapter) -> None:
    long = "，".join(["环境影响评价"] * 60)
    adapter.index(
        [
            Document("firm", 1, 1, "甲", f"测绘 {long}", "/1/", date="2026-01-02"),
            Document("firm", 2, 1, "乙", "测绘", "/2/", date="2026-01-01"),
        ]
    )
    assert [hit.key for hit in adapter.search(Query("测绘")).hits] == ["firm:1", "firm:2"]


def test_suggestions(index: Adapter) -> None:
    for text in QUERIES:
        for per_kind in (1, 4):
            found = {kind: [hit.key for hit in hits] for kind, hits in index.suggest(text, per_kind, MEANING).items()}
            assert found == REFERENCE.suggested(Query(text, meaning=MEANING), per_kind), text


PIECES = ("月湖区", "信达", "工程", "造价", "咨询", "环评", "测绘", "drxd", "xinda", "bim", "霞", " ", "，")


@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join),
    sort=st.sampled_from(SORTS),
    chosen=st.sampled_from(CHOICES),
)
def test_any_words_in_any_order(index: Adapter, text: str, sort: str, chosen: dict[str, tuple[str, ...]]) -> None:
    compare(index, asked(text, sort=sort, chosen=chosen))


def test_a_hit_carries_ends_and_place(adapter: Adapter) -> None:
    adapter.index(TENDERS)
    (hit,) = adapter.search(Query("滨江路")).hits
    assert (hit.ends, hit.place) == (TENDERS[0].ends, TENDERS[0].place)
