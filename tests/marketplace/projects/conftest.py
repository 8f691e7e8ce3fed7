"""The local approval platform on a free port."""

import pytest

from tests.factories.projects import local_platform


@pytest.fixture
def platform(tmp_path, settings):
    """Run the local approval platform and point the settings at it; give its address."""
    with local_platform(tmp_path / "platform", key=settings.APPROVAL_PLATFORM_KEY) as address:
        settings.APPROVAL_PLATFORM_URL = address
        yield address


@pytest.fixture
def nobody_answers(settings):
    """Point the settings at a port where nobody listens."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings.APPROVAL_PLATFORM_URL = f"http://127.0.0.1:{port}"
