"""Working days: the calendar's holidays, make-up days and gaps."""

from datetime import date, datetime

import pytest
from pytest_django.fixtures import Settings

from marketplace.core.models import WorkDay
from marketplace.core.refusals import Refused
from marketplace.core.workdays import SHANGHAI, add_working_days, is_working_day

pytestmark = pytest.mark.django_db


def test_make_up_days_and_holidays_of_2026() -> None:
    assert is_working_day(date(2026, 2, 28))  # a Saturday to make up for the spring festival
    assert not is_working_day(date(2026, 10, 1))


def test_the_first_day_does_not_count_and_the_end_is_midnight() -> None:
    friday = datetime(2026, 11, 20, 15, 0, tzinfo=SHANGHAI)
    assert add_working_days(friday, 2) == datetime(2026, 11, 25, 0, 0, tzinfo=SHANGHAI)


def test_administrators_overrule_the_library() -> None:
    WorkDay.objects.create(date=date(2026, 11, 23), is_working=False, source="市政府通知")
    friday = datetime(2026, 11, 20, 15, 0, tzinfo=SHANGHAI)
    assert add_working_days(friday, 1) == datetime(2026, 11, 25, 0, 0, tzinfo=SHANGHAI)


def test_an_unknown_year_is_refused(settings: Settings) -> None:
    settings.ASSUME_PLAIN_CALENDAR = False
    with pytest.raises(Refused) as refused:
        is_working_day(date(2031, 1, 6))
    assert refused.value.code == "calendar_unknown"
