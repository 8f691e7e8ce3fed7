"""Desks of spot checks: rounds drawn from a committed seed, and the queue of firms to check."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column

from marketplace.core import clock
from marketplace.parties.actions import (
    commit_round,
    draw_round,
    fail_spot_check,
    fix_population,
    pass_spot_check,
)
from marketplace.parties.models import SpotCheck, SpotCheckRound
from marketplace.parties.states import SPOT_CHECK, SpotCheckStatus

from ..forms import SpotCheckRoundForm
from .columns import MomentColumn, StateColumn
from .desk import Desk, DeskNew, Verb


class SpotCheckRoundNew(DeskNew):
    """Commit to a seed."""

    page_title = gettext_lazy("公布一批抽查")
    submit_label = gettext_lazy("公布种子的承诺值")
    form_class = SpotCheckRoundForm

    def run(self, form: Any) -> SpotCheckRound:
        """Commit."""
        row = commit_round(by=self.request.user, now=clock.now(), **form.cleaned_data)
        messages.success(self.request, _("承诺值已公布。到时间自动确定范围、公布种子并抽取。"))
        return row


class SpotCheckRoundDesk(Desk):
    """Commit to draws, fix whom they draw from, and hold them."""

    model = SpotCheckRound
    icon = "list-ol"
    menu_label = gettext_lazy("抽查批次")
    related = ("created_by",)
    new_view_class = SpotCheckRoundNew
    list_display = [
        "__str__",
        MomentColumn("committed_at", label=gettext_lazy("承诺时间"), sort_key="committed_at"),
        Column("count", label=gettext_lazy("抽取数量"), sort_key="count"),
        MomentColumn("draws_at", label=gettext_lazy("抽取定于"), sort_key="draws_at"),
        MomentColumn("drawn_at", label=gettext_lazy("抽取时间"), sort_key="drawn_at"),
        Column("created_by", label=gettext_lazy("公布人")),
    ]
    ordering = "-committed_at"
    inspect_view_fields = [
        "committed_at", "commitment", "count", "draws_at", "fixed_at", "population", "drawn_at", "seed", "checks",
        "created_by",
    ]  # fmt: skip
    labels = {
        "__str__": gettext_lazy("批次"),
        "created_by": gettext_lazy("公布人"),
        "checks": gettext_lazy("抽中的机构"),
    }
    verbs = (
        Verb(
            "fix",
            gettext_lazy("确定抽取范围"),
            lambda row, _reason, by, now: fix_population(round=row, by=by, now=now),
            lambda row: row.fixed_at is None,
            gettext_lazy("范围已确定并公布；到时间再公布种子。"),
            reason="none",
        ),
        Verb(
            "draw",
            gettext_lazy("抽取"),
            lambda row, _reason, by, now: draw_round(round=row, by=by, now=now),
            lambda row: row.drawn_at is None and row.draws_at is not None and row.draws_at <= clock.now(),
            gettext_lazy("已公布种子并抽取，抽中的机构会收到通知。"),
            reason="none",
        ),
    )

    def show_population(self, row: SpotCheckRound) -> str:
        """Count; the list stands on the public page."""
        return _("%(count)d 家机构") % {"count": len(row.population)} if row.fixed_at else ""

    def show_checks(self, row: SpotCheckRound) -> str:
        """Link what was drawn, with how far the check is."""
        links = (
            (reverse("desk_spot_checks:inspect", args=[one.pk]), one.organization, one.get_status_display())
            for one in row.checks.select_related("organization").order_by("pk")
        )
        return format_html_join("", '<p><a href="{}">{}</a> {}</p>', links)


class SpotCheckDesk(Desk):
    """Check the firms that were drawn; those that wait come first."""

    model = SpotCheck
    icon = "tasks"
    menu_label = gettext_lazy("抽查任务")
    related = ("organization__process", "round", "decided_by")
    list_display = [
        "organization",
        MomentColumn("drawn_at", label=gettext_lazy("抽取时间"), accessor="round.drawn_at"),
        MomentColumn("decided_at", label=gettext_lazy("检查时间"), sort_key="decided_at"),
        StateColumn(),
    ]
    list_filter = ["status", "round"]
    search_fields = ["organization__name", "organization__uscc"]
    search_backend_name = None
    ordering = ("-status", "pk")
    inspect_view_fields = ["organization", "round", "status", "findings", "decided_by", "decided_at"]
    labels = {
        "organization": gettext_lazy("机构"),
        "round": gettext_lazy("抽查批次"),
        "decided_by": gettext_lazy("检查人"),
    }
    verbs = (
        Verb(
            "pass",
            gettext_lazy("合格"),
            lambda row, reason, by, now: pass_spot_check(check=row, findings=reason, by=by, now=now),
            lambda row: SPOT_CHECK.allows(row.status, SpotCheckStatus.PASSED),
            gettext_lazy("已记为合格，检查情况已公开。"),
            hint=gettext_lazy("检查了什么，例如“核对证书原件、在册人员社保，与所报一致”。会公开。"),
        ),
        Verb(
            "fail",
            gettext_lazy("发现问题"),
            lambda row, reason, by, now: fail_spot_check(check=row, findings=reason, by=by, now=now),
            lambda row: SPOT_CHECK.allows(row.status, SpotCheckStatus.FAILED),
            gettext_lazy("已记录并公开。要扣分的，请到“不良行为记录”办理。"),
            hint=gettext_lazy("发现了什么。会公开。"),
            is_danger=True,
        ),
        Verb(
            "suspend",
            gettext_lazy("发现问题，暂停承接"),
            lambda row, reason, by, now: fail_spot_check(check=row, findings=reason, suspend=True, by=by, now=now),
            lambda row: SPOT_CHECK.allows(row.status, SpotCheckStatus.FAILED),
            gettext_lazy("已记录并暂停，整改后请在“机构与业主”中恢复。"),
            hint=gettext_lazy("发现了什么、要整改什么。会公开。"),
            is_danger=True,
        ),
    )

    def public_url(self, row: SpotCheck) -> str:
        """Lead to the proof of the draw."""
        return row.round.get_absolute_url()

    def show_organization(self, row: SpotCheck) -> str:
        """Link the firm."""
        firm = row.organization
        return format_html('<a href="{}">{}</a> {}', firm.get_absolute_url(), firm.name, firm.uscc or "")
