"""A real server that is stopped and started again, with and without its documents, seen from a page, /healthz and the worker."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from marketplace.core.worker import run_round
from search import fallback
from search.engine import Query, connect
from tests.search.conftest import ONCE
from tests.search.contract_world import FIRMS, TENDERS


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    fallback.breaker.forget()
    yield
    fallback.breaker.forget()


def health(client: Client) -> dict[str, object]:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    return answer.json()["search"]


@pytest.mark.django_db
@pytest.mark.skipif(os.environ.get("DB") == "postgres", reason=ONCE)
def test_stopped_and_started(data_dir: Path, settings: object, tmp_path: Path, client: Client) -> None:
    import search_server  # ops/search_server.py
    from servers import Unavailable as Missing
    from servers import free_port

    assert health(client) == {"engine": "embedded", "answers": True}
    port, home = free_port(), tmp_path / "home"
    settings.ELASTICSEARCH_URL = f"http://127.0.0.1:{port}"  # type: ignore[attr-defined]
    adapter = connect()
    adapter.server.read_seconds = 10.0  # type: ignore[attr-defined]
    try:
        with search_server.elasticsearch(port, home):
            name = adapter.begin()
            adapter.index(FIRMS, into=name)
            adapter.swap(name)
            assert not adapter.search(Query("信达")).may_lag
            assert health(client) == {"engine": "elasticsearch", "answers": True, "owed": 0}
    except Missing as problem:
        pytest.skip(str(problem))

    # Stopped: searches and changes go on, the site is well.
    found = adapter.search(Query("信达"))
    assert (found.total, found.may_lag) == (1, True)
    adapter.index([replace(FIRMS[0], version=5, title="停机期间改名的机构"), TENDERS[0]])
    assert adapter.search(Query("停机期间")).total == 1
    assert health(client) == {"engine": "elasticsearch", "answers": False, "owed": 2}
    assert run_round(timezone.now())["search_server"] == 0

    with search_server.elasticsearch(port, home):
        fallback.breaker.forget()
        assert adapter.search(Query("停机期间")).may_lag  # it is back, and does not know yet
        assert run_round(timezone.now())["search_server"] == 2
        found = adapter.search(Query("停机期间"))
        assert ([hit.key for hit in found.hits], found.may_lag) == (["firm:1"], False)
        assert adapter.server.count() == {"firm": 3, "tender": 1}  # type: ignore[attr-defined]
        assert health(client) == {"engine": "elasticsearch", "answers": True, "owed": 0}

    # Started with an empty disk: it must not answer with the little that was written since.
    with search_server.elasticsearch(port, tmp_path / "empty"):
        adapter.server._memory.known_until = 0.0  # type: ignore[attr-defined]
        adapter.index([TENDERS[1]])
        found = adapter.search(Query("信达 造价"))
        assert adapter.search(Query("丹霞")).total == 1
        assert found.may_lag
        fallback.breaker.forget()
        name = adapter.begin()
        adapter.index([*FIRMS, *TENDERS], into=name)
        adapter.swap(name)
        assert run_round(timezone.now())["search_server"] == 1
        assert not adapter.search(Query("丹霞")).may_lag
