"""Entry of an owner that the licence library knows, does not know, or cannot say; and what is left for later."""

import pytest
from django.urls import reverse

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.parties.actions import change_organization
from marketplace.parties.models import EntryDraft, Organization
from marketplace.parties.uscc import make_uscc
from tests.factories.accounts import PASSWORD, make_user
from tests.factories.licences import make_holder
from tests.factories.parties import make_buyer
from tests.marketplace.parties.conftest import go, text

pytestmark = pytest.mark.django_db
CODE = make_uscc("12360600MT0000001")
WHO = {"kind": "enterprise", "uscc": CODE, "contact_name": "王五", "phone": "13900001111", "committed": "on"}
NEW = {"username": "owner", "password": PASSWORD, **WHO}


def body(**given):
    return make_holder(code=CODE, name="鹰潭市虚构中心", kind="public_body", certificates=(), practitioners=(), **given)


def test_the_name_that_the_library_knows_is_shown_before_it_is_signed(client, library):
    library.issue(body())
    assert "单位可以不填" in text(client.get(reverse("parties:enter_buyer")))
    response = go(client, "enter_buyer", NEW)
    assert response["Location"] == reverse("parties:check_buyer")
    assert not Organization.objects.exists()
    page = text(client.get(reverse("parties:check_buyer")))
    for words in ("鹰潭市虚构中心", "温如玉", "机关事业单位", "origin-authority", "王五"):
        assert words in page
    assert go(client, "check_buyer").status_code == 422
    assert go(client, "check_buyer", {"committed": "on"})["Location"] == reverse("process:desk")
    row = Organization.objects.get()
    assert (row.name, row.kind, row.uscc) == ("鹰潭市虚构中心", "public_body", CODE)
    assert row.origins["legal_representative"] == "authority"
    assert row.commitments.get().text.split("\n")[1].startswith("鹰潭市虚构中心")
    assert not EntryDraft.objects.exists()


def test_who_types_the_same_name_is_in_at_once(client, library):
    library.issue(body())
    assert go(client, "enter_buyer", {**NEW, "name": "鹰潭市虚构中心"})["Location"] == reverse("process:desk")
    assert Organization.objects.get().origins["name"] == "authority"


@pytest.mark.parametrize(("fault", "words"), [(False, "证照库里没有这个代码的资料"), (True, "证照库暂时没有答复")])
def test_a_name_is_asked_for_where_the_library_does_not_help(client, library, fault, words):
    if fault:
        library.act("fault", name="fail")
    response = go(client, "enter_buyer", NEW)
    assert response.status_code == 422
    page = text(response)
    assert words in page
    assert 'href="#id_name"' in page
    assert 'name="password"' not in page  # the account is there; nobody has to type it again
    assert User.objects.get().username == "owner"
    assert go(client, "enter_buyer", {**WHO, "name": "鹰潭市虚构中心"})["Location"] == reverse("process:desk")
    row = Organization.objects.get()
    assert (row.origins, bool(row.licence_read_at)) == ({}, not fault)


def test_a_body_that_was_closed_does_not_enter(client, library):
    (identifier,) = library.issue(body())
    library.act("cancel", identifier=identifier)
    response = go(client, "enter_buyer", NEW)
    assert response.status_code == 422
    assert "登记已注销" in text(response)
    assert not Organization.objects.exists()


def test_a_code_that_has_entered_leads_to_a_claim_before_there_is_an_account(client, library):
    make_buyer(uscc=CODE)
    before = User.objects.count()
    response = go(client, "enter_buyer", NEW)
    assert response.status_code == 422
    assert f"{reverse('parties:claim_new')}?code={CODE}" in text(response)
    assert User.objects.count() == before


def test_an_owner_leaves_and_comes_back(client, library):
    client.force_login(make_user())
    assert "保存并退出" in text(client.get(reverse("parties:enter_buyer")))
    half = {**WHO, "phone": "12", "committed": "", "leave": "1"}
    response = go(client, "enter_buyer", half, follow=True)
    assert "业主登记还没办完" in text(response)
    page = text(client.get(reverse("parties:enter_buyer")))
    for words in (CODE, "王五", "12"):
        assert f'value="{words}"' in page


def test_who_signed_out_meanwhile_leaves_nothing_behind(client, library):
    response = go(client, "enter_buyer", {**NEW, "name": "鹰潭市虚构中心", "leave": "1"})
    assert response.status_code == 200
    assert 'value="王五"' in text(response)
    assert not Organization.objects.exists()
    assert not User.objects.exists()


def test_what_a_party_writes_itself_is_self_declared_again(client, library):
    library.issue(body())
    go(client, "enter_buyer", {**NEW, "name": "鹰潭市虚构中心"})
    row = Organization.objects.get()
    user = row.memberships.get().user
    assert row.origins["address"] == "authority"
    change_organization(organization=row, values={"address": "别处", "phone": row.phone}, by=user, now=clock.now())
    row.refresh_from_db()
    assert "address" not in row.origins
    assert row.origins["name"] == "authority"
