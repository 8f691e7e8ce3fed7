"""The local licence library on a free port."""

import pytest

from tests.factories.licences import local_library


@pytest.fixture
def library(tmp_path, settings):
    """Run the local library, point the settings at it, and give it."""
    with local_library(tmp_path / "library", key=settings.LICENCE_LIBRARY_KEY) as running:
        settings.LICENCE_LIBRARY_URL = running.url
        yield running
