"""When the search server is silent, the embedded index answers."""

from __future__ import annotations

import logging

import pytest

from search.documents import Document
from search.elastic import Elastic
from search.engine import Query, Unavailable, connect
from search.fallback import WithFallback

SILENT = "http://127.0.0.1:1"
DOCUMENT = Document("firm", 1, 1, "鹰潭信达测绘有限公司", "", "/firms/1/")


@pytest.fixture
def silent(data_dir: object, settings: object, monkeypatch: pytest.MonkeyPatch) -> WithFallback:
    settings.ELASTICSEARCH_URL = SILENT  # type: ignore[attr-defined]
    monkeypatch.setattr(WithFallback, "_silent_until", 0.0)
    adapter = connect()
    assert isinstance(adapter, WithFallback)
    return adapter


def test_a_write_reaches_the_embedded_index_and_is_owed_to_the_server(silent: WithFallback) -> None:
    with pytest.raises(Unavailable):
        silent.index([DOCUMENT])
    assert silent.embedded.search(Query("信达")).total == 1
    with pytest.raises(Unavailable):
        silent.delete("firm:1", 2)
    assert silent.embedded.search(Query("信达")).total == 0


def test_reads_are_answered_and_the_server_is_left_alone_for_a_while(
    silent: WithFallback, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent.embedded.index([DOCUMENT])
    with caplog.at_level(logging.WARNING, logger="search.fallback"):
        assert [hit.key for hit in silent.search(Query("信达")).hits] == ["firm:1"]
    assert "embedded index answers" in caplog.text
    monkeypatch.setattr(Elastic, "search", lambda *_: pytest.fail("asked a server that had just been silent"))
    assert silent.search(Query("信达")).total == 1
    assert set(silent.suggest("xinda")) == {"firm"}


def test_the_server_alone_says_that_it_is_unavailable(data_dir: object) -> None:
    adapter = Elastic(SILENT, "nothing")
    for ask in (lambda: adapter.search(Query()), lambda: adapter.suggest("信达"), adapter.status, adapter.fingerprints):
        with pytest.raises(Unavailable):
            ask()
