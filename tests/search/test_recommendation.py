"""Which firms a need fits, and which needs a firm: the gate of signing up, records of contracts, constant queries."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.bidding.conflicts import conflict_of, tied_pairs
from marketplace.contracts.models import Deliverable, Milestone
from marketplace.core import clock
from marketplace.parties.models import Membership, Organization
from marketplace.tenders.actions import avoid_firm
from marketplace.tenders.models import Tender
from search.recommendation import firms_for, needs_for
from tests.factories.accounts import make_user
from tests.factories.bidding import make_bidder
from tests.factories.catalog import make_region, make_service
from tests.factories.contracts import make_contract
from tests.factories.parties import make_buyer, make_firm
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db


def names(tender: Tender) -> set[str]:
    return {fit.firm.name for fit in firms_for(tender)}


def reasons(firm: Organization, tender: Tender) -> tuple[str, ...]:
    (fit,) = [fit for fit in firms_for(tender) if fit.firm.pk == firm.pk]
    return fit.reasons


def test_who_did_the_service_in_the_district_comes_first_and_is_told_why() -> None:
    service = make_service()
    contract = make_contract(status="completed", service=service)
    seasoned, new = contract.supplier, make_firm(services=[service])
    tender = make_tender(service=service, region=contract.tender.region)
    fits = firms_for(tender)
    assert fits[0].firm.pk == seasoned.pk
    assert new.pk in {fit.firm.pk for fit in fits}
    assert fits[0].reasons[:3] == ("符合这项服务的要求", "完成过 1 项这类服务", f"其中 1 项在{tender.region.name}")
    count = contract.milestones.count()
    assert f"交付的 {count} 个节点中 {count} 个按时" in fits[0].reasons
    (back,) = [fit for fit in needs_for(seasoned, clock.now()) if fit.tender.pk == tender.pk]
    assert (back.points, back.reasons) == (fits[0].points, fits[0].reasons)  # the same both ways


def test_experience_in_another_district_and_late_steps_say_so() -> None:
    service, elsewhere = make_service(), make_region(code="360681", name="贵溪市")
    contract = make_contract(status="completed", service=service)
    Deliverable.objects.update(uploaded_at=clock.now() + timedelta(days=900))
    tender = make_tender(service=service, region=elsewhere)
    words = reasons(contract.supplier, tender)
    assert not any("其中" in word for word in words)
    assert f"交付的 {Milestone.objects.count()} 个节点中 0 个按时" in words


def test_a_town_lies_in_its_district_and_a_city_holds_all_of_them() -> None:
    city = make_region(code="360600", name="鹰潭市", level="city")
    district = make_region(code="360603", name="余江区", parent=city)
    town = make_region(code="360603100", name="邓埠镇", level="township", parent=district)
    service = make_service()
    firm = make_contract(status="completed", service=service, region=town).supplier
    assert "其中 1 项在余江区" in reasons(firm, make_tender(service=service, region=district))
    assert "其中 1 项在余江区" in reasons(firm, make_tender(service=service, region=town))
    assert "其中 1 项在鹰潭市" in reasons(firm, make_tender(service=service, region=city))


def test_the_gate_is_that_of_signing_up() -> None:
    asks = make_service(requirement={"kind": "surveying", "grade": "乙级"})
    fitting = make_firm(services=[asks], name="合格机构")
    make_firm(services=[asks], name="未核验机构", qualified=False)
    make_firm(name="别的服务机构")
    expired = make_firm(services=[asks], name="证书到期机构")
    expired.qualifications.update(valid_until=clock.now().date() - timedelta(days=2))
    suspended = make_firm(services=[asks], name="暂停机构")
    Organization.objects.filter(pk=suspended.pk).update(status="suspended")
    kept_out = make_firm(services=[asks], name="回避机构")
    draft = make_tender(status="draft", service=asks)
    avoid_firm(tender=draft, organization=kept_out, reason="曾编制同一项目的报告", by=draft.created_by)
    assert names(draft) == {"合格机构"}
    tender = make_tender(service=asks)
    assert names(tender) == {"合格机构", "回避机构"}
    now = clock.now()
    for firm in Organization.objects.filter(is_intermediary=True):
        found = {fit.tender.pk for fit in needs_for(firm, now)}
        assert (tender.pk in found) == (firm.name in {"合格机构", "回避机构"}), firm.name
    assert needs_for(fitting, tender.signup_ends_at) == []


def test_credit_below_what_a_need_wants_keeps_out() -> None:
    service = make_service()
    firm = make_firm(services=[service])
    high = make_tender(service=service, minimum_credit=95)
    low = make_tender(service=service, minimum_credit=60)
    assert names(high) == set()
    assert [fit.tender.pk for fit in needs_for(firm, clock.now())] == [low.pk]


def test_ties_to_the_owner_keep_out_and_both_ways_to_ask_agree() -> None:
    service, person = make_service(), make_user()
    buyer = make_buyer(user=person, name="试验业主甲局")
    tied, own, free = make_firm(services=[service]), make_firm(services=[service]), make_firm(services=[service])
    Membership.objects.create(user=person, organization=tied)
    own.shareholdings.create(holder=buyer.name, percent=51)
    tender = make_tender(service=service, buyer=buyer, by=person)
    assert {fit.firm.pk for fit in firms_for(tender)} == {free.pk}
    fresh = Tender.objects.select_related("buyer").get(pk=tender.pk)
    pairs = [(fresh, firm) for firm in (tied, own, free)]
    assert tied_pairs(pairs) == {(tender.pk, firm.pk) for _tender, firm in pairs if conflict_of(fresh, firm, [])}
    assert needs_for(tied, clock.now()) == needs_for(own, clock.now()) == []


def test_what_a_firm_signed_up_for_leaves_its_list_and_stays_on_the_owners() -> None:
    service = make_service()
    firm = make_firm(services=[service])
    tender = make_tender(service=service)
    before = [fit.firm.pk for fit in firms_for(tender)]
    make_bidder(tender=tender, organization=firm)
    assert needs_for(firm, clock.now()) == []
    assert [fit.firm.pk for fit in firms_for(tender)] == before  # who signed up is nobody's to know


def test_all_of_several_services_or_any_of_them() -> None:
    one, two = make_service(), make_service()
    firm, both = make_firm(services=[one]), make_firm(services=[one, two])
    strict = make_tender(service=one, more_services=[two])
    loose = make_tender(service=two, more_services=[one], services_rule="any")
    assert {fit.firm.pk for fit in firms_for(strict)} == {both.pk}
    assert {fit.firm.pk for fit in firms_for(loose)} == {firm.pk, both.pk}
    assert {fit.tender.pk for fit in needs_for(firm, clock.now())} == {loose.pk}
    assert needs_for(firm, clock.now(), without=[one.pk, two.pk]) == []


def queries(function: Any, *arguments: Any) -> int:
    with CaptureQueriesContext(
        connection,
    ) as context:
        function(*arguments)
    return len(context)


def test_one_firm_or_three_one_need_or_three_ask_the_database_alike() -> None:
    asks = make_service(requirement={"kind": "surveying", "grade": "乙级"})
    firm = make_firm(services=[asks])
    tender = make_tender(service=asks)
    now: datetime = clock.now()

    def ask() -> tuple[int, int]:
        fresh = Tender.objects.select_related("buyer", "service", "region").get(pk=tender.pk)
        return queries(firms_for, fresh), queries(needs_for, Organization.objects.get(pk=firm.pk), now)

    one = ask()
    for _number in range(2):
        make_firm(services=[asks])
        make_tender(service=asks)
    assert ask() == one
    assert len(firms_for(tender)) == len(needs_for(firm, now)) == 3
