"""The pages of recommendation: for a firm, for an owner, for an administrator, for strangers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from search.models import MutedService, NeedsChoice
from tests.factories.accounts import make_admin, make_user
from tests.factories.bidding import agent_of
from tests.factories.catalog import make_service
from tests.factories.parties import make_buyer, make_firm
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def count(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as context:
        assert client.get(address).status_code == 200
    return len(context)


def test_a_firm_finds_its_needs_on_the_desk_and_on_a_page() -> None:
    service = make_service()
    firm = make_firm(services=[service])
    tender, other = make_tender(service=service), make_tender()
    client = signed_in(agent_of(firm))
    for address in ("/desk/", "/search/fitting/", "/search/fitting/?sort=ending"):
        html = text_of(client.get(address))
        assert tender.title in html
        assert other.title not in html
        assert "符合这项服务的要求" in html
    assert signed_in(agent_of(make_buyer())).get("/search/fitting/").status_code == 403
    assert signed_in(make_user()).get("/search/fitting/").status_code == 403
    assert Client().get("/search/fitting/").status_code == 302


def test_a_firm_chooses_what_it_is_told_of() -> None:
    one, two = make_service(), make_service()
    firm = make_firm(services=[one, two])
    tender = make_tender(service=one)
    client = signed_in(agent_of(firm))
    page = client.get("/search/fitting/choices/")
    assert page.context["form"].initial == {"is_told": True, "by_mail": True, "services": [one.pk, two.pk]}
    client.post("/search/fitting/choices/", {"is_told": "on", "services": [two.pk]})
    choice = NeedsChoice.objects.get(organization=firm)
    assert (choice.is_muted, choice.by_mail) == (False, False)
    assert list(MutedService.objects.values_list("service", flat=True)) == [one.pk]
    assert tender.title not in text_of(client.get("/desk/"))
    assert tender.title in text_of(client.get("/search/fitting/"))  # open to all, only not told
    client.post("/search/fitting/choices/", {})
    choice.refresh_from_db()
    assert choice.is_muted
    assert "适合您的采购" not in text_of(client.get("/desk/"))
    assert client.post("/search/fitting/choices/", {"services": [make_service().pk]}).status_code == 422
    assert signed_in(agent_of(make_buyer())).post("/search/fitting/choices/", {}).status_code == 403


def test_an_owner_sees_who_fits_before_and_after_publication() -> None:
    service = make_service()
    firm = make_firm(services=[service])
    draft, tender = make_tender(status="draft", service=service), make_tender(service=service)
    for need, leading in ((draft, f"/tenders/{draft.number}/preview/"), (tender, tender.get_absolute_url())):
        address = f"/search/fitting/{need.number}/firms/"
        owner = signed_in(need.created_by)
        assert f'href="{address}"' in text_of(owner.get(leading))
        for client in (owner, signed_in(make_admin())):
            html = text_of(client.get(address))
            assert firm.name in html
            assert "不是排名" in html
        for user in (agent_of(firm), make_user(), agent_of(make_buyer())):
            assert signed_in(user).get(address).status_code == 404
        assert Client().get(address).status_code == 302
    assert f"/search/fitting/{tender.number}/firms/" not in text_of(Client().get(tender.get_absolute_url()))
    named = make_tender(method="direct", service=service)
    assert signed_in(named.created_by).get(f"/search/fitting/{named.number}/firms/").status_code == 404
    assert signed_in(make_admin()).get("/search/fitting/none/firms/").status_code == 404


def test_an_owner_invites_from_the_list_where_the_method_invites() -> None:
    service = make_service()
    firm = make_firm(services=[service], name="鹰潭丹霞勘测有限公司")
    draft = make_tender(status="draft", service=service, method="quotes")
    owner, address = signed_in(draft.created_by), f"/search/fitting/{draft.number}/firms/"
    html = text_of(owner.get(address))
    assert f'action="/tenders/{draft.number}/invite/"' in html
    owner.post(f"/tenders/{draft.number}/invite/", {"organization": firm.pk})
    assert "已邀请" in text_of(owner.get(address))
    assert "/invite/" not in text_of(signed_in(make_admin()).get(address)).partition("<main")[2]
    auction = make_tender(service=service)
    assert "/invite/" not in text_of(signed_in(auction.created_by).get(f"/search/fitting/{auction.number}/firms/"))


def test_the_factors_are_public_with_their_weights() -> None:
    html = text_of(Client().get("/search/fitting/factors/"))
    for word in ("2026-1", "35", "15", "25", "不看付费", "做过这类服务", "按时交付"):
        assert word in html


def test_one_row_or_three_ask_the_database_alike() -> None:
    service = make_service()
    firm, tender = make_firm(services=[service]), make_tender(service=service)
    mine, owners = signed_in(agent_of(firm)), signed_in(tender.created_by)
    asked = [(mine, "/search/fitting/"), (mine, "/desk/"), (owners, f"/search/fitting/{tender.number}/firms/")]
    for client, address in asked:
        client.get(address)
    one = [count(client, address) for client, address in asked]
    for _number in range(2):
        make_firm(services=[service])
        make_tender(service=service)
    assert [count(client, address) for client, address in asked] == one
