"""An index of its own for each test, and the adapters that must all answer alike."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from search import embedded, handlers, lexicon, watching
from search.actions import registration
from search.engine import Adapter

from .memory_index import MemoryIndex

SERVERS = ("elasticsearch", "opensearch")
ONCE = "A search server knows nothing of the database: it is tried in the run on SQLite."
PATIENT = 10.0  # seconds: what is tested is the answer, on a machine that may be busy


def running(name: str, factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a server that the run's workers share; skip with its sentence where it cannot be had."""
    import search_server  # ops/search_server.py
    from servers import Unavailable

    if given := os.environ.get("ELASTICSEARCH_TEST_URL", ""):
        if given.startswith("opensearch+") != (name == "opensearch"):
            pytest.skip(f"ELASTICSEARCH_TEST_URL names another server than {name}.")
        yield given
        return
    if os.environ.get("DB") == "postgres":
        pytest.skip(ONCE)
    try:
        folder = factory.getbasetemp()
        if os.environ.get("PYTEST_XDIST_WORKER"):
            folder = folder.parent
        with search_server.shared(folder, getattr(search_server, name)) as address:
            yield address
    except Unavailable as problem:
        pytest.skip(str(problem))


@pytest.fixture(scope="session")
def elasticsearch_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from running("elasticsearch", tmp_path_factory)


@pytest.fixture(scope="session")
def opensearch_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from running("opensearch", tmp_path_factory)


@pytest.fixture(autouse=True)
def words_of_its_own() -> None:
    """Forget the words read for the test before, whose rows were rolled back without an event that says so."""
    lexicon.forget()


@pytest.fixture
def data_dir(settings: object, tmp_path: Path) -> Iterator[Path]:
    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]
    settings.ELASTICSEARCH_URL = ""  # type: ignore[attr-defined]
    yield tmp_path
    embedded.close()


@pytest.fixture
def on_server(request: pytest.FixtureRequest, data_dir: Path) -> Iterator[object]:
    """Give a function that makes an index of its own on a server, by the name of the server's kind."""
    from search.elastic import Elastic

    made: list[Elastic] = []

    def make(kind: str) -> Elastic:
        made.append(Elastic(request.getfixturevalue(f"{kind}_url"), f"test-{uuid.uuid4().hex}", read_seconds=PATIENT))
        return made[-1]

    yield make
    for index in made:
        for name in (f"{index.name}-*", f"watched-{index.name}-*"):
            for found in dict(index.client.indices.get_alias(index=name)):
                index.client.indices.delete(index=found)


@pytest.fixture(params=["embedded", *SERVERS])
def adapter(request: pytest.FixtureRequest, data_dir: Path) -> Adapter:
    """Give each kind of index in turn, empty."""
    if request.param == "embedded":
        return embedded.Embedded()
    return request.getfixturevalue("on_server")(request.param)


@pytest.fixture
def memory_index(monkeypatch: pytest.MonkeyPatch) -> MemoryIndex:
    """Let an index in memory stand where the settings name one, for what saved searches do to it."""
    index = MemoryIndex()
    for module in (handlers, watching, registration):
        monkeypatch.setattr(module, "connect", lambda: index)
    return index


@pytest.fixture(params=["memory", "embedded"])
def watching_index(request: pytest.FixtureRequest, data_dir: Path) -> None:
    """Let saved searches be watched by an index in memory, and by the embedded one."""
    if request.param == "memory":
        request.getfixturevalue("memory_index")
