"""Suspensions with an end: by the system or an administrator, prolonged, and ended by the worker."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from marketplace.core.models import Event
from marketplace.core.worker import run_round
from marketplace.parties import actions
from marketplace.parties.models import Organization
from marketplace.parties.states import OrganizationStatus
from tests.factories.accounts import make_admin
from tests.factories.bidding import agent_of
from tests.factories.parties import make_firm
from tests.marketplace.parties.conftest import NOW, names, refused, text

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=90)


def suspended(until=LATER, by=None):
    return actions.suspend_organization(organization=make_firm(), reason="两次放弃", by=by, now=NOW, until=until)


def test_the_system_suspends_until_a_moment_only():
    firm = suspended()
    assert (firm.status, firm.suspended_until) == (OrganizationStatus.SUSPENDED, LATER)
    data = Event.objects.get(name="organization_suspended").data
    assert data == {"reason": "两次放弃", "ends_at": LATER.isoformat()}
    values = {"organization": make_firm(), "reason": "核查", "by": None, "now": NOW}
    assert refused(actions.suspend_organization, **values) == "not_administrator"
    assert refused(actions.suspend_organization, **values, until=NOW) == "until_passed"
    assert refused(actions.remove_organization, **values) == "not_administrator"


def test_the_worker_restores_when_the_end_has_come():
    firm, endless = suspended(), suspended(until=None, by=make_admin())
    run_round(LATER - timedelta(seconds=1))
    firm.refresh_from_db()
    assert firm.status == OrganizationStatus.SUSPENDED
    for _twice in range(2):
        run_round(LATER)
    firm.refresh_from_db()
    endless.refresh_from_db()
    assert (firm.status, firm.suspended_until) == (OrganizationStatus.ACTIVE, None)
    assert endless.status == OrganizationStatus.SUSPENDED
    assert names(firm).count("organization_restored") == 1


def test_the_system_does_not_restore_before_the_end_and_an_administrator_may():
    firm = suspended()
    values = {"organization": firm, "reason": "申诉成立", "now": LATER - timedelta(seconds=1)}
    assert refused(actions.restore_organization, **values, by=None) == "not_administrator"
    endless = suspended(until=None, by=make_admin())
    late = {"organization": endless, "reason": "到期", "now": LATER}
    assert refused(actions.restore_organization, **late, by=None) == "not_administrator"
    firm = actions.restore_organization(**values, by=make_admin())
    assert firm.suspended_until is None


def test_a_suspension_is_prolonged_and_never_shortened():
    firm, longer = suspended(), LATER + timedelta(days=10)
    for until in (longer, LATER, longer):
        firm = actions.prolong_suspension(organization=firm, until=until, reason="第三次放弃", now=NOW)
        assert firm.suspended_until == longer
    assert names(firm).count("suspension_prolonged") == 1
    endless = suspended(until=None, by=make_admin())
    endless = actions.prolong_suspension(organization=endless, until=longer, reason="第三次放弃", now=NOW)
    assert endless.suspended_until is None
    active = {"organization": make_firm(), "until": longer, "reason": "放弃", "now": NOW}
    assert refused(actions.prolong_suspension, **active) == "state_conflict"


def test_only_a_suspended_party_has_an_end():
    firm = make_firm()
    with pytest.raises(IntegrityError), transaction.atomic():
        Organization.objects.filter(pk=firm.pk).update(suspended_until=LATER)
    removed = actions.remove_organization(organization=suspended(), reason="清退", by=make_admin(), now=NOW)
    assert removed.suspended_until is None


def test_the_party_is_told_and_its_page_says_until_when(client):
    firm = suspended()
    told = agent_of(firm).messages.filter(title__startswith="暂停承接业务到")
    assert told.count() == 1
    assert "两次放弃" in told.get().body
    assert "暂停" in text(client.get(firm.get_absolute_url()))
    run_round(LATER)
    assert agent_of(firm).messages.filter(title="已恢复承接业务").count() == 1
