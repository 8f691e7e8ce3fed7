"""The legal payment date as a pure function: every kind of payer, acceptance in time, late and awaited, and the stages."""

from datetime import date, timedelta

import pytest

from marketplace.contracts.payment_terms import Stage, Term, payment_term, period_days
from marketplace.parties.models import Organization

Kind = Organization.Kind
ACCEPT_BY = date(2026, 11, 10)


@pytest.mark.parametrize(
    ("kind", "agreed", "days"),
    [
        (Kind.PUBLIC_BODY, None, 30),
        (Kind.PUBLIC_BODY, 45, 45),
        (Kind.PUBLIC_BODY, 60, 60),
        (Kind.PUBLIC_BODY, 90, 60),
        (Kind.SOCIAL, None, 30),
        (Kind.ENTERPRISE, None, 60),
        (Kind.ENTERPRISE, 90, 90),
        (Kind.PERSON, None, None),
        (Kind.PERSON, 30, None),
        (Kind.SOLE_TRADER, None, None),
        (Kind.COOPERATIVE, None, None),
        (Kind.OTHER, None, None),
    ],
)
def test_days_by_payer(kind, agreed, days):
    assert period_days(kind, agreed) == days


def test_every_kind_is_decided():
    assert {kind for kind in Kind if period_days(kind) is not None} == {Kind.PUBLIC_BODY, Kind.SOCIAL, Kind.ENTERPRISE}


@pytest.mark.parametrize(
    ("accepted_on", "begins"),
    [
        (date(2026, 11, 6), date(2026, 11, 6)),  # in time: the day of acceptance
        (ACCEPT_BY, ACCEPT_BY),
        (date(2026, 12, 1), ACCEPT_BY),  # late: the last day of the agreed period all the same
        (None, ACCEPT_BY),  # awaited: no later than this
    ],
)
def test_the_period_begins_with_the_acceptance_or_its_limit(accepted_on, begins):
    term = payment_term(payer_kind=Kind.PUBLIC_BODY, accept_by=ACCEPT_BY, accepted_on=accepted_on)
    assert term == Term(begins, 30, begins + timedelta(days=30))


def test_who_is_outside_the_regulation_has_no_date():
    assert payment_term(payer_kind=Kind.PERSON, accept_by=ACCEPT_BY) is None


@pytest.mark.parametrize(
    ("left", "stage"),
    [(11, Stage.LATER), (10, Stage.NEAR), (4, Stage.NEAR), (3, Stage.LAST), (0, Stage.LAST), (-1, Stage.OVERDUE)],
)
def test_stages(left, stage):
    term = Term(ACCEPT_BY, 30, date(2026, 12, 10))
    today = term.due_on - timedelta(days=left)
    assert (term.days_left(today), term.stage(today)) == (left, stage)
