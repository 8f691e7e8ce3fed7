"""Saved searches of the embedded index: the same documents fit as a search would find."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from search.documents import Document
from search.embedded import Embedded, watching
from search.embedded.watching import anchors, fields_of, fits, read, written
from search.engine import Query
from tests.benchmarks.search_world import documents, queries

SPANS = {"early": ("2026-01-01", "2026-11-18"), "late": ("2026-11-18", "")}


@pytest.fixture(scope="module")
def world() -> list[Document]:
    return list(documents(400))


@pytest.fixture
def index(data_dir: Path, world: list[Document]) -> Embedded:
    adapter = Embedded()
    adapter.index(world)
    return adapter


def searches() -> list[Query]:
    """Return saved searches: words alone, choices alone, both, days, and words that are none."""
    dice = random.Random(5)
    texts = queries()
    made = [Query(text) for text in texts]
    for _query in range(60):
        chosen = {
            "kind": dice.choice([(), ("tender",), ("firm", "service")]),
            "region": dice.choice([(), ("360602",), ("360603", "360681")]),
            "date": dice.choice([(), ("early",), ("early", "late"), ("never",)]),
        }
        made.append(Query(dice.choice(["", "工程", "报告 鹰潭", *texts[:20]]), chosen, SPANS))
    return [*made, Query(), Query("，。"), Query("z"), Query("工"), Query("ji"), Query("bim 测绘")]


def test_a_document_fits_the_searches_that_would_find_it(index: Embedded, world: list[Document]) -> None:
    kept = searches()
    for number, query in enumerate(kept):
        index.watch(number, query)
    told = index.watched_by(world)
    assert len(told) == len(set(told))
    for number, query in enumerate(kept):
        found = index.search(Query(query.text, query.chosen, query.spans, per_page=len(world)))
        expected = {hit.key for hit in found.hits} if found.step == "exact" else set()
        assert {key for which, key in told if which == number} == expected, query
    assert len(told) > 1000


def test_few_searches_are_looked_at(index: Embedded, world: list[Document], monkeypatch: pytest.MonkeyPatch) -> None:
    for number, text in enumerate(queries()):
        index.watch(number, Query(text))
    looked: list[object] = []
    monkeypatch.setattr(watching, "fits", lambda node, fields: bool(looked.append(node)) or fits(node, fields))
    told = index.watched_by([world[200]])
    whole = [node for node in looked if node in {Query(text).analysis.exact for text in queries()}]
    assert 0 < len(told) <= len(whole) < len(queries()) / 3


def test_the_newest_form_of_a_search_counts(index: Embedded) -> None:
    document = Document("firm", 7, 1, "鹰潭信达测绘有限公司", "月湖区", "/firms/7/", ("360602",))
    index.watch(1, Query("测绘"))
    index.watch(2, Query("月湖", {"kind": ("firm",)}))
    assert index.watched_by([document, document]) == [(1, "firm:7"), (2, "firm:7")]
    index.watch(1, Query("监理", sort="credit", page=3))
    index.unwatch(2)
    index.unwatch(99)
    assert index.watched_by([document]) == []
    index.watch(1, Query(sort="newest"))
    assert index.watched_by([document]) == [(1, "firm:7")]


def test_saved_searches_outlive_a_rebuild(index: Embedded) -> None:
    index.watch(1, Query("测绘"))
    name = index.begin()
    index.swap(name)
    index.roll_back()
    assert index.watched_by([Document("firm", 7, 1, "信达测绘", "", "/firms/7/")]) == [(1, "firm:7")]


@hypothesis_settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    title=st.text(alphabet="造价咨询月湖ab1 ·，", max_size=12),
    text=st.text(alphabet="造价咨询月湖abz1 ·，", max_size=8),
)
def test_memory_and_index_mean_the_same(data_dir: Path, title: str, text: str) -> None:
    adapter = Embedded()
    document = Document("firm", 1, 1, title, "a 造价", "/firms/1/")
    adapter.index([document])
    node = Query(text).analysis.exact
    if node is None:
        return
    found = adapter.search(Query(text))
    is_found = found.total == 1 and found.step == "exact"
    assert fits(node, fields_of(document)) is is_found
    assert read(written(node)) == node
    words = {token for field in fields_of(document).values() for token in field.split()}
    if is_found:
        assert anchors(node) & {*words, *(f"{token[:1]}*" for token in words)}
