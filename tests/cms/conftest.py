"""What the tests of the cms share: a seeded site, a fresh cache, and people at the desks."""

import pytest
from django.core.cache import cache

from cms.seed import seed_groups, seed_pages
from marketplace.core import clock
from tests.factories.accounts import make_admin, make_user


@pytest.fixture(autouse=True)
def fresh_cache():
    """Figures of one test are nothing to the next."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def site(db):
    """Seed the site's pages."""
    return seed_pages(now=clock.now())


@pytest.fixture
def admin_client(client, db):
    """Sign an administrator in."""
    client.force_login(make_admin())
    return client


@pytest.fixture
def supervisor_client(client, db):
    """Sign somebody in who may look but not decide."""
    user = make_user()
    user.groups.add(seed_groups()["supervisors"])
    client.force_login(user)
    return client
