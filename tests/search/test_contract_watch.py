"""Saved searches, as every adapter keeps them."""

from __future__ import annotations

from dataclasses import replace

from search.engine import Adapter, Query
from tests.search.contract_world import ALL, CITY, FIRMS, MEANING, PLACES, SPANS, TENDERS, town

TENDER = TENDERS[0]


def test_words_choices_and_both(adapter: Adapter) -> None:
    wanted = {
        1: Query("造价咨询", places=PLACES),
        2: Query(chosen={"kind": ("tender",), "region": ("360602", "360603")}),
        3: Query("月湖区造价咨询", chosen={"kind": ("tender",)}, places=PLACES),
        4: Query("环评", meaning=MEANING),
        5: Query(chosen={"kind": ("notice",)}),
        6: Query(),
        7: Query("，。"),
        8: Query("danxia"),
        9: Query(chosen={"date": ("spring",)}, spans=SPANS),
        10: Query("jxdx", chosen={"kind": ("firm",), "region": (CITY,), "credit": ("B", "C")}),
    }
    for number, query in wanted.items():
        adapter.watch(number, replace(query, sort="price", page=3))
    found: dict[int, set[str]] = {number: set() for number in wanted}
    pairs = adapter.watched_by(ALL)
    for number, key in pairs:
        found[number].add(key)
    assert len(pairs) == len(set(pairs))
    everything = {document.key for document in ALL}
    assert found == {
        1: {"firm:2", "tender:1", "service:44"},
        2: {"tender:1", "tender:2", "tender:3"},
        3: {"tender:1"},
        4: {"firm:1", "tender:2"},
        5: set(),
        6: everything,
        7: set(),
        8: {"firm:2"},
        9: {"firm:3", "tender:1", "tender:2"},
        10: {"firm:2"},
    }


def test_a_number_keeps_one_search(adapter: Adapter) -> None:
    adapter.watch(1, Query("造价"))
    assert adapter.watched_by([TENDER]) == [(1, TENDER.key)]
    adapter.watch(1, Query("环评", meaning=MEANING))
    assert adapter.watched_by([TENDER]) == []
    assert adapter.watched_by([FIRMS[0]]) == [(1, FIRMS[0].key)]
    adapter.watch(8, Query("造价"))
    assert adapter.watched() == {1, 8}
    adapter.unwatch(1)
    adapter.unwatch(1)
    adapter.unwatch(77)
    assert adapter.watched() == {8}
    adapter.unwatch(8)
    assert adapter.watched() == set()
    assert adapter.watched_by([FIRMS[0]]) == []


def test_the_same_document_twice_is_one_pair(adapter: Adapter) -> None:
    adapter.watch(1, Query("造价"))
    assert adapter.watched_by([TENDER, replace(TENDER, version=2)]) == [(1, TENDER.key)]
    assert adapter.watched_by([]) == []


def test_many_documents_at_once(adapter: Adapter) -> None:
    many = list(town(450))
    adapter.watch(1, Query(chosen={"service": ("S003",)}))
    assert {key for _number, key in adapter.watched_by(many)} == {d.key for d in many if "S003" in d.services}
