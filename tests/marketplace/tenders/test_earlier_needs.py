"""Needs from before there were ten methods go on by the rules that they froze."""

from importlib import import_module

import pytest
from django.apps import apps

from marketplace.bidding.actions import end_sign_up
from marketplace.tenders.models import Tender
from tests.factories.awards import make_award
from tests.factories.bidding import make_bidder
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db
migration = import_module("marketplace.tenders.migrations.0003_rules_of_earlier_needs")
FIRST = {
    "minimum_bidders": 2,
    "standstill_working_days": 1,
    "signup_working_days": 3,
    "window_seconds": 120,
    "max_extensions": 10,
    "hard_end_seconds": 3600,
    "step_warning_percent": 10,
    "milestones": [{"title": "提交成果初稿", "percent": 40}, {"title": "成果通过验收", "percent": 60}],
    "version": 1,
    "standstill_seconds": 20,
}


def earlier(tender):
    """Give a need the rules that were frozen then, and bring it to now."""
    Tender.objects.filter(pk=tender.pk).update(rules=FIRST)
    for _twice in range(2):
        migration.complete(apps, None)
    tender.refresh_from_db()
    return tender


def test_too_few_firms_fail_it_at_once_as_before():
    tender = earlier(make_tender())
    assert end_sign_up(tender=tender, now=tender.signup_ends_at).status == "failed"


def test_it_goes_on_to_its_award(client):
    tender = earlier(make_tender())
    for _number in range(2):
        make_bidder(tender=tender)
    assert end_sign_up(tender=tender, now=tender.signup_ends_at).status == "selecting"
    assert len(tender.selection.pool) == 2
    assert client.get(tender.get_absolute_url()).status_code == 200


def test_what_it_froze_stays_and_a_short_standstill_stays_short():
    tender = earlier(make_award().tender)
    assert {name: tender.rules[name] for name in FIRST if name != "standstill_seconds"} == {
        name: value for name, value in FIRST.items() if name != "standstill_seconds"
    }
    assert (tender.rules["working_day_seconds"], "standstill_seconds" in tender.rules) == (20, False)
    assert (tender.rules["conflicts"], tender.rules["reserves"]) == ([], 0)


def test_needs_of_today_are_left_alone():
    tender = make_tender()
    before = tender.rules
    migration.complete(apps, None)
    tender.refresh_from_db()
    assert tender.rules == before
