"""The desk of penalties: look, impose, withdraw on appeal or by repair."""

from __future__ import annotations

from typing import Any

import django_filters
from django.contrib import messages
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

from marketplace.reviews.actions import impose_penalty, withdraw_penalty
from marketplace.reviews.models import Penalty
from marketplace.reviews.penalty_codes import PENALTY_CODES
from marketplace.reviews.states import PENALTY, PenaltyStatus

from ..forms import PenaltyForm
from .columns import MomentColumn
from .desk import Desk, DeskNew, Verb


def _may_withdraw(row: Penalty) -> bool:
    return PENALTY.allows(row.status, PenaltyStatus.WITHDRAWN)


def outcome(row: Penalty) -> str:
    """Say what became of a penalty."""
    if row.repaired_at is not None:
        return _("已修复")
    return _("申诉成立，已撤销") if row.withdrawn_at is not None else _("有效")


class PenaltyFilter(WagtailFilterSet):
    """Choose penalties by behavior, state and day."""

    code = django_filters.ChoiceFilter(
        label=gettext_lazy("行为"), choices=[(name, code.label) for name, code in PENALTY_CODES.items()]
    )
    at = django_filters.DateFromToRangeFilter(label=gettext_lazy("记录时间"))

    class Meta:
        model = Penalty
        fields = ["code", "status", "at"]


class PenaltyNew(DeskNew):
    """Impose a penalty; the party may stand in the address."""

    page_title = gettext_lazy("记录不良行为")
    submit_label = gettext_lazy("记录并公开")
    form_class = PenaltyForm

    def get_initial(self) -> dict[str, Any]:
        """Begin with the party from whose desk one comes."""
        return {"organization": self.request.GET.get("organization", "")}

    def run(self, form: Any) -> Penalty:
        """Impose it."""
        penalty = impose_penalty(by=self.request.user, **form.cleaned_data)  # type: ignore[arg-type]
        messages.success(self.request, _("已记录并公开，该单位会收到通知。"))
        return penalty


class PenaltyDesk(Desk):
    """Look at penalties; the newest come first."""

    model = Penalty
    icon = "warning"
    menu_label = gettext_lazy("不良行为记录")
    related = ("organization__process", "award__tender", "by")
    new_view_class = PenaltyNew
    list_display = [
        "organization",
        Column("code", label=gettext_lazy("行为"), accessor="label", sort_key="code"),
        Column("points", label=gettext_lazy("扣分"), sort_key="points"),
        MomentColumn("at", label=gettext_lazy("记录时间"), sort_key="at"),
        MomentColumn("counts_until", label=gettext_lazy("计入信用分到"), sort_key="counts_until"),
        Column("outcome", label=gettext_lazy("状态"), accessor=outcome),
    ]
    filterset_class = PenaltyFilter
    search_fields = ["organization__name", "organization__uscc", "text"]
    search_backend_name = None
    ordering = "-at"
    list_export = ["organization", "label", "points", "text", "at", "get_status_display", "withdrawal"]
    export_headings = {"label": gettext_lazy("行为"), "get_status_display": gettext_lazy("状态")}
    export_filename = "penalties"
    inspect_view_fields = [
        "organization", "code", "points", "text", "award", "by", "at", "counts_until", "status", "withdrawn_at",
        "withdrawal", "repaired_at",
    ]  # fmt: skip
    labels = {"by": gettext_lazy("记录人"), "label": gettext_lazy("行为")}
    verbs = (
        Verb(
            "repair",
            gettext_lazy("信用修复"),
            lambda row, reason, by, now: withdraw_penalty(penalty=row, reason=reason, is_repaired=True, by=by, now=now),
            _may_withdraw,
            gettext_lazy("已修复，不再计入信用分；记录和修复理由继续公开。"),
            hint=gettext_lazy("该单位改正了什么，例如“已补签合同并按期交付”。会公开。"),
        ),
        Verb(
            "appeal",
            gettext_lazy("申诉成立，撤销"),
            lambda row, reason, by, now: withdraw_penalty(
                penalty=row, reason=reason, is_repaired=False, by=by, now=now
            ),
            _may_withdraw,
            gettext_lazy("已撤销，不再计入信用分。因它暂停承接的，请在“机构与业主”中恢复。"),
            hint=gettext_lazy("原来的认定错在哪里。会公开。"),
            is_danger=True,
        ),
    )

    def public_url(self, row: Penalty) -> str:
        """Lead to the party's public record."""
        return f"{row.organization.get_absolute_url()}#penalty-{row.pk}"

    def show_code(self, row: Penalty) -> str:
        """Name the behavior and what follows."""
        return f"{row.label}。{row.follows}"

    def show_award(self, row: Penalty) -> str:
        """Link the award that it is about."""
        if row.award is None:
            return ""
        return format_html('<a href="{}">{}</a>', row.award.get_absolute_url(), row.award.tender)

    def show_by(self, row: Penalty) -> str:
        """Name who imposed it."""
        return str(row.by or _("系统自动记录"))

    def show_status(self, row: Penalty) -> str:
        """Say what became of it."""
        return outcome(row)
