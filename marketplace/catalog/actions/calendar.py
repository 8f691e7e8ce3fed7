"""The calendar of working days: fill it, change a day, take over the State Council's list, warn when a year is missing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.models import Event, WorkDay
from marketplace.core.refusals import Invalid, Refused
from marketplace.core.workdays import SHANGHAI, known_days

from ..holidays import Holiday, check_year
from .process import catalog_process, check_curator

SOURCE_MAX, NOTE_MAX = 120, 80


@transaction.atomic
def load_calendar(*, now: datetime) -> int:
    """Fill the working calendar from chinesecalendar, from the year before `now` to the last that it knows; return the days.

    Days that exist stay as administrators left them; a second run changes nothing and records nothing. The calendar of a
    new year comes with a new release of the package, at the end of the year before.
    """
    known = set(WorkDay.objects.values_list("date", flat=True))
    fresh: list[WorkDay] = []
    for year in count(now.astimezone(SHANGHAI).year - 1):
        days = list(known_days(year))
        if not days:
            break
        fresh += [day for day in days if day.date not in known]
    WorkDay.objects.bulk_create(fresh)
    if fresh:
        data = {"days": len(fresh), "until": fresh[-1].date.isoformat()}
        record(catalog_process(now=now), "calendar_loaded", now=now, data=data, visibility=Event.Visibility.PUBLIC)
    return len(fresh)


def _source(text: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid("source_needed", _("请写明依据的文件，例如“国办发明电〔2025〕7号”，它会公开。"), field="source")
    if len(text) > SOURCE_MAX:
        raise Invalid("source_too_long", _("依据最多 %(most)d 个字。") % {"most": SOURCE_MAX}, field="source")
    return text


@transaction.atomic
def set_work_day(*, day: date, is_working: bool, note: str = "", source: str, by: Any, now: datetime) -> WorkDay:
    """Say of one day whether public bodies work, and by which document. Deadlines that were fixed before stay as they are.

    Refuses: not_administrator, source_needed, source_too_long, note_too_long, day_out_of_reach, day_same.
    """
    check_curator(by)
    process = lock(catalog_process(now=now))
    source, note = _source(source), note.strip()
    if len(note) > NOTE_MAX:
        raise Invalid("note_too_long", _("说明最多 %(most)d 个字。") % {"most": NOTE_MAX}, field="note")
    check_year(day.year)
    row = WorkDay.objects.filter(date=day).first() or WorkDay(date=day)
    before = None if row.pk is None else (row.is_working, row.note, row.source)
    if before == (is_working, note, source):
        raise Refused("day_same", _("这一天已经是这样记录的，没有改动。"))
    row.is_working, row.note, row.source = is_working, note, source
    row.save()
    data = {
        "date": day.isoformat(),
        "is_working": is_working,
        "was_working": before[0] if before else None,
        "note": note,
        "source": source,
    }
    record(process, "work_day_changed", by=by, now=now, subject=row, data=data)
    return row


@transaction.atomic
def import_holidays(*, year: int, days: Mapping[date, Holiday], source: str, by: Any, now: datetime) -> dict[str, int]:
    """Take over a year: the days of the State Council's list as it says, every other day by its weekday.

    Every day of the year is in the table afterwards, whatever stood there. Return how many days are `new` and `changed`.
    Refuses: not_administrator, source_needed, source_too_long, day_out_of_reach, holidays_missing, year_same.
    """
    check_curator(by)
    process = lock(catalog_process(now=now))
    source = _source(source)
    check_year(year)
    if not days or any(day.year != year for day in days):
        raise Invalid(
            "holidays_missing", _("名单里要有 %(year)d 年的日期，而且只有这一年的。") % {"year": year}, field="text"
        )
    known = {row.date: row for row in WorkDay.objects.filter(date__year=year)}
    fresh, changed = [], []
    for row in whole_year(year, days, source):
        old = known.get(row.date)
        if old is None:
            fresh.append(row)
        elif (old.is_working, old.note) != (row.is_working, row.note):
            old.is_working, old.note, old.source = row.is_working, row.note, source
            changed.append(old)
    if not fresh and not changed:
        raise Refused("year_same", _("%(year)d 年的工作日历已经与名单一致，没有改动。") % {"year": year})
    WorkDay.objects.bulk_create(fresh)
    WorkDay.objects.bulk_update(changed, ["is_working", "note", "source"])
    done = {"new": len(fresh), "changed": len(changed)}
    listed = {day.isoformat(): [one.is_working, one.note] for day, one in sorted(days.items())}
    record(
        process, "calendar_imported", by=by, now=now, data={"year": year, "source": source, **done, "listed": listed}
    )
    return done


def whole_year(year: int, days: Mapping[date, Holiday], source: str) -> list[WorkDay]:
    """Return every day of a year, unsaved: as the list says, else by its weekday."""
    first = date(year, 1, 1)
    found = []
    for offset in range((date(year + 1, 1, 1) - first).days):
        day = first + timedelta(days=offset)
        said = days.get(day) or Holiday(is_working=day.weekday() < 5)
        found.append(WorkDay(date=day, is_working=said.is_working, note=said.note, source=source))
    return found
