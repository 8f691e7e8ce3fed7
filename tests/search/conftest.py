"""An index of its own for each test, and the adapters that must all answer alike."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from search import embedded, handlers, watching
from search.actions import registration
from search.engine import Adapter

from .memory_index import MemoryIndex

SERVER = os.environ.get("ELASTICSEARCH_TEST_URL", "")


def server_answers() -> bool:
    """Say whether the search server named in ELASTICSEARCH_TEST_URL is there."""
    if not SERVER:
        return False
    try:
        return httpx.get(SERVER.removeprefix("opensearch+") + "/_cluster/health", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture
def data_dir(settings: object, tmp_path: Path) -> Iterator[Path]:
    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]
    settings.ELASTICSEARCH_URL = ""  # type: ignore[attr-defined]
    yield tmp_path
    embedded.close()


@pytest.fixture(params=["embedded", "elastic"])
def adapter(request: pytest.FixtureRequest, data_dir: Path) -> Iterator[Adapter]:
    if request.param == "embedded":
        yield embedded.Embedded()
        return
    if not server_answers():
        pytest.skip(
            "No search server: set ELASTICSEARCH_TEST_URL to a running Elasticsearch 8 or opensearch+http://… to test it."
        )
    from search.elastic import Elastic

    found = Elastic(SERVER, f"test-{uuid.uuid4().hex}")
    yield found
    found.client.options(ignore_status=404).indices.delete(index=found.name)


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
    elif not hasattr(embedded.Embedded, "watch"):
        pytest.skip("The embedded index does not watch saved searches yet.")
