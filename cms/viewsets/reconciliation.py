"""The finance desk: days with the totals of both sides, a day with its breaks and bills, a bill by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import Count
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.auth import permission_denied
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

from marketplace.core.money import format_yuan
from payments.actions.bills import take_bill
from payments.actions.reconciliation import reconcile_day
from payments.bills.states import BreakStatus, DayStatus
from payments.models import Bill, BillKind, Break, LineType, Reconciliation

from ..forms.bills import BillForm
from ..reconciliation_chart import DAYS, chart
from .breaks import KINDS, KindColumn
from .columns import MomentColumn
from .desk import Desk, DeskIndex, DeskInspect, DeskNew, Verb

DAY_KINDS = {
    DayStatus.WAITING: "waiting",
    DayStatus.BALANCED: "open",
    DayStatus.DIFFERING: "danger",
    DayStatus.FAILED: "danger",
}


def pair(kind: str) -> Callable[[Reconciliation], str]:
    """Return what shows both sides of a kind of line, one figure where they agree."""

    def shown(row: Reconciliation) -> str:
        ours, theirs = abs(row.ours.get(kind, 0)), abs(row.theirs.get(kind, 0))
        return format_yuan(ours) if ours == theirs else f"{format_yuan(ours)} / {format_yuan(theirs)}"

    return shown


def breaks_in_words(row: Reconciliation) -> str:
    """Say how many breaks of each class are not over."""
    counts: Counter[str] = row.open_breaks  # type: ignore[attr-defined]
    labels = dict(Break.Class.choices)
    return "，".join(f"{labels[name]} {count}" for name, count in sorted(counts.items())) or "—"


def open_breaks(days: list[date]) -> dict[date, Counter[str]]:
    """Count the breaks that are not over, per day and class."""
    found: dict[date, Counter[str]] = {day: Counter() for day in days}
    rows = Break.objects.filter(day__in=days).exclude(status=BreakStatus.RESOLVED).order_by()
    for day, cls, count in rows.values_list("day", "cls").annotate(count=Count("pk")):
        found[day][cls] = count
    return found


class DayFilter(WagtailFilterSet):
    """Choose days by date and state."""

    day = django_filters.DateFromToRangeFilter(label=gettext_lazy("账单日"))

    class Meta:
        model = Reconciliation
        fields = ["day", "status"]


class DayIndex(DeskIndex):
    """List the days under the chart."""

    template_name = "cms/reconciliation/index.html"

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the chart, and to each day of the page its breaks."""
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        newest = list(Reconciliation.objects.order_by("-day")[:DAYS])
        shown = list(context["object_list"])
        counts = open_breaks([row.day for row in {*newest, *shown}])
        for row in shown:
            row.open_breaks = counts[row.day]
        return {**context, "chart": chart(newest, {day: sum(one.values()) for day, one in counts.items()})}


class BillUpload(DeskNew):
    """Take a bill by hand, where the download fails."""

    page_title = gettext_lazy("上传账单")
    submit_label = gettext_lazy("上传并对账")
    form_class = BillForm
    template_name = "cms/reconciliation/upload.html"

    def run(self, form: Any) -> Reconciliation:
        """Take it and match its day."""
        bill = take_bill(content=form.cleaned_data["file"].read(), by=self.request.user)
        row = reconcile_day(day=bill.day, fetch=False, by=self.request.user)
        said = {"bill": bill, "count": bill.lines_count}
        messages.success(self.request, _("已收到%(bill)s，共 %(count)s 行，并已核对。") % said)
        return row


class DayInspect(DeskInspect):
    """Show a day: both sides, its bills, its breaks."""

    def get_page_title(self) -> str:
        """Say which day it is."""
        return _("%(day)s 对账") % {"day": self.object.day.isoformat()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the totals, the breaks that were asked for, and the bills."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        day = self.object.day
        chosen = {"cls": self.request.GET.get("cls", ""), "status": self.request.GET.get("status", "")}
        breaks = Break.objects.filter(day=day).select_related("owner").order_by("book", "cls", "pk")
        breaks = breaks.filter(**{name: value for name, value in chosen.items() if value})
        rows = [
            (kind.label, self.object.ours.get(kind, 0), self.object.theirs.get(kind, 0))
            for kind in LineType
            if self.object.ours.get(kind) or self.object.theirs.get(kind)
        ]
        desk = reverse("desk_breaks:index")
        return {
            **context,
            "totals": [(label, ours, theirs, theirs - ours) for label, ours, theirs in rows],
            "breaks": [(row, KINDS[BreakStatus(row.status)]) for row in breaks[:200]],
            "chosen": chosen,
            "classes": Break.Class.choices,
            "statuses": BreakStatus.choices,
            "all_url": f"{desk}?day_from={day.isoformat()}&day_to={day.isoformat()}",
            "bills": Bill.objects.filter(day=day).select_related("uploaded_by").order_by("kind", "-downloaded_at"),
        }


class ReconciliationDesk(Desk):
    """Look at days and their totals; match one again, fetch its bills again, bring a bill by hand."""

    model = Reconciliation
    icon = "table"
    menu_label = gettext_lazy("每日对账")
    index_view_class = DayIndex
    inspect_view_class = DayInspect
    inspect_template_name = "cms/reconciliation/day.html"
    index_template_name = "cms/reconciliation/index.html"
    new_view_class = BillUpload
    list_display = [
        "day",
        KindColumn(DAY_KINDS),
        Column("payment", label=gettext_lazy("收款（元，本地 / 支付宝）"), accessor=pair("payment")),
        Column("refund", label=gettext_lazy("退款"), accessor=pair("refund")),
        Column("transfer", label=gettext_lazy("结算"), accessor=pair("transfer")),
        Column("fee", label=gettext_lazy("服务费"), accessor=pair("fee")),
        Column("breaks", label=gettext_lazy("未了结的差异"), accessor=breaks_in_words),
        MomentColumn("ran_at", label=gettext_lazy("对账时间"), sort_key="ran_at"),
    ]
    filterset_class = DayFilter
    ordering = "-day"
    inspect_view_fields = ["day", "status", "failure", "runs", "ran_at", "next_attempt_at"]
    labels = {"next_attempt_at": gettext_lazy("下次尝试")}
    verbs = (
        Verb(
            "match",
            gettext_lazy("现在再对一次"),
            lambda row, _reason, by, now: reconcile_day(day=row.day, by=by, now=now),
            lambda _row: True,
            gettext_lazy("已重新核对。"),
            reason="none",
        ),
        Verb(
            "fetch",
            gettext_lazy("重新下载账单"),
            lambda row, _reason, by, now: reconcile_day(day=row.day, by=by, now=now, again=True),
            lambda _row: True,
            gettext_lazy("已重新下载并核对。"),
            reason="none",
        ),
    )

    def get_urlpatterns(self) -> list[Any]:
        """Add the bills' files."""
        return [*super().get_urlpatterns(), path("bills/<int:pk>/", self.bill, name="bill")]

    def bill(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Give a bill's file as it came to those who may look."""
        if not self.permission_policy.user_has_permission(request.user, "view"):
            return permission_denied(request)
        found = Bill.objects.filter(pk=pk).first()
        if found is None:
            raise Http404
        name = f"alipay-{BillKind(found.kind).name.lower()}-{found.day.isoformat()}.zip"
        return FileResponse(found.file.open("rb"), as_attachment=True, filename=name)
