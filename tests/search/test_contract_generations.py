"""Generations, as every adapter keeps them: one answers, one is filled, one is kept to go back to."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from search.engine import Adapter, Query, Unavailable
from tests.search.contract_world import ALL, FIRMS, TENDERS

FIRM = FIRMS[0]
RENAMED = replace(FIRM, version=7, title="改名后的机构")


def found(adapter: Adapter, text: str = "") -> set[str]:
    return {hit.key for hit in adapter.search(Query(text)).hits}


def test_a_generation_is_filled_unseen_and_answers_at_once(adapter: Adapter) -> None:
    adapter.index(FIRMS)
    name = adapter.begin()
    assert adapter.count(name) == {}
    assert adapter.index(TENDERS, into=name) == len(TENDERS)
    assert found(adapter) == {firm.key for firm in FIRMS}
    assert adapter.count(name) == {"tender": 3}
    assert adapter.count() == {"firm": 3}
    adapter.swap(name)
    assert found(adapter) == {tender.key for tender in TENDERS}
    assert adapter.count() == {"tender": 3}


def test_names_differ_and_end_in_digest_and_moment(adapter: Adapter) -> None:
    first = adapter.begin()
    adapter.swap(first)
    second = adapter.begin()
    assert first != second
    assert first.rsplit("-", 1)[0] == second.rsplit("-", 1)[0]
    assert second > first
    adapter.drop(second)


def test_versions_and_deletes_hold_in_each_generation(adapter: Adapter) -> None:
    adapter.index([RENAMED])
    name = adapter.begin()
    assert adapter.index([FIRM], into=name) == 1
    adapter.delete(FIRM.key, 5, into=name)
    assert adapter.index([replace(FIRM, version=4)], into=name) == 0
    assert adapter.index([RENAMED], into=name) == 1
    adapter.delete(FIRM.key, 6, into=name)
    assert adapter.count(name) == {"firm": 1}
    adapter.delete(FIRM.key, 8, into=name)
    assert adapter.count(name) == {}
    assert found(adapter, "改名后") == {FIRM.key}
    adapter.drop(name)


def test_going_back(adapter: Adapter) -> None:
    adapter.index(FIRMS)
    with pytest.raises(LookupError):
        adapter.roll_back()
    name = adapter.begin()
    adapter.index(TENDERS, into=name)
    adapter.swap(name)
    assert adapter.roll_back() not in {name, ""}
    assert found(adapter) == {firm.key for firm in FIRMS}
    with pytest.raises(LookupError):
        adapter.roll_back()
    assert adapter.index([RENAMED]) == 1
    assert found(adapter, "改名后") == {FIRM.key}


def test_only_one_generation_before_is_kept(adapter: Adapter) -> None:
    adapter.index(FIRMS)
    names = []
    for document in ALL[:3]:
        names.append(adapter.begin())
        adapter.index([document], into=names[-1])
        adapter.swap(names[-1])
    assert adapter.roll_back() == names[1]
    assert found(adapter) == {ALL[1].key}
    with pytest.raises(LookupError):
        adapter.roll_back()


def test_a_dropped_generation_is_gone_and_the_answering_one_stays(adapter: Adapter) -> None:
    adapter.index(FIRMS)
    name = adapter.begin()
    adapter.index(TENDERS, into=name)
    adapter.drop(name)
    with pytest.raises((Unavailable, sqlite3.OperationalError)):  # each in the words of its engine
        adapter.index(TENDERS, into=name)
    assert found(adapter) == {firm.key for firm in FIRMS}


def test_saved_searches_outlive_a_generation(adapter: Adapter) -> None:
    adapter.index(FIRMS)
    adapter.watch(1, Query("信达"))
    adapter.swap(adapter.begin())
    assert adapter.watched_by([FIRM]) == [(1, FIRM.key)]
