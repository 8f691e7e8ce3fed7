"""The embedded index: what it finds equals what a plain reading of all documents finds, in the same order."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from search.documents import DATES, FACETS, Document
from search.embedded import Embedded, ordering
from search.embedded.ordering import metres
from search.embedded.watching import fields_of, fits
from search.engine import SORTS, STEPS, Query
from search.ranking import STARTS, WHOLE, clauses, opening, spelling
from tests.benchmarks.search_world import SAME, asked, documents, queries

NOW = "2026-11-20T00:00:00+00:00"
ORIGIN = (28.2, 117.0)
SPANS = {
    "week": ("2026-11-18T12:00:00+00:00", ""),
    "older": ("2026-11-10", "2026-11-18T12:00:00+00:00"),
    "none": ("", "2020"),
}
CHOSEN = (
    {},
    {"kind": ("tender",)},
    {"region": ("360602", "360603"), "status": ("open",)},
    {DATES: ("week", "older"), "kind": ("tender", "firm")},
    {"service": ("nothing",)},
)


@pytest.fixture(scope="module")
def world() -> list[Document]:
    """Documents with gaps: some without credit, price, place, end or date; many equal ones."""
    dice = random.Random(3)
    made = []
    for document in documents(1200):
        shown = {name: None for name in ("credit", "money_fen", "place") if dice.random() < 0.2}
        even = {"date": ""} if dice.random() < 0.1 else {}
        made.append(replace(document, **shown, **even, ends="" if dice.random() < 0.1 else document.ends))
    return made


@pytest.fixture
def index(data_dir: Path, world: list[Document]) -> Embedded:
    adapter = Embedded()
    name = adapter.begin()
    adapter.index(world, into=name)
    adapter.swap(name)
    return adapter


class Plain:
    """Answer by looking at every document, as search.ranking says."""

    def __init__(self, world: list[Document]) -> None:
        self.rows = [(document, fields_of(document), spelling(document.title)) for document in world]

    def search(self, query: Query) -> tuple[list[str], dict[str, dict[str, int]], str]:
        analysis = query.analysis
        for step in STEPS:
            node = getattr(analysis, step)
            found = [row for row in self.rows if not query.text.strip() or (node and fits(node, row[1]))]
            if found:
                break
        else:
            return [], {facet: {} for facet in (*FACETS, DATES)}, "exact"
        values = {row[0].key: self.values(row[0], query) for row in found}

        def kept(without: str) -> list[tuple[Document, dict[str, str], str]]:
            return [
                row
                for row in found
                if all(
                    set(wanted) & set(values[row[0].key][facet])
                    for facet, wanted in query.chosen.items()
                    if facet != without
                )
            ]

        counts: dict[str, dict[str, int]] = {facet: {} for facet in (*FACETS, DATES)}
        for facet, of in counts.items():
            for row in kept(facet):
                for value in values[row[0].key][facet]:
                    of[value] = of.get(value, 0) + 1

        def score(row: tuple[Document, dict[str, str], str]) -> int:
            if not query.text.strip():
                return 0
            points = sum(weight for part, weight in clauses(analysis, step) if fits(part, row[1]))
            begin = opening(analysis, step)
            if begin and row[2].startswith(begin):
                points += STARTS + (WHOLE if row[2] == begin else 0)
            return points

        ordered = sorted(kept(""), key=lambda row: row[0].key)
        ordered.sort(key=lambda row: row[0].date, reverse=True)
        sort = "newest" if query.sort == "relevance" and not query.text.strip() else query.sort
        if sort not in {"newest", "ending"}:
            ordered.sort(key=score, reverse=True)
        if sort == "ending":
            ordered.sort(key=lambda row: (not row[0].ends, not row[0].ends > query.now, row[0].ends))
        elif sort == "credit":
            ordered.sort(key=lambda row: -1 if row[0].credit is None else row[0].credit, reverse=True)
        elif sort == "price":
            ordered.sort(key=lambda row: (row[0].money_fen is None, row[0].money_fen or 0))
        elif sort == "distance" and query.origin:
            ordered.sort(
                key=lambda row: (row[0].place is None, metres(query.origin, row[0].place) if row[0].place else 0)
            )
        return [row[0].key for row in ordered], counts, step

    @staticmethod
    def values(document: Document, query: Query) -> dict[str, tuple[str, ...]]:
        spans = tuple(
            name
            for name, (begin, end) in query.spans.items()
            if document.date and document.date >= begin and (not end or document.date < end)
        )
        return {**document.facets, DATES: spans}


TEXTS = (
    "",
    "工程",
    "有限公司",
    "鹰潭市",
    "环评",
    "月湖区造价咨询",
    "zaojia",
    "jian",
    "zh",
    "gczj",
    "服务采购",
    "单霞",
    "信达测绘报告书",
)


@pytest.mark.parametrize("few", [0, 200])
def test_every_order_and_count_is_that_of_a_plain_reading(
    index: Embedded, world: list[Document], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "FEW", few)
    plain = Plain(world)
    for text, sort in product(TEXTS, SORTS):
        for chosen in CHOSEN if sort in {"relevance", "ending"} else CHOSEN[:1]:
            query = Query(text, chosen, SPANS, sort, NOW, ORIGIN, per_page=50)
            expected, counts, step = plain.search(query)
            for page in (1, 2, 7):
                found = index.search(replace(query, page=page))
                place = (text, sort, chosen, page)
                assert [hit.key for hit in found.hits] == expected[50 * page - 50 : 50 * page], place
                assert found.total == len(expected), place
                assert found.counts == counts, place
                assert not expected or found.step == step, place


def test_what_people_ask_is_answered_as_by_a_plain_reading(index: Embedded, world: list[Document]) -> None:
    plain = Plain(world)
    for text in queries()[::3]:
        expected, _counts, step = plain.search(Query(text))
        found = index.search(Query(text))
        assert ([hit.key for hit in found.hits], found.total) == (expected[:20], len(expected)), text
        assert not expected or found.step == step


def test_every_sort_of_question_finds_something(index: Embedded) -> None:
    for sort, texts in asked().items():
        found = [text for text in texts if index.search(Query(text, meaning=SAME)).total]
        assert len(found) > len(texts) / 2, sort


def test_a_page_far_out_is_empty_and_knows_the_number(index: Embedded, world: list[Document]) -> None:
    found = index.search(Query("工程", page=10_000))
    assert found.hits == ()
    assert found.total > 100
    assert index.search(Query(page=10_000, sort="ending", now=NOW)).total == len(world)


WORDS = st.one_of(
    st.text(max_size=60),
    st.text(alphabet='"*^(){}:-+ ANDORNOT环评造价价咨zhaj·~\x00😀\u202e\u0301', max_size=40),
    st.sampled_from(
        [
            "",
            " ",
            "字" * 2000,
            "a b " * 500,
            "\x1f",
            "NEAR(a b)",
            "title : x",
            "、。！",
            "e\u0301",
            "ﷺ" * 50,
            "\ud800造价",
            "\udfff",
        ]
    ),
)


@hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=WORDS, sort=st.sampled_from(SORTS), page=st.sampled_from([1, 2, 10_000]), value=st.text(max_size=8))
def test_whatever_is_typed_is_only_words(index: Embedded, text: str, sort: str, page: int, value: str) -> None:
    found = index.search(
        Query(text, {"region": (value,)} if value else {}, sort=sort, page=page, now=value, origin=ORIGIN)
    )
    assert found.total >= len(found.hits)
    for kind, hits in index.suggest(text).items():
        assert 0 < len(hits) <= 4
        assert all(hit.kind == kind for hit in hits)


def test_suggests_the_best_title_of_many(index: Embedded) -> None:
    service = next(hit for hit in index.search(Query("环境影响", {"kind": ("service",)})).hits)
    assert index.suggest(service.title)["service"][0] == service
    assert {kind for kind, hits in index.suggest("jian").items() if hits} >= {"tender", "firm", "service"}
    assert all(len(hits) == 2 for hits in index.suggest("gong", per_kind=2).values())
