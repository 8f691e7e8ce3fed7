"""Who may take part beyond ties: several services, avoidance, credit, methods without sign-up; and the number for the draw."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.bidding.actions import end_sign_up, name_firm, set_nonce, sign_up, withdraw_sign_up
from marketplace.bidding.models import Bidder
from marketplace.catalog.models import ServiceCategory
from marketplace.core import clock
from marketplace.core.models import Event
from marketplace.core.refusals import Refused
from marketplace.parties.models import Organization
from marketplace.reviews.models import CreditScore
from marketplace.tenders.models import Avoidance, Method, Tender
from tests.factories.accounts import make_user
from tests.factories.bidding import agent_of, make_bidder, make_stranger
from tests.factories.catalog import make_kind, make_service
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db


def refused(tender: Tender, firm: Organization, **values) -> Refused:
    with pytest.raises(Refused) as found:
        sign_up(tender=tender, organization=firm, by=agent_of(firm), **values)
    assert not tender.bidders.filter(organization=firm, status="active").exists()
    return found.value


def asking(name: str) -> ServiceCategory:
    """Make a service that asks for a qualification of its own."""
    return make_service(name=name, requirement={"kind": make_kind(name=f"{name}资质").code, "grade": "乙级"})


class Several:
    """Hold a need for two services, and firms that may do both, one or neither."""

    def __init__(self, rule: str):
        first, second = asking("勘察"), asking("设计")
        self.tender = make_tender(service=first, services_rule=rule)
        self.tender.more_services.add(second)
        self.both = make_stranger(self.tender, services=[first, second])
        self.one = make_stranger(self.tender, services=[second])
        self.neither = make_stranger(self.tender, services=[make_service()])


def test_all_services_means_each_of_them() -> None:
    scene = Several("all")
    make_bidder(tender=scene.tender, organization=scene.both)
    found = refused(scene.tender, scene.one)
    assert found.code == "not_qualified"
    assert "“勘察”" in str(found)
    assert "“设计”" not in str(found)


def test_any_service_means_one_of_them() -> None:
    scene = Several("any")
    make_bidder(tender=scene.tender, organization=scene.both)
    make_bidder(tender=scene.tender, organization=scene.one)
    found = refused(scene.tender, scene.neither)
    assert "“勘察”" in str(found)
    assert "“设计”" in str(found)


def test_a_named_firm_must_fit_all_services_too() -> None:
    scene = Several("all")
    for firm, fits in ((scene.one, False), (scene.both, True)):
        Tender.objects.filter(pk=scene.tender.pk).update(chosen_firm=firm)
        scene.tender.refresh_from_db()
        assert (name_firm(tender=scene.tender, now=clock.now()) is not None) is fits


def test_a_firm_kept_out_reads_the_owners_reason() -> None:
    tender = make_tender()
    firm = make_stranger(tender)
    Avoidance.objects.create(tender=tender, organization=firm, reason="承担了本项目的前期咨询")
    found = refused(tender, firm)
    assert found.code == "avoided"
    assert "前期咨询" in str(found)
    make_bidder(tender=tender)


@pytest.mark.parametrize(
    ("score", "least", "fits"), [(8000, 80, True), (7999, 80, False), (None, 80, True), (None, 81, False)]
)
def test_credit_below_what_the_need_asks_for(score: int | None, least: int, fits: bool) -> None:
    tender = make_tender(minimum_credit=least)
    firm = make_stranger(tender)
    if score is not None:
        CreditScore.objects.create(organization=firm, score=score, updated_at=clock.now())
    if fits:
        make_bidder(tender=tender, organization=firm)
    else:
        found = refused(tender, firm)
        assert found.code == "credit_too_low"
        assert f"{least} 分" in str(found)


@pytest.mark.parametrize("method", [Method.DIRECT, Method.EMERGENCY])
def test_nobody_signs_up_where_the_owner_names_the_firm(method: str) -> None:
    tender = make_tender()
    Tender.objects.filter(pk=tender.pk).update(method=method, chosen_firm=make_stranger(tender))
    tender.refresh_from_db()
    assert refused(tender, make_stranger(tender)).code == "nobody_signs_up"


def test_a_suspended_firm_signs_up_nowhere() -> None:
    tender = make_tender()
    firm = make_stranger(tender)
    firm.status = "suspended"
    firm.save()
    assert refused(tender, firm).code == "suspended"


# What a firm adds to the draw.


@pytest.fixture
def bidder() -> Bidder:
    return make_bidder(tender=make_tender(method=Method.DRAW))


def nonce_code(bidder: Bidder, nonce: str = "7", **values) -> str:
    with pytest.raises(Refused) as found:
        set_nonce(bidder=bidder, nonce=nonce, **({"by": agent_of(bidder.organization)} | values))
    return found.value.code


def test_a_nonce_comes_with_the_sign_up_or_later_until_it_ends(bidder: Bidder) -> None:
    tender = bidder.tender
    firm = make_stranger(tender)
    given = sign_up(tender=tender, organization=firm, nonce=" 龙虎山 2026 ", by=agent_of(firm))
    assert given.nonce == "龙虎山 2026"
    just = tender.signup_ends_at - timedelta(milliseconds=1)
    set_nonce(bidder=bidder, nonce="x" * 64, by=agent_of(bidder.organization), now=just)
    bidder.refresh_from_db()
    assert bidder.nonce == "x" * 64
    event = Event.objects.get(name="nonce_set")
    assert (event.visibility, event.data) == ("private", {"label": bidder.label})
    assert nonce_code(bidder, now=tender.signup_ends_at) == "nonce_late"
    set_nonce(bidder=bidder, nonce="", by=agent_of(bidder.organization), now=just)
    assert Bidder.objects.get(pk=bidder.pk).nonce == ""


@pytest.mark.parametrize("nonce", ["x" * 65, "a\nb", "a\x00b", "a\u200bb"])
def test_nonces_that_do_not_go_into_a_seed(bidder: Bidder, nonce: str) -> None:
    assert nonce_code(bidder, nonce) == "nonce_invalid"
    firm = make_stranger(bidder.tender)
    assert refused(bidder.tender, firm, nonce=nonce).code == "nonce_invalid"


def test_only_the_firms_people_change_its_nonce_while_it_is_signed_up(bidder: Bidder) -> None:
    assert nonce_code(bidder, by=make_user()) == "not_a_member"
    assert nonce_code(bidder, by=agent_of(bidder.tender.buyer)) == "not_a_member"
    withdraw_sign_up(bidder=bidder, by=agent_of(bidder.organization))
    assert nonce_code(bidder) == "not_signed_up"


def test_after_the_selection_began_a_nonce_stands_still(bidder: Bidder) -> None:
    make_bidder(tender=bidder.tender)
    end_sign_up(tender=bidder.tender, now=bidder.tender.signup_ends_at)
    assert nonce_code(bidder, now=bidder.tender.signup_ends_at - timedelta(minutes=1)) == "nonce_late"
