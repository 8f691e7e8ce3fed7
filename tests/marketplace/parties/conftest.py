"""What the tests of this folder share."""

import pytest
from django.urls import reverse

from marketplace.core import clock
from marketplace.core.events import broken_links
from marketplace.core.models import Event, Process
from marketplace.core.refusals import Refused
from marketplace.parties.actions.lookup import _pace
from tests.factories.accounts import PASSWORD
from tests.factories.licences import local_library
from tests.factories.parties import next_uscc

NOW = clock.now()


def refused(action, **kwargs):
    with pytest.raises(Refused) as caught:
        action(**kwargs)
    assert str(caught.value.message)
    return caught.value.code


def names(organization):
    return list(Event.objects.filter(process=organization.process).order_by("number").values_list("name", flat=True))


def whole(organization):
    return broken_links(Process.objects.get(pk=organization.process_id)) == []


CONTACT = {"contact_name": "李四", "phone": "13900001111", "region": ""}
ORGANIZATION = {"name": "鹰潭试验咨询有限公司", "kind": "enterprise", **CONTACT}


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def text(response):
    return response.content.decode()


def go(client, name, values=None, *, follow=False):
    return client.post(reverse(f"parties:{name}"), values or {}, follow=follow)


def start(client, code=None, **more):
    return go(client, "enter", {"uscc": code or next_uscc(), "username": "newfirm", "password": PASSWORD, **more})


@pytest.fixture
def library(tmp_path, settings):
    """Run the local licence library, point the settings at it, and give it; nobody has looked anything up yet."""
    _pace.forget()
    with local_library(tmp_path / "library", key=settings.LICENCE_LIBRARY_KEY) as running:
        settings.LICENCE_LIBRARY_URL = running.url
        yield running
