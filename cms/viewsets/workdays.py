"""The desk of the working calendar: a year as months, one day changed with its source, a year's list taken over."""

from __future__ import annotations

import calendar
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.auth import permission_denied
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton

from marketplace.catalog.actions import import_holidays, set_work_day
from marketplace.catalog.actions.calendar import whole_year
from marketplace.catalog.holidays import FIRST_YEAR, LAST_YEAR, Holiday, read_holidays
from marketplace.catalog.queries import missing_year
from marketplace.core import clock
from marketplace.core.models import WorkDay

from ..forms.calendar import DayForm, YearForm
from .desk import Desk, DeskForm

UNKNOWN, WORK, REST, HOLIDAY, MADE_UP = "is-unknown", "is-work", "is-rest", "is-holiday", "is-made-up"
LEGEND = {
    WORK: gettext_lazy("上班"),
    REST: gettext_lazy("周末休息"),
    HOLIDAY: gettext_lazy("放假"),
    MADE_UP: gettext_lazy("调休上班"),
    UNKNOWN: gettext_lazy("没有录入"),
}


@dataclass(frozen=True)
class Cell:
    """Be a day of the grid: what it is, and what is written under its number."""

    day: date
    kind: str
    note: str

    @property
    def words(self) -> str:
        """Say the whole of it, for those who do not see the grid."""
        said = [f"{self.day:%Y-%m-%d}", str(LEGEND[self.kind]), self.note]
        return _("，").join(part for part in said if part)


def kind_of(day: date, row: WorkDay | Holiday | None) -> str:
    """Tell what a day is: as its weekday says, or other than that by a document."""
    if row is None:
        return UNKNOWN
    is_weekend = day.weekday() >= 5
    if row.is_working:
        return MADE_UP if is_weekend else WORK
    return REST if is_weekend and not row.note else HOLIDAY


def months_of(year: int, rows: dict[date, Any]) -> list[tuple[int, list[list[Cell | None]]]]:
    """Return the twelve months of a year as weeks from Monday to Sunday, None where another month's day would be."""
    months = []
    for month in range(1, 13):
        weeks = []
        for week in calendar.Calendar().monthdayscalendar(year, month):
            days = [date(year, month, number) if number else None for number in week]
            weeks.append(
                [
                    None
                    if day is None
                    else Cell(day, kind_of(day, rows.get(day)), rows[day].note if day in rows else "")
                    for day in days
                ]
            )
        months.append((month, weeks))
    return months


class YearView(WagtailAdminTemplateMixin, TemplateView):
    """Show a year as months."""

    template_name = "cms/workdays/year.html"
    page_title = gettext_lazy("工作日历")
    viewset: Any = None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Let in who may look."""
        if not self.viewset.permission_policy.user_has_permission(request.user, "view"):
            return permission_denied(request)
        return super().dispatch(request, *args, **kwargs)

    @property
    def header_buttons(self) -> list[HeaderButton]:
        """Offer the import to those who decide."""
        if not self.viewset.permission_policy.user_has_permission(self.request.user, "decide"):
            return []
        url = reverse(self.viewset.get_url_name("import"))
        return [HeaderButton(_("录入一年的放假安排"), url=url, icon_name="plus")]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Say where one is."""
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the months of the year that was asked for, this one else."""
        now = clock.now()
        this_year = timezone.localdate(now).year
        asked = self.request.GET.get("year", "")
        year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else this_year
        year = min(max(year, FIRST_YEAR), LAST_YEAR)
        rows = {row.date: row for row in WorkDay.objects.filter(date__year=year)}
        counts = Counter(row.is_working for row in rows.values())
        return {
            **super().get_context_data(**kwargs),
            "year": year,
            "years": [year - 1, year + 1],
            "months": months_of(year, rows),
            "weekdays": tuple(WEEKDAYS_ABBR.values()),
            "legend": list(LEGEND.items()),
            "working": counts[True],
            "resting": counts[False],
            "is_whole": len(rows) == 365 + calendar.isleap(year),
            "sources": sorted({row.source for row in rows.values() if row.source}),
            "missing": missing_year(now),
            "may_decide": self.viewset.permission_policy.user_has_permission(self.request.user, "decide"),
        }


class DayView(DeskForm):
    """Change one day."""

    submit_label = gettext_lazy("保存这一天")
    form_class = DayForm

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Find the day."""
        super().setup(request, *args, **kwargs)
        try:
            self.day = date.fromisoformat(kwargs["day"])
        except ValueError as wrong:
            raise Http404 from wrong
        self.row = WorkDay.objects.filter(date=self.day).first()
        self.page_title = f"{self.day:%Y-%m-%d} {WEEKDAYS[self.day.weekday()]}"

    def get_initial(self) -> dict[str, Any]:
        """Begin with what stands there; the source is to be named anew."""
        working = self.row.is_working if self.row else self.day.weekday() < 5
        return {"is_working": "yes" if working else "no", "note": self.row.note if self.row else ""}

    def answer(self, form: Any) -> HttpResponse:
        """Change it and go back to its year."""
        set_work_day(day=self.day, **form.cleaned_data, by=self.request.user, now=clock.now())
        messages.success(self.request, _("已保存 %(day)s。以前算好的期限不变。") % {"day": self.day.isoformat()})
        return redirect(f"{reverse(self.viewset.get_url_name('index'))}?year={self.day.year}")


class ImportView(DeskForm):
    """Take over a year's list: "preview" shows the months as they would be, "save" makes them so."""

    template_name = "cms/workdays/import.html"
    page_title = gettext_lazy("录入一年的放假安排")
    submit_label = gettext_lazy("录入这一年")
    form_class = YearForm

    def get_initial(self) -> dict[str, Any]:
        """Begin with the year that is missing, else the next."""
        now = clock.now()
        return {"year": missing_year(now) or timezone.localdate(now).year + 1}

    def answer(self, form: Any) -> HttpResponse:
        """Show or take over the list."""
        given = form.cleaned_data
        year = given["year"]
        days = read_holidays(given["text"], year)
        if "preview" in self.request.POST:
            rows = {row.date: row for row in whole_year(year, days, given["source"])}
            shown = {
                "months": months_of(year, rows),
                "weekdays": tuple(WEEKDAYS_ABBR.values()),
                "year": year,
                "legend": LEGEND.items(),
            }
            return self.render_to_response(self.get_context_data(form=form, is_preview=True, **shown))
        done = import_holidays(year=year, days=days, source=given["source"], by=self.request.user, now=clock.now())
        words = _("%(year)d 年已录入：新增 %(new)d 天，修改 %(changed)d 天。")
        messages.success(self.request, words % {"year": year, **done})
        return redirect(f"{reverse(self.viewset.get_url_name('index'))}?year={year}")


class WorkDayDesk(Desk):
    """Look at the working calendar, change a day, take over a year."""

    model = WorkDay
    icon = "calendar-alt"
    menu_label = gettext_lazy("工作日历")

    def get_urlpatterns(self) -> list[Any]:
        """Offer the year, a day and the import."""
        return [
            path("", YearView.as_view(viewset=self), name="index"),
            path("day/<str:day>/", DayView.as_view(viewset=self), name="day"),
            path("import/", ImportView.as_view(viewset=self), name="import"),
        ]
