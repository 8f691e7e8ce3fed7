"""Offers, roles and state tables: what a firm may do, who acts for it, what follows what."""

import pytest

from marketplace.accounts.models import Message
from marketplace.core.models import Event
from marketplace.parties import actions, rules
from marketplace.parties.models import Organization, Qualification, ServiceOffering
from marketplace.parties.states import OFFERING, ORGANIZATION, QUALIFICATION
from tests.factories.accounts import make_admin, make_user
from tests.factories.catalog import make_service
from tests.factories.parties import make_buyer, make_firm, make_qualification
from tests.marketplace.parties.conftest import NOW, refused

pytestmark = pytest.mark.django_db


def test_unmet_says_why():
    firm, service = make_firm(), make_service(requirement={"kind": "surveying", "grade": "乙级"})
    assert rules.unmet(firm, service).startswith("缺少：")
    assert rules.unmet(make_buyer(), service)
    service.status = "cancelled"
    assert "取消" in rules.unmet(firm, service)
    firm.status = "suspended"
    assert "不能承接" in rules.unmet(firm, make_service())


def test_offers_come_and_go():
    firm, service = make_firm(), make_service()
    by = firm.memberships.get().user
    offering = actions.offer_service(organization=firm, service=service, by=by, now=NOW)
    assert refused(actions.offer_service, organization=firm, service=service, by=by, now=NOW) == "already_offered"
    actions.withdraw_offering(offering=offering, by=by, now=NOW)
    assert actions.offer_service(organization=firm, service=service, by=by, now=NOW).status == "live"
    gone = make_service(status="cancelled")
    assert refused(actions.offer_service, organization=firm, service=gone, by=by, now=NOW) == "service_cancelled"
    actions.suspend_organization(organization=firm, reason="核查", by=make_admin(), now=NOW)
    assert refused(actions.offer_service, organization=firm, service=make_service(), by=by, now=NOW) == "not_active"
    assert (
        refused(actions.offer_service, organization=make_buyer(user=by), service=service, by=by, now=NOW)
        == "not_intermediary"
    )


# Who may what: the firm's own people, a stranger, an owner, an administrator


def test_four_people_and_one_firm():
    firm = make_firm()
    own, stranger, owner, admin = (
        firm.memberships.get().user,
        make_user(),
        make_buyer().memberships.get().user,
        make_admin(),
    )
    row, offering = make_qualification(organization=firm, confirmed=False), firm.offerings.get()
    for person in (stranger, owner):
        assert refused(actions.withdraw_offering, offering=offering, by=person, now=NOW) == "not_yours"
        assert (
            refused(actions.offer_service, organization=firm, service=make_service(), by=person, now=NOW) == "not_yours"
        )
        assert (
            refused(actions.change_organization, organization=firm, values={"address": "x"}, by=person, now=NOW)
            == "not_yours"
        )
        assert (
            refused(actions.declare_qualification, organization=firm, kind=row.kind, number="1", by=person, now=NOW)
            == "not_yours"
        )
        assert (
            refused(actions.add_member, organization=firm, username=person.username, role="agent", by=person, now=NOW)
            == "not_yours"
        )
    for person in (own, stranger, owner):
        assert refused(actions.confirm_qualification, qualification=row, by=person, now=NOW) == "not_administrator"
        assert (
            refused(actions.refuse_qualification, qualification=row, note="否", by=person, now=NOW)
            == "not_administrator"
        )
        assert refused(actions.end_qualification, qualification=row, by=person, now=NOW) == "not_administrator"
        assert (
            refused(actions.suspend_organization, organization=firm, reason="x", by=person, now=NOW)
            == "not_administrator"
        )
    assert rules.may_see_certificate(own, row)
    assert rules.may_see_certificate(admin, row)
    assert not rules.may_see_certificate(stranger, row)
    assert refused(actions.refuse_qualification, qualification=row, note="", by=admin, now=NOW) == "reason_needed"
    assert refused(actions.suspend_organization, organization=firm, reason="", by=admin, now=NOW) == "reason_needed"


