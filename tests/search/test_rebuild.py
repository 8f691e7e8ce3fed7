"""A rebuild: the counts are checked, what happens meanwhile is replayed, and what is wrong does not answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from search.documents import Document
from search.embedded import Embedded
from search.engine import Query, Suspicious, differences, rebuild

FIRMS = [
    Document("firm", number, 10, f"鹰潭第{number}测绘有限公司", "", f"/firms/{number}/", ("360602",))
    for number in range(1, 61)
]
NEEDS = [Document("tender", number, 10, f"测绘第{number}次", "", f"/tenders/{number}/") for number in range(1, 5)]


@pytest.fixture
def index(data_dir: Path) -> Embedded:
    adapter = Embedded()
    adapter.index([*FIRMS, *NEEDS])
    return adapter


def nothing(into: str) -> int:
    return 0


def keys(index: Embedded, text: str = "测绘") -> set[str]:
    return {hit.key for hit in index.search(Query(text, per_page=100)).hits}


def test_a_rebuild_forgets_what_is_gone_and_tells_how_far_it_is(index: Embedded) -> None:
    told: list[int] = []
    built = rebuild(index, 20, told.append, documents=iter(FIRMS[:50]), replay=nothing)
    assert told == [50]
    assert dict(built.written) == {"firm": 50}
    assert index.status().place.endswith(built.name)
    assert keys(index) == {firm.key for firm in FIRMS[:50]}


def test_what_happens_meanwhile_is_replayed_before_and_after_the_swap(index: Embedded) -> None:
    changed = replace(FIRMS[0], version=30, title="改名的测绘机构")
    late = replace(FIRMS[2], version=31, title="换代时改名的测绘机构")

    def read() -> Iterator[Document]:
        yield from FIRMS
        index.index([changed])  # an event's handler, while the new one is filled
        index.delete(FIRMS[1].key, 30)

    def replay(into: str) -> int:
        index.index([changed], into=into)
        index.delete(FIRMS[1].key, 30, into=into)
        if into:
            index.index([late])  # to the old one, by who did not yet see the swap
            return 2
        index.index([late], into=into)
        return 3

    before = index.status().place
    built = rebuild(index, 20, documents=read(), replay=replay)
    assert index.status().place != before
    assert built.replayed == 5
    assert keys(index, "改名") == {FIRMS[0].key, FIRMS[2].key}
    assert FIRMS[1].key not in keys(index)
    assert index.index([replace(FIRMS[1], version=29)]) == 0


def test_a_kind_that_lost_more_than_half_is_refused_unless_forced(index: Embedded) -> None:
    before = index.status().place
    with pytest.raises(Suspicious, match="firm: 60 before, 29 now"):
        rebuild(index, 20, documents=[*FIRMS[:29], *NEEDS], replay=nothing)
    assert index.status().place == before
    assert len(keys(index)) == 64
    rebuild(index, 20, documents=FIRMS[:30], replay=nothing)  # of four needs, all may have gone
    assert len(keys(index)) == 30
    rebuild(index, 20, documents=[], replay=nothing, is_forced=True)
    assert keys(index) == set()
    index.roll_back()
    assert len(keys(index)) == 30


def test_an_index_that_does_not_hold_what_was_written_is_refused(index: Embedded) -> None:
    with pytest.raises(Suspicious, match="the index holds"):
        rebuild(index, 20, documents=[*FIRMS, FIRMS[3]], replay=nothing)
    assert len(keys(index)) == 64


def test_a_source_that_breaks_leaves_the_index_as_it_was(index: Embedded, data_dir: Path) -> None:
    def read() -> Iterator[Document]:
        yield FIRMS[0]
        raise ConnectionError("database gone")

    files = sorted(path.name for path in data_dir.iterdir() if path.suffix != ".building")
    with pytest.raises(ConnectionError):
        rebuild(index, 20, documents=read(), replay=nothing)
    assert sorted(path.name for path in data_dir.iterdir() if path.suffix != ".building") == files
    rebuild(index, 20, documents=FIRMS, replay=nothing)
    assert len(keys(index)) == 60


def test_differences(index: Embedded) -> None:
    assert differences(index, [*FIRMS, *NEEDS]) == ([], [], [])
    changed = [
        replace(FIRMS[0], title="另一个名字"),
        replace(FIRMS[1], version=99),
        *FIRMS[2:],
        replace(FIRMS[0], id=77),
    ]
    assert differences(index, [*changed, *NEEDS[1:]]) == (["firm:77"], ["firm:1"], ["tender:1"])


def test_a_fingerprint_is_of_everything_but_the_version() -> None:
    document = replace(FIRMS[0], shown={"b": "1", "a": "2"})
    same = [document, replace(document, version=3), replace(document, shown={"a": "2", "b": "1"})]
    assert len({one.fingerprint for one in same}) == 1
    changes: list[dict[str, Any]] = [
        {"id": 2}, {"kind": "tender"}, {"title": "x"}, {"body": "x"}, {"url": "x"}, {"regions": ("x",)}, {"services": ("x",)},
        {"qualifications": ("x",)}, {"status": "x"}, {"method": "x"}, {"credit": 1}, {"credit_level": "A"}, {"money_fen": 1},
        {"date": "x"}, {"ends": "x"}, {"place": (1.0, 2.0)}, {"shown": {"a": "2"}},
    ]  # fmt: skip
    assert {name for change in changes for name in change} == {column.name for column in fields(Document)} - {"version"}
    others = [replace(document, **change) for change in changes]
    assert len({one.fingerprint for one in [document, *others]}) == 18
