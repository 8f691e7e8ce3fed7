"""A market per test file: real PostgreSQL, Redis and workers, or a skip that says what the machine lacks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.harness import Market, Unavailable, make_cluster
from tests.faults.harness import market as running_market
from tests.once import made_once

ONCE = "Fault runs bring PostgreSQL of their own and take place once, in the run with DB=sqlite."


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the fault runs out of the second run of the suite: they would do exactly the same there."""
    if os.environ.get("DB") != "postgres":
        return
    for item in items:
        if "market" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.skip(reason=ONCE))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the migrated cluster that all markets start from, once for all workers of pytest."""
    try:
        return made_once(tmp_path_factory, "faults", lambda folder: make_cluster(folder / "cluster")) / "cluster"
    except Unavailable as problem:
        pytest.skip(str(problem))


@pytest.fixture(scope="module")
def market(cluster: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """Give a marketplace of this test file's own, without workers yet."""
    try:
        with running_market(cluster, tmp_path_factory.mktemp("market")) as running:
            yield running
    except Unavailable as problem:
        pytest.skip(str(problem))