def test_an_agent_acts_but_does_not_administer():
    firm, agent = make_firm(), make_user()
    own = firm.memberships.get().user
    actions.add_member(organization=firm, username=agent.username.upper(), role="agent", by=own, now=NOW)
    assert actions.offer_service(organization=firm, service=make_service(), by=agent, now=NOW)
    assert (
        refused(actions.change_organization, organization=firm, values={"address": "x"}, by=agent, now=NOW)
        == "not_yours"
    )
    assert (
        refused(actions.add_member, organization=firm, username="nobody", role="agent", by=own, now=NOW)
        == "user_unknown"
    )
    assert (
        refused(actions.add_member, organization=firm, username=agent.username, role="agent", by=own, now=NOW)
        == "already_member"
    )
    sent = actions.notify_organization(organization=firm, title="新需求", key="n-1", now=NOW)
    assert {one.user for one in sent} == {own, agent}
    actions.notify_organization(organization=firm, title="新需求", key="n-1", now=NOW)
    assert Message.objects.filter(key="n-1").count() == 2


def test_the_profile_changes_and_says_what_changed():
    firm = make_firm()
    own = firm.memberships.get().user
    actions.change_organization(
        organization=firm, values={"address": " 信江路 1 号 ", "phone": firm.phone}, by=own, now=NOW
    )
    event = Event.objects.filter(process=firm.process).latest("number")
    assert (event.name, event.data) == ("organization_changed", {"fields": ["address"]})
    actions.change_organization(organization=firm, values={"address": "信江路 1 号"}, by=own, now=NOW)
    assert Event.objects.filter(process=firm.process).latest("number") == event
    assert (
        refused(actions.change_organization, organization=firm, values={"uscc": "x"}, by=own, now=NOW) == "field_fixed"
    )
    assert (
        refused(actions.change_organization, organization=firm, values={"phone": "1"}, by=own, now=NOW)
        == "phone_invalid"
    )


# Every pair of states


@pytest.mark.parametrize(("source", "target"), list(ORGANIZATION.pairs()))
def test_organization_pairs(source, target):
    firm = make_firm()
    Organization.objects.filter(pk=firm.pk).update(status=source)
    verb = {
        "active": actions.restore_organization,
        "suspended": actions.suspend_organization,
        "removed": actions.remove_organization,
    }[target]
    values = {"organization": firm, "reason": "核查", "by": make_admin(), "now": NOW}
    if ORGANIZATION.allows(source, target):
        assert verb(**values).status == target
    else:
        assert refused(verb, **values) == "state_conflict"


@pytest.mark.parametrize(("source", "target"), [pair for pair in QUALIFICATION.pairs() if pair[1] != "declared"])
def test_qualification_pairs(source, target):
    row = make_qualification(confirmed=False)
    Qualification.objects.filter(pk=row.pk).update(status=source)
    verb = {
        "valid": actions.confirm_qualification,
        "refused": actions.refuse_qualification,
        "ended": actions.end_qualification,
    }[target]
    values = {"qualification": row, "note": "核查", "by": make_admin(), "now": NOW}
    if QUALIFICATION.allows(source, target):
        assert verb(**values).status == target
    else:
        assert refused(verb, **values) == "state_conflict"


@pytest.mark.parametrize("source", list(OFFERING.statuses.values))
def test_offering_withdrawal_from_every_state(source):
    offering = make_firm().offerings.get()
    ServiceOffering.objects.filter(pk=offering.pk).update(status=source)
    values = {"offering": offering, "by": make_admin(), "now": NOW}
    if OFFERING.allows(source, "withdrawn"):
        assert actions.withdraw_offering(**values).status == "withdrawn"
    else:
        assert refused(actions.withdraw_offering, **values) == "state_conflict"


@pytest.mark.parametrize("source", ["live", "checking", "suspended", "withdrawn"])
@pytest.mark.parametrize("have", ["valid", "declared", "nothing"])
def test_refreshing_follows_what_is_held(source, have):
    service = make_service(requirement={"kind": "surveying", "grade": "乙级"})
    firm = make_firm(services=[service], qualified=False)
    firm.qualifications.update(status={"nothing": "refused"}.get(have, have))
    ServiceOffering.objects.filter(organization=firm).update(status=source)
    actions.refresh_offerings(organization=firm, now=NOW)
    wanted = {"valid": "live" if source == "live" else "announced", "declared": "checking", "nothing": "suspended"}[
        have
    ]
    if source == "withdrawn":
        wanted = "withdrawn"
    elif source == "live" and have == "declared":
        wanted = "suspended"
    assert firm.offerings.get().status == wanted
    assert source == wanted or OFFERING.allows(source, wanted)
