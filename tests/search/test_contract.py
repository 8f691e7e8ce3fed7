"""The contract that every adapter keeps."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from search.engine import Adapter, Query, differences
from tests.search.contract_world import ALL, CITY, FIRMS, MEANING, PLACES, TENDERS


@pytest.fixture
def filled(adapter: Adapter) -> Adapter:
    assert adapter.index(ALL) == len(ALL)
    return adapter


def keys(adapter: Adapter, text: str, **more: object) -> set[str]:
    return {hit.key for hit in adapter.search(Query(text, places=PLACES, meaning=MEANING, **more)).hits}  # type: ignore[arg-type]


FINDS = {
    "信达": {"firm:1"},  # a brand
    "虎山": {"firm:3"},  # the middle of a name
    "造价": {"firm:2", "tender:1", "service:44"},
    "造价咨询 月湖区": {"tender:1"},
    "月湖区造价咨询": {"tender:1"},  # run on
    "月湖造价": {"tender:1"},
    "环评": {"firm:1", "tender:2"},  # by its meaning
    "环境影响评价": {"firm:1", "tender:2"},
    "图审": {"tender:3"},
    "多测合一": {"firm:3"},
    "霞": {"firm:2"},  # one character, anywhere in a run
    "书": {"firm:1", "tender:2", "tender:3"},
    "danxia": {"firm:2"},  # pinyin
    "danxiagongch": {"firm:2"},  # unfinished
    "zaojia": {"firm:2", "tender:1", "service:44"},
    "jxdx": {"firm:2"},  # initials
    "gczj": {"firm:2", "tender:1", "service:44"},
    "bim": {"firm:3"},
    "ＢＩＭ测绘": {"firm:3"},
    "revit": {"firm:3"},
    "REVIT2026 测绘": {"firm:3"},
    "单霞工程": {"firm:2"},  # misheard
    "不存在的词语组合体": set(),
}


def test_finds(filled: Adapter) -> None:
    assert {text: keys(filled, text) for text in FINDS} == FINDS


def test_title_before_body(filled: Adapter) -> None:
    assert filled.search(Query("预算")).hits[0].key == "service:44"


def test_says_which_reading_answered(filled: Adapter) -> None:
    assert filled.search(Query("丹霞")).step == "exact"
    assert filled.search(Query("单霞")).step == "homophone"
    found = filled.search(Query("丹霞地质公园"))
    assert found.step == "similar"
    assert found.hits[0].key == "firm:2"
    assert "丹霞" in found.words


TYPED = [
    '"', '""', "'", "' OR 1=1 --", "a* OR b*", "NEAR(环评 造价, 2)", "title:信达", "{title} : 信达", "-信达 NOT", "^信达", "(((", "*",
    "信达 AND", "\\", "%", "_", "😀", "👩‍👩‍👧", "\u202eabc", "、。！？", "信达\x00", "字" * 2000, "a b " * 1000, "<script>", "é", "ÅÉ", "ｱｲｳ", "ß",
]  # fmt: skip


def test_whatever_is_typed_is_only_words(filled: Adapter) -> None:
    for text in TYPED:
        found = filled.search(Query(text))
        assert found.total == len(found.hits) <= len(ALL), text
        filled.suggest(text)


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=40))
def test_any_text_is_answered(filled: Adapter, text: str) -> None:
    filled.search(Query(text))
    filled.suggest(text)


def test_empty_query_lists_all_newest_first(filled: Adapter) -> None:
    found = filled.search(Query())
    assert found.total == len(ALL)
    assert [hit.key for hit in found.hits][:3] == ["tender:3", "tender:2", "tender:1"]


def test_only_punctuation_finds_nothing(filled: Adapter) -> None:
    assert filled.search(Query("，。")).total == 0


def test_counts_ignore_what_is_chosen_in_their_own_facet(filled: Adapter) -> None:
    found = filled.search(Query(chosen={"kind": ("tender",), "region": ("360602",)}))
    assert {hit.key for hit in found.hits} == {"tender:1", "tender:3"}
    assert found.total == 2
    assert dict(found.counts["region"]) == {CITY: 3, "360602": 2, "360603": 1}
    assert dict(found.counts["kind"]) == {"tender": 2, "firm": 1}
    assert dict(found.counts["status"]) == {"open": 2}
    assert found.all_kinds == 3


def test_values_of_one_facet_are_alternatives(filled: Adapter) -> None:
    assert keys(filled, "", chosen={"service": ("S007", "S033")}) == {"firm:1", "tender:2", "tender:3"}
    assert keys(filled, "", chosen={"service": ("S007",), "status": ("awarded",)}) == {"tender:2"}


@pytest.mark.parametrize(
    ("sort", "first"), [("newest", "tender:3"), ("credit", "firm:1"), ("price", "tender:1"), ("relevance", "tender:3")]
)
def test_sorts(filled: Adapter, sort: str, first: str) -> None:
    assert filled.search(Query(sort=sort)).hits[0].key == first


def test_pages_do_not_overlap(filled: Adapter) -> None:
    pages = [filled.search(Query(page=page, per_page=3)) for page in (1, 2, 3, 4)]
    found = [hit.key for page in pages for hit in page.hits]
    assert sorted(found) == sorted(document.key for document in ALL)
    assert {page.total for page in pages} == {len(ALL)}


def test_a_hit_carries_what_a_row_shows(adapter: Adapter) -> None:
    document = replace(TENDERS[0], shown={"buyer": "鹰潭市滨江建设"})
    adapter.index([document])
    (hit,) = adapter.search(Query("滨江")).hits
    assert (hit.title, hit.url, hit.status, hit.method, hit.money_fen, hit.date) == (
        document.title, document.url, "open", "live_auction", 30_000_00, "2026-04-01T02:00:00Z",
    )  # fmt: skip
    assert hit.shown == {"buyer": "鹰潭市滨江建设"}


def test_older_versions_change_nothing(filled: Adapter) -> None:
    filled.index([replace(FIRMS[0], version=5, title="改名后的机构")])
    assert filled.index([FIRMS[0]]) == 0
    assert keys(filled, "改名后") == {"firm:1"}
    assert keys(filled, "信达") == set()
    filled.delete("firm:1", 4)
    assert keys(filled, "改名后") == {"firm:1"}
    filled.delete("firm:1", 6)
    assert keys(filled, "改名后") == set()
    assert filled.index([replace(FIRMS[0], version=5)]) == 0
    assert filled.index([replace(FIRMS[0], version=7)]) == 1


def test_indexing_twice_is_indexing_once(filled: Adapter) -> None:
    filled.index(ALL)
    filled.index(ALL)
    assert filled.search(Query()).total == len(ALL)
    assert filled.status().documents == {"firm": 3, "tender": 3, "service": 1}


def test_suggests_by_kind_from_titles(filled: Adapter) -> None:
    assert {kind: [hit.key for hit in hits] for kind, hits in filled.suggest("造价").items()} == {
        "tender": ["tender:1"], "firm": ["firm:2"], "service": ["service:44"],
    }  # fmt: skip
    assert set(filled.suggest("xind")) == {"firm"}
    assert set(filled.suggest("ytxd")) == {"firm"}
    assert filled.suggest("余江区 ") == {
        "tender": filled.suggest("余江")["tender"]
    }  # what stands in a body is not suggested
    assert len(filled.suggest("工", per_kind=1)["tender"]) == 1
    assert filled.suggest("") == {}


def test_differences(filled: Adapter) -> None:
    assert differences(filled, ALL) == ([], [], [])
    changed = [replace(FIRMS[0], title="另一个名字"), *FIRMS[1:], *TENDERS, replace(FIRMS[0], id=77)]
    assert differences(filled, changed) == (["firm:77"], ["firm:1"], ["service:44"])
