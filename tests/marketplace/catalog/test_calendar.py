"""The calendar of working days: changed by actions with a source, imported by year, and missed in time."""

from datetime import UTC, date, datetime

import pytest
from pytest_django.fixtures import Settings

from marketplace.accounts.models import Message
from marketplace.catalog.actions import import_holidays, load_calendar, set_work_day
from marketplace.catalog.handlers import warn_of_a_missing_year
from marketplace.catalog.holidays import Holiday, read_holidays
from marketplace.catalog.queries import missing_year
from marketplace.core.events import broken_links
from marketplace.core.models import Process, WorkDay
from marketplace.core.refusals import Refused
from marketplace.core.workdays import SHANGHAI, add_working_days, deadline, is_working_day
from tests.factories.accounts import make_admin, make_user

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
LIST = "一、元旦：1月1日（周五）放假。二、春节：2月5日至11日放假。2月14日（周日）上班。"
LIST_2027 = LIST.replace("二、", "\n二、")


def refused_code(call, **given):
    with pytest.raises(Refused) as refused:
        call(**given)
    return refused.value.code


def imported(**overrides):
    given = {
        "year": 2027,
        "days": read_holidays(LIST_2027, 2027),
        "source": "国办发明电〔2026〕7号",
        "by": make_admin(),
    }
    return import_holidays(**{**given, "now": NOW, **overrides})


def events():
    return list(Process.objects.get(ocid="yt360600-catalog").events.values_list("name", flat=True))


def test_a_day_is_changed_with_its_source():
    row = set_work_day(
        day=date(2026, 12, 1), is_working=False, note="全市放假", source="市政府通知", by=make_admin(), now=NOW
    )
    assert not is_working_day(date(2026, 12, 1))
    assert (row.note, row.source) == ("全市放假", "市政府通知")
    row = set_work_day(day=date(2026, 12, 1), is_working=True, source="更正", by=make_admin(), now=NOW)
    process = Process.objects.get(ocid="yt360600-catalog")
    assert [event.data["was_working"] for event in process.events.all()] == [None, False]
    assert broken_links(process) == []


def test_only_administrators_change_days_and_name_the_source():
    given = {"day": date(2026, 12, 1), "is_working": False, "source": "通知", "by": make_admin(), "now": NOW}
    assert refused_code(set_work_day, **{**given, "by": make_user()}) == "not_administrator"
    assert refused_code(set_work_day, **{**given, "source": " "}) == "source_needed"
    assert refused_code(set_work_day, **{**given, "source": "长" * 121}) == "source_too_long"
    assert refused_code(set_work_day, **{**given, "note": "长" * 81}) == "note_too_long"
    assert refused_code(set_work_day, **{**given, "day": date(1900, 1, 1)}) == "day_out_of_reach"
    set_work_day(**given)
    assert refused_code(set_work_day, **given) == "day_same"
    assert events() == ["work_day_changed"]


def test_a_year_is_taken_over_whole():
    WorkDay.objects.create(date=date(2027, 3, 1), is_working=False, source="市政府通知")
    assert imported() == {"new": 364, "changed": 1}
    rows = {row.date: row for row in WorkDay.objects.all()}
    assert len(rows) == 365
    assert (rows[date(2027, 2, 14)].is_working, rows[date(2027, 2, 14)].note) == (True, "春节调休上班")
    assert not rows[date(2027, 2, 8)].is_working
    assert rows[date(2027, 3, 1)].is_working
    assert not rows[date(2027, 3, 6)].is_working  # a plain Saturday
    assert missing_year(NOW) == 2026  # the table has 2027 now and not this year
    assert refused_code(imported) == "year_same"
    assert events() == ["calendar_imported"]


def test_an_import_is_refused_whole():
    assert refused_code(imported, by=make_user()) == "not_administrator"
    assert refused_code(imported, days={}) == "holidays_missing"
    assert refused_code(imported, days={date(2026, 12, 31): Holiday(False)}) == "holidays_missing"
    assert refused_code(imported, source="") == "source_needed"
    assert not WorkDay.objects.exists()


@pytest.mark.parametrize(
    ("moment", "year"),
    [
        (datetime(2026, 10, 31, 15, 59, tzinfo=UTC), None),  # 31 October in Shanghai
        (datetime(2026, 10, 31, 16, 0, tzinfo=UTC), 2027),  # 1 November there
        (datetime(2027, 3, 1, tzinfo=UTC), 2027),
    ],
)
def test_the_next_year_is_missed_from_november_on(moment, year):
    load_calendar(now=NOW)
    assert missing_year(moment) == year


def test_a_marketplace_without_a_calendar_is_not_warned():
    assert missing_year(NOW) is None
    assert warn_of_a_missing_year(NOW) == 0


def test_administrators_are_told_once_each():
    load_calendar(now=NOW)
    first, _stranger = make_admin(), make_user()
    assert warn_of_a_missing_year(NOW) == 1
    assert warn_of_a_missing_year(NOW) == 0
    second = make_admin()
    assert warn_of_a_missing_year(NOW) == 1
    assert set(Message.objects.filter(key="calendar-2027").values_list("user", flat=True)) == {first.pk, second.pk}
    imported()
    assert missing_year(NOW) is None
    make_admin()
    assert warn_of_a_missing_year(NOW) == 0


def test_what_the_package_has_learned_is_filled_in_without_a_warning():
    load_calendar(now=NOW)
    WorkDay.objects.filter(date__month=12).delete()
    make_admin()
    assert warn_of_a_missing_year(datetime(2026, 3, 1, tzinfo=UTC)) == 1
    assert not Message.objects.exists()
    assert WorkDay.objects.filter(date__year=2026).count() == 365


def test_a_deadline_never_falls_silently_on_an_unknown_day(settings: Settings):
    settings.ASSUME_PLAIN_CALENDAR = False
    load_calendar(now=NOW)
    late = datetime(2026, 12, 29, 4, 0, tzinfo=UTC)
    assert add_working_days(late, 2) == datetime(2027, 1, 1, 0, 0, tzinfo=SHANGHAI)
    for call in (lambda: add_working_days(late, 3), lambda: deadline(late, 3, {})):
        with pytest.raises(Refused) as refused:
            call()
        assert refused.value.code == "calendar_unknown"
        assert "2027" in str(refused.value)
    imported()
    assert add_working_days(late, 3) == datetime(2027, 1, 5, 0, 0, tzinfo=SHANGHAI)  # past the holiday and a weekend
    # The last day of the new year again ends where nobody knows.
    with pytest.raises(Refused):
        add_working_days(datetime(2027, 12, 31, 4, 0, tzinfo=UTC), 1)


def test_every_day_that_the_table_holds_decides_alone(settings: Settings):
    settings.ASSUME_PLAIN_CALENDAR = False
    imported()
    for row in WorkDay.objects.all():
        assert is_working_day(row.date) == row.is_working
