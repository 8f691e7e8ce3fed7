"""An index of its own for each test, and the adapters that must all answer alike."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from search import embedded
from search.engine import Adapter

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
