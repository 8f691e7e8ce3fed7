"""Practitioners: one person in one firm at a time; the number is never kept; the authority's register moves them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from marketplace.core import clock
from marketplace.core.models import Event
from marketplace.parties.actions.practitioners import add_practitioner, release_practitioner, take_practitioners
from marketplace.parties.found import FoundPractitioner
from marketplace.parties.models import Practitioner
from marketplace.parties.persons import check_sign, person_key
from tests.factories.accounts import make_user
from tests.factories.catalog import make_kind
from tests.factories.parties import make_firm
from tests.marketplace.parties.conftest import names, refused, text, whole

pytestmark = pytest.mark.django_db
NOW = clock.now()
NUMBER = "36060219900307123" + check_sign("36060219900307123")


@pytest.fixture
def kind():
    return make_kind(code="survey-engineer", name="注册测绘师", grades=[], holder="person")


def administrator(firm):
    return firm.memberships.first().user


def add(firm, kind, **given):
    values = {"name": "温若川", "number": NUMBER, "certificate_number": "注测 1", "by": administrator(firm), "now": NOW}
    return add_practitioner(organization=firm, kind=kind, **{**values, **given})


def test_a_person_joins_and_the_number_is_nowhere(kind):
    firm = make_firm()
    person = add(firm, kind, number=NUMBER.lower())
    assert (person.person_key, person.last4) == (person_key(NUMBER), NUMBER[-4:])
    row = person.certificates.get()
    assert (row.number, row.origin, row.status) == ("注测 1", "declared", "valid")
    assert add(firm, kind, certificate_number="注测 2").pk == person.pk
    assert person.certificates.count() == 2
    stored = [str(vars(row)) for row in (*Practitioner.objects.all(), *Event.objects.all())]
    assert not any(NUMBER[:14] in words for words in stored)
    assert names(firm).count("practitioner_joined") == 1
    assert whole(firm)


def test_nobody_works_in_two_firms(kind):
    first, second = make_firm(), make_firm()
    person = add(first, kind)
    assert refused(add, firm=second, kind=kind) == "works_elsewhere"
    assert refused(release_practitioner, practitioner=person, by=administrator(second), now=NOW) == "not_yours"
    release_practitioner(practitioner=person, by=administrator(first), now=NOW)
    assert refused(release_practitioner, practitioner=person, by=administrator(first), now=NOW) == "state_conflict"
    moved = add(second, kind)
    assert moved.certificates.get().number == "注测 1"
    assert not person.certificates.exists()


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": " "}, "practitioner_name_missing"),
        ({"number": "1"}, "person_number_length"),
        ({"certificate_number": " "}, "certificate_number_missing"),
        ({"valid_until": timezone.localdate() - timedelta(days=1)}, "certificate_expired"),
    ],
)
def test_what_is_wrong_is_said(kind, values, code):
    assert refused(add, firm=make_firm(), kind=kind, **values) == code
    assert not Practitioner.objects.exists()


def test_a_certificate_is_one_persons(kind):
    firm = make_firm()
    add(firm, kind)
    other = "36060219910307123" + check_sign("36060219910307123")
    assert refused(add, firm=firm, kind=kind, number=other, name="别人") == "certificate_taken"
    assert refused(add, firm=firm, kind=kind, by=make_user()) == "not_yours"


def test_the_register_moves_a_person(kind):
    first, second = make_firm(), make_firm()
    person = add(first, kind)
    found = FoundPractitioner(
        name="温若川",
        key=person_key(NUMBER),
        last4=NUMBER[-4:],
        kind="survey-engineer",
        number="注测 1",
        identifier="1.2.156.3005.2.x",
        valid_until="2099-01-01",
    )
    (moved,) = take_practitioners(organization=second, practitioners=[found], by=None, now=NOW)
    person.refresh_from_db()
    assert (person.status, person.left_at) == ("left", NOW)
    assert moved.organization == second
    row = moved.certificates.get()
    assert (row.origin, row.identifier, row.read_at) == ("authority", "1.2.156.3005.2.x", NOW)
    assert names(first)[-1] == "practitioner_left"
    (again,) = take_practitioners(organization=second, practitioners=[found], by=None, now=NOW)
    assert again == moved
    assert moved.certificates.count() == 1


def test_the_page(client, kind):
    firm = make_firm()
    client.force_login(administrator(firm))
    url = reverse("parties:practitioners")
    assert "还没有登记执业人员" in text(client.get(url))
    given = {"name": "温若川", "number": NUMBER, "kind": kind.code, "certificate_number": ""}
    response = client.post(url, given)
    assert response.status_code == 422
    assert "请填写执业证书的编号" in text(response)
    assert client.post(url, {**given, "certificate_number": "注测 1"})["Location"] == url
    page = text(client.get(url))
    assert "温若川" in page
    assert NUMBER not in page
    person = Practitioner.objects.get()
    stranger = Client()
    stranger.force_login(administrator(make_firm()))
    release = reverse("parties:release_practitioner", args=[person.pk])
    assert stranger.post(release).status_code == 404
    assert client.post(release)["Location"] == url
    assert "还没有登记执业人员" in text(client.get(url))
