"""Working days: the arithmetic of deadlines over a calendar that administrators can edit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar
from django.conf import settings
from django.utils.translation import gettext as _

from .models import WorkDay
from .refusals import Refused

SHANGHAI = ZoneInfo("Asia/Shanghai")


def is_working_day(day: date, known: Mapping[date, bool] | None = None) -> bool:
    """Tell whether public bodies work on `day`; `known` are rows of the table read before, for long lists.

    The table decides; a day that it lacks is looked up in chinesecalendar (holidays and make-up days by State Council
    notice). Refuses with `calendar_unknown` when neither knows the year: a deadline never falls silently on an unknown day.
    """
    rows = table_between(day, day) if known is None else known
    if day in rows:
        return rows[day]
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError as missing:
        if settings.ASSUME_PLAIN_CALENDAR:
            return day.weekday() < 5
        raise Refused(
            "calendar_unknown", _("%(year)s 年的工作日历还没有录入，请联系平台管理机构。") % {"year": day.year}
        ) from missing


def known_days(year: int) -> Iterator[WorkDay]:
    """Yield the days of a year as chinesecalendar knows them, unsaved; nothing for a year that it does not know.

    A holiday, and a day on which one works for it, say the holiday's name.
    """
    day = date(year, 1, 1)
    while day.year == year:
        try:
            is_working = bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            return
        _is_holiday, name = chinese_calendar.get_holiday_detail(day)
        note = "" if name is None else str(chinese_calendar.Holiday(name).chinese)
        if note and is_working:
            note += "调休上班"
        yield WorkDay(date=day, is_working=is_working, note=note, source="chinesecalendar")
        day += timedelta(days=1)


def end_of(day: date) -> datetime:
    """Return the end of a day, 24:00 in Shanghai: when a limit that names the day is over."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=SHANGHAI)


def deadline(since: datetime, days: int, rules: Mapping[str, Any]) -> datetime:
    """Return when a limit of `days` working days that begins at `since` ends; none at all ends at once.

    Where frozen rules say `working_day_seconds` (demonstrations), a working day lasts so many seconds.
    """
    seconds = int(rules.get("working_day_seconds") or 0)
    if seconds or days <= 0:
        return since + timedelta(seconds=seconds * max(days, 0))
    return add_working_days(since, days)


def table_between(since: date, until: date) -> dict[date, bool]:
    """Return the table's rows between two days, for `is_working_day` and `add_working_days` over many moments."""
    return dict(WorkDay.objects.filter(date__gte=since, date__lte=until).values_list("date", "is_working"))


def add_working_days(moment: datetime, days: int, known: Mapping[date, bool] | None = None) -> datetime:
    """Return the end (24:00 in Shanghai, as a UTC-comparable aware moment) of the `days`-th working day after `moment`.

    The day on which the period begins does not count (《民法典》 art. 201).
    """
    day = moment.astimezone(SHANGHAI).date()
    while days > 0:
        day += timedelta(days=1)
        if is_working_day(day, known):
            days -= 1
    return end_of(day)
