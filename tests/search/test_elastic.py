"""What only the adapter of the server does: shapes, sweeping, deep pages, saved searches without a percolator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from search.elastic import Elastic, TooDeep, generations, server, shape
from search.engine import Query, Unavailable
from tests.search.contract_world import FIRMS, TENDERS, town

Make = Callable[[str], Elastic]


def raw(index: Elastic, *parts: str) -> dict:
    return dict(
        index.client.perform_request("GET", "/".join(("", *parts)), headers={"accept": "application/json"}).body
    )


def names(index: Elastic) -> set[str]:
    return set(dict(index.client.indices.get_alias(index=f"{index.name}-*")))


def test_it_is_the_server_that_it_says_it_is(on_server: Make) -> None:
    genuine, other = on_server("elasticsearch"), on_server("opensearch")
    assert genuine.client.cluster.health().meta.headers["x-elastic-product"] == "Elasticsearch"
    assert raw(genuine, "_nodes", "_local")["nodes"].popitem()[1]["version"].startswith("8.")
    assert other.client.info()["version"]["distribution"] == "opensearch"


def test_saved_searches_are_asked_of_the_percolator_where_there_is_one(on_server: Make) -> None:
    assert not on_server("elasticsearch").percolates()
    index = on_server("opensearch")
    assert index.percolates()
    index.watch(7, Query("造价"))
    assert index.client.get(index=index.watched_name, id="7")["_source"]["number"] == 7


@pytest.mark.parametrize("kind", ["elasticsearch", "opensearch"])
def test_what_a_dead_rebuild_left_is_swept_by_the_next(on_server: Make, kind: str) -> None:
    index = on_server(kind)
    index.index(FIRMS)
    (first,) = names(index)
    left = index.begin()
    index.index(TENDERS, into=left)
    name = index.begin()
    assert names(index) == {first, name}
    with pytest.raises(Unavailable):
        index.index(TENDERS, into=left)
    assert names(index) == {first, name}
    index.swap(name)
    assert names(index) == {first, name}
    with pytest.raises(ValueError, match="answers"):
        index.drop(name)


def test_another_shape_is_not_read_and_not_written(on_server: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    index = on_server("elasticsearch")
    index.index(FIRMS)
    monkeypatch.setattr(shape, "digest", lambda: "0ther5ha")
    generations.memory.cache_clear()
    again = Elastic(index.client_url, index.name, read_seconds=10)
    for ask in (lambda: again.search(Query()), lambda: again.index(FIRMS), lambda: again.suggest("信达")):
        with pytest.raises(Unavailable, match="another release"):
            ask()
    again.swap(again.begin())
    assert again.index(FIRMS) == len(FIRMS)
    assert again.search(Query("信达")).total == 1
    with pytest.raises(LookupError):  # what another release left is nothing to go back to
        again.roll_back()


def test_an_index_that_is_missed_is_not_made_by_a_write(on_server: Make) -> None:
    made = on_server("elasticsearch")
    index = Elastic(made.client_url, made.name, read_seconds=10, makes_first=False)
    with pytest.raises(Unavailable, match="rebuild"):
        index.index(FIRMS)
    with pytest.raises(Unavailable, match="rebuild"):
        index.ping(10)
    name = index.begin()
    index.index(FIRMS, into=name)
    index.swap(name)
    index.ping(10)
    assert index.search(Query("信达")).total == 1


def test_deeper_than_the_server_leafs_is_said_so(on_server: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    index = on_server("elasticsearch")
    index.index(town(60))
    monkeypatch.setattr("search.elastic.adapter.DEEPEST", 40)
    assert len(index.search(Query(page=2)).hits) == 20
    with pytest.raises(TooDeep):
        index.search(Query(page=3))
    assert index.search(Query(page=4)).total == 60


def test_a_document_that_the_server_refuses_keeps_nobody_waiting(
    on_server: Make, caplog: pytest.LogCaptureFixture
) -> None:
    index = on_server("elasticsearch")
    assert index.index([FIRMS[0], replace(FIRMS[1], credit=10**15), FIRMS[2]]) == 2
    assert index.count() == {"firm": 2}
    assert "refused firm:2" in caplog.text


def test_nothing_stands_at_the_address(data_dir: object) -> None:
    index = Elastic("http://127.0.0.1:1", "nothing")
    asked = (
        lambda: index.search(Query()), lambda: index.suggest("信达"), index.status, index.fingerprints, index.begin,
        index.count, index.roll_back, lambda: index.index(FIRMS), lambda: index.delete("firm:1", 1),
        lambda: index.swap("x"), lambda: index.watch(1, Query()), lambda: index.watched_by(FIRMS),
    )  # fmt: skip
    for ask in asked:
        with pytest.raises(Unavailable):
            ask()


def test_clients_are_shared_and_kinds_are_told_apart() -> None:
    assert server.client("http://127.0.0.1:9") is server.client("http://127.0.0.1:9")
    assert isinstance(
        server.client("opensearch+http://127.0.0.1:9").transport.node_pool.all()[0], server.OpenSearchNode
    )
    assert not isinstance(server.client("http://127.0.0.1:9").transport.node_pool.all()[0], server.OpenSearchNode)
