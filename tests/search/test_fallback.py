"""When the search server is silent, slow or talks nonsense the embedded index answers; when it is back it gets what it missed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.utils import timezone

from marketplace.core.worker import run_round
from search import fallback, owed
from search.documents import Document
from search.elastic import Elastic
from search.engine import Query, Unavailable, connect
from search.fallback import WithFallback
from tests.search.contract_world import FIRMS, PLACES, SPANS, TENDERS, town
from tests.search.proxy import RUBBISH, Proxy, before

SILENT = "http://127.0.0.1:1"
DOCUMENT = Document("firm", 1, 1, "鹰潭信达测绘有限公司", "", "/firms/1/")


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    fallback.breaker.forget()
    yield
    fallback.breaker.forget()


@pytest.fixture
def silent(data_dir: Path, settings: object) -> WithFallback:
    settings.ELASTICSEARCH_URL = SILENT  # type: ignore[attr-defined]
    adapter = connect()
    assert isinstance(adapter, WithFallback)
    return adapter


@pytest.fixture
def proxy(on_server: object, settings: object) -> Iterator[Proxy]:
    """Give a proxy before Elasticsearch, with an index that has been rebuilt, and let the settings name it."""
    index = on_server("elasticsearch")  # type: ignore[operator]
    with before(index.client_url) as made:
        settings.ELASTICSEARCH_URL, settings.ELASTICSEARCH_INDEX = made.url, index.name  # type: ignore[attr-defined]
        adapter = WithFallback()
        adapter.server.read_seconds = 10.0
        name = adapter.begin()
        adapter.index(FIRMS, into=name)
        adapter.swap(name)
        yield made


@pytest.fixture
def both(proxy: Proxy) -> WithFallback:
    adapter = connect()
    assert isinstance(adapter, WithFallback)
    adapter.server.read_seconds = 10.0  # the machine may be busy; what is slow here is the proxy
    return adapter


def rest_is_over() -> None:
    fallback.breaker._silent_until = time.monotonic()


def test_writes_reach_the_embedded_index_and_are_owed_to_the_server(silent: WithFallback) -> None:
    assert silent.index([DOCUMENT]) == 1
    assert silent.embedded.search(Query("信达")).total == 1
    assert owed.count() == 1
    silent.delete("firm:1", 2)
    assert silent.embedded.search(Query("信达")).total == 0
    assert owed.oldest() == [owed.Change("firm:1", 2)]


def test_what_is_owed_comes_back_as_it_went(data_dir: Path) -> None:
    query = Query(
        "造价",
        {"kind": ("firm",)},
        SPANS,
        places=PLACES,
        meaning={"环评": ("环评", "环境影响评价")},
        origin=(28.0, 117.0),
    )
    changes = [owed.Change(one.key, one.version, one) for one in (*TENDERS, *FIRMS)]
    owed.owe([*changes, owed.Change("watch:3", 9, query), owed.Change("service:1", 8)])
    assert sorted(owed.oldest(), key=lambda change: change.key) == sorted(
        [*changes, owed.Change("watch:3", 9, query), owed.Change("service:1", 8)], key=lambda change: change.key
    )
    assert [change.version for change in owed.oldest()][-2:] == [8, 9]
    owed.owe([owed.Change("firm:1", 0), owed.Change("firm:2", 5)])
    owed.settle(changes)
    assert {change.key: change.version for change in owed.oldest()} == {"firm:2": 5, "watch:3": 9, "service:1": 8}


def test_reads_are_answered_and_the_server_is_left_alone_for_a_while(
    silent: WithFallback, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent.embedded.index([DOCUMENT])
    with caplog.at_level(logging.WARNING, logger="search.fallback"):
        found = silent.search(Query("信达"))
        assert [hit.key for hit in found.hits] == ["firm:1"]
        assert found.may_lag
    assert caplog.text.count("embedded index answers") == 1
    monkeypatch.setattr(Elastic, "search", lambda *_: pytest.fail("asked a server that had just been silent"))
    assert silent.search(Query("信达")).total == 1
    assert set(silent.suggest("xinda")) == {"firm"}


def test_without_a_server_nothing_is_rebuilt_halfway(silent: WithFallback) -> None:
    silent.embedded.index([DOCUMENT])
    with pytest.raises(Unavailable):
        silent.begin()
    assert silent.embedded.count() == {"firm": 1}
    silent.embedded.drop(silent.embedded.begin())  # nobody is building


def test_while_it_answers_the_server_is_asked(both: WithFallback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(both.embedded), "search", lambda *_: pytest.fail("asked the embedded index"))
    found = both.search(Query("信达"))
    assert [hit.key for hit in found.hits] == ["firm:1"]
    assert not found.may_lag
    assert both.standing() == {"engine": "elasticsearch", "answers": True, "owed": 0}


def test_a_slow_server_is_waited_for_a_third_of_a_second(proxy: Proxy) -> None:
    adapter = connect()
    proxy.held.clear()
    begun = time.monotonic()
    found = adapter.search(Query("信达"))
    waited = time.monotonic() - begun
    assert found.may_lag
    assert [hit.key for hit in found.hits] == ["firm:1"]
    assert 0.25 <= waited < 3
    asked = proxy.asked
    assert adapter.search(Query("信达")).total == 1
    assert proxy.asked == asked
    proxy.held.set()


@pytest.mark.parametrize("kind", RUBBISH)
def test_nonsense_is_no_answer(both: WithFallback, proxy: Proxy, kind: str) -> None:
    proxy.says = RUBBISH[kind]
    for ask in (lambda: both.search(Query("信达")).total, lambda: len(both.suggest("信达")["firm"])):
        fallback.breaker.forget()
        assert ask() == 1
        assert not fallback.breaker.is_closed
    fallback.breaker.forget()
    both.index([replace(FIRMS[0], version=9, title="改名后的机构")])
    assert owed.count() == 1
    proxy.says = None
    rest_is_over()
    both.index([])
    assert owed.count() == 0
    assert both.server.search(Query("改名后")).total == 1


@pytest.mark.django_db
def test_what_was_missed_is_brought_over_before_what_is_new(both: WithFallback, proxy: Proxy) -> None:
    proxy.says = b""
    renamed = replace(FIRMS[1], version=6, title="江西丹霞咨询集团")
    both.index([replace(FIRMS[1], version=5, title="中间的名字"), TENDERS[0]])
    both.index([renamed])
    both.delete(FIRMS[2].key, 7)
    both.watch(4, Query("造价"))
    assert {change.key for change in owed.oldest()} == {"firm:2", "firm:3", "tender:1", "watch:4"}
    proxy.says = None
    assert (
        both.search(Query("丹霞")).hits[0].title == renamed.title
    )  # the server may not be asked, it knows the old name
    assert both.search(Query()).may_lag
    rest_is_over()
    assert both.search(Query()).may_lag
    assert run_round(timezone.now())["search_server"] == 4
    assert not both.search(Query()).may_lag
    assert both.server.search(Query("丹霞")).hits[0].title == renamed.title
    assert both.server.count() == both.embedded.count() == {"firm": 2, "tender": 1}
    assert both.watched_by([TENDERS[0]]) == [(4, "tender:1")]
    assert both.catch_up() == 0


def test_more_than_one_batch_and_a_break_in_the_middle(
    both: WithFallback, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy.says = b""
    many = [replace(one, version=20 + at) for at, one in enumerate(town(450))]
    both.index(many)
    proxy.says = None
    written = Elastic.index

    def breaks(self: Elastic, documents: object, *, into: str = "") -> int:
        proxy.says = b"" if owed.count() < 400 else None
        return written(self, documents, into=into)  # type: ignore[arg-type]

    monkeypatch.setattr(Elastic, "index", breaks)
    with pytest.raises(Unavailable):
        both.catch_up()
    assert owed.count() == 250
    monkeypatch.undo()
    proxy.says = None
    assert WithFallback().catch_up() == 250  # another process, after a restart
    assert both.server.count() == both.embedded.count()


def test_one_probe_after_the_rest() -> None:
    breaker = fallback.Breaker(rest_seconds=60)
    assert breaker.failed()
    assert not breaker.failed()
    assert not breaker.may_ask()
    breaker._silent_until = time.monotonic()
    answers: list[bool] = []
    threads = [threading.Thread(target=lambda: answers.append(breaker.may_ask())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(True) == 1
    breaker.succeeded()
    assert breaker.may_ask()
    assert breaker.is_closed


def test_a_rebuild_fills_both_and_goes_back_in_both(both: WithFallback) -> None:
    name = both.begin()
    assert both.index(TENDERS, into=name) == 3
    both.delete(TENDERS[0].key, 2, into=name)
    assert both.count(name) == {"tender": 2}
    both.swap(name)
    assert both.server.count() == both.embedded.count() == {"tender": 2}
    assert both.fingerprints() == {one.key: one.fingerprint for one in TENDERS[1:]}
    both.roll_back()
    assert both.server.count() == both.embedded.count() == {"firm": 3}
    both.drop(both.begin())


def test_where_the_two_differ_the_check_sees_it(both: WithFallback) -> None:
    both.embedded.index([replace(FIRMS[0], version=9, title="只在一处")])
    assert both.fingerprints() == {one.key: one.fingerprint if one is not FIRMS[0] else "" for one in FIRMS}
    both.index([replace(FIRMS[0], version=9)])
    assert both.fingerprints()["firm:1"] == FIRMS[0].fingerprint


def test_deep_pages_come_from_the_embedded_index(both: WithFallback, monkeypatch: pytest.MonkeyPatch) -> None:
    both.index(town(60))
    monkeypatch.setattr("search.elastic.adapter.DEEPEST", 40)
    found = both.search(Query(page=3))
    assert len(found.hits) == 20
    assert not found.may_lag
    assert fallback.breaker.is_closed
