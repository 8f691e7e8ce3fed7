"""Certificates that end and come back, reminders, and what the licence library says of them."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from marketplace.accounts.models import Message
from marketplace.parties import actions, rules
from marketplace.parties.handlers.qualifications import end_expired, remind_of_expiry
from marketplace.parties.models import PractitionerCertificate, Qualification
from marketplace.parties.states import CERTIFICATE, QUALIFICATION
from tests.factories.accounts import make_admin, make_user
from tests.factories.catalog import make_kind, make_service
from tests.factories.parties import make_firm
from tests.marketplace.parties.conftest import NOW, employ, names, refused, states, surveyor, whole

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate(NOW)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def forgotten():
    cache.clear()


# Expiry


def test_an_expired_certificate_suspends_exactly_what_needs_it_on_that_day():
    firm, needs = surveyor(last=TODAY + 5 * DAY)
    assert end_expired(NOW + 5 * DAY) == 0
    assert rules.unmet(firm, needs, now=NOW + 5 * DAY) == ""
    assert "到期" in rules.unmet(firm, needs, now=NOW + 6 * DAY)  # whether or not a worker ran
    assert end_expired(NOW + 6 * DAY) == 1
    assert states(firm) == ["live", "suspended"]
    row = firm.qualifications.get()
    values = {"qualification": row, "by": make_admin(), "note": "已换发", "now": NOW + 6 * DAY}
    assert refused(actions.renew_qualification, valid_until=TODAY, **values) == "expired"
    assert refused(actions.renew_qualification, valid_until=None, **{**values, "note": " "}) == "reason_needed"
    assert (
        refused(actions.renew_qualification, valid_until=None, **{**values, "by": make_user()}) == "not_administrator"
    )
    assert refused(actions.renew_qualification, valid_until=None, **{**values, "by": None}) == "not_administrator"
    actions.renew_qualification(valid_until=TODAY + 900 * DAY, **values)
    assert states(firm) == ["live", "live"]
    assert names(firm)[-2:] == ["qualification_renewed", "offering_restored"]
    assert whole(firm)


def test_reminders_go_out_60_30_and_7_days_before_once_each_to_those_with_the_power():
    firm, _needs = surveyor(last=TODAY + 61 * DAY)
    bidder = make_user()
    own = firm.memberships.get().user
    actions.add_member(organization=firm, username=bidder.username, role="agent", powers=["bid"], by=own, now=NOW)
    employ(firm, last=TODAY + 61 * DAY)
    sent = [remind_of_expiry(NOW + days * DAY) for days in range(62)]
    assert {day: count for day, count in enumerate(sent) if count} == {1: 2, 31: 2, 54: 2}
    told = Message.objects.filter(key__startswith="expiring-")
    assert {one.user for one in told} == {own}
    assert told.filter(key__startswith="expiring-person-").count() == 3


def test_a_certificate_declared_late_is_reminded_of_once_not_thrice():
    surveyor(last=TODAY + 6 * DAY)
    assert remind_of_expiry(NOW) == 1
    assert remind_of_expiry(NOW + DAY) == 0


# Practitioners


def test_practitioners_count_toward_what_a_service_demands():
    make_kind(code="survey-engineer", name="注册测绘师", grades=[])
    service = make_service(requirement={"practitioner": "survey-engineer", "count": 2})
    firm = make_firm()
    by = firm.memberships.get().user
    one = employ(firm, number="注测 0001", last=TODAY + 5 * DAY)
    assert "注册测绘师至少 2 名（现有 1 名）" in rules.unmet(firm, service)
    employ(firm, number="注测 0002")
    offering = actions.offer_service(organization=firm, service=service, by=by, now=NOW)
    assert offering.status == "announced"
    notice = firm.publicities.get()
    assert [who["name"] for who in notice.shown["practitioners"]] == ["温**", "温**"]
    actions.end_publicity(publicity=notice, now=notice.ends_at)
    assert rules.unmet(firm, service, now=NOW + 5 * DAY) == ""
    assert rules.unmet(firm, service, now=NOW + 6 * DAY)
    assert end_expired(NOW + 6 * DAY) == 1
    one.refresh_from_db()
    offering.refresh_from_db()
    assert (one.status, offering.status) == ("ended", "suspended")
    actions.renew_certificate(certificate=one, valid_until=None, by=make_admin(), note="已延续注册", now=NOW + 6 * DAY)
    offering.refresh_from_db()
    assert offering.status == "live"
    assert whole(firm)


@pytest.mark.parametrize(("source", "target"), list(CERTIFICATE.pairs()))
def test_certificate_pairs(source, target):
    row = employ(make_firm())
    PractitionerCertificate.objects.filter(pk=row.pk).update(status=source)
    admin = make_admin()
    if target == "ended":
        act = {"action": actions.end_certificate, "certificate": row, "by": admin, "now": NOW}
    else:
        act = {"action": actions.renew_certificate, "certificate": row, "by": admin, "note": "已延续", "now": NOW}
        act["valid_until"] = TODAY
    run = act.pop("action")
    if CERTIFICATE.allows(source, target) or source == target == "valid":  # a valid one may be prolonged
        assert run(**act).status == target
    else:
        assert refused(run, **act) == "state_conflict"


@pytest.mark.parametrize("source", list(QUALIFICATION.statuses.values))
def test_renewing_keeps_to_the_table(source):
    firm, _needs = surveyor()
    row = firm.qualifications.get()
    Qualification.objects.filter(pk=row.pk).update(status=source)
    values = {"qualification": row, "valid_until": None, "by": make_admin(), "note": "已换发", "now": NOW}
    if source == "valid" or (
        source != "declared" and QUALIFICATION.allows(source, "valid")
    ):  # a valid one is prolonged
        assert actions.renew_qualification(**values).status == "valid"
    else:  # one that waits for its check is confirmed, not renewed
        assert refused(actions.renew_qualification, **values) == "state_conflict"
