"""What the tests of this folder share."""

import pytest
from django.urls import reverse

from marketplace.catalog.models import QualificationKind
from marketplace.core import clock
from marketplace.core.events import broken_links
from marketplace.core.models import Event, Process
from marketplace.core.refusals import Refused
from marketplace.parties.actions.lookup import _pace
from marketplace.parties.models import Practitioner, PractitionerCertificate
from tests.factories.accounts import PASSWORD
from tests.factories.catalog import make_kind, make_service
from tests.factories.licences import local_library
from tests.factories.parties import make_firm, next_uscc

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
    settings.SERVICE_FINDER = ""  # this chapter by itself; tests/search/test_services.py has both
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


def surveyor(*, last=None, **more):
    """A firm with one certificate that one of its services needs, and another service that needs nothing."""
    QualificationKind.objects.filter(code="surveying").exists() or make_kind(code="surveying", name="测绘资质")
    needs = make_service(requirement={"kind": "surveying", "grade": "乙级"})
    given = [{"kind": "surveying", "grade": "甲级", "number": "甲测资字 3600001", "valid_until": last}]
    return make_firm(services=[needs, make_service()], qualifications=given, **more), needs


def employ(firm, kind="survey-engineer", last=None, number="注测 0001"):
    """Let a professional work for the firm, with a certificate."""
    row = QualificationKind.objects.filter(code=kind).first() or make_kind(code=kind, name="注册测绘师", grades=[])
    person = Practitioner.objects.create(
        organization=firm, name="温若川", person_key=f"{number}".ljust(64, "0"), last4="123X", joined_at=NOW
    )
    return PractitionerCertificate.objects.create(practitioner=person, kind=row, number=number, valid_until=last)


def states(firm):
    return sorted(firm.offerings.values_list("status", flat=True))
