"""The local identity provider as a process of its own."""

import pytest
from django.core.cache import cache

from marketplace.settings.identity import providers
from tests.factories.identities import identity_provider


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


@pytest.fixture(scope="session")
def identity_process(tmp_path_factory):
    """Run the provider once for all tests of a worker."""
    with identity_provider(tmp_path_factory.mktemp("identity")) as running:
        yield running


@pytest.fixture
def provider(identity_process, settings):
    """Make the marketplace a client of the running provider."""
    settings.IDENTITY_CLIENTS = identity_process.clients
    settings.SOCIALACCOUNT_PROVIDERS = providers(identity_process.clients)
    return identity_process
