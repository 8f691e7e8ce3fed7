"""Desks of what entry leaves on record, to read: letters that firms signed, lists of associations, questions to the library."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column

from marketplace.licences.models import LicenceReading
from marketplace.parties.models import Commitment, EntryBatch
from marketplace.parties.states import EntryBatchRowStatus

from .columns import MomentColumn, StateColumn
from .desk import Desk

ROLES = {"buyer": _("项目业主"), "intermediary": _("中介机构")}


class CommitmentDesk(Desk):
    """Read the commitment letters that firms and owners signed."""

    model = Commitment
    icon = "doc-full-inverse"
    menu_label = _("承诺书")
    related = ("organization__process", "signer")
    list_display = [
        "organization",
        Column("role", label=_("身份"), accessor=lambda row: ROLES.get(row.role, row.role), sort_key="role"),
        Column("version", label=_("版本"), sort_key="version"),
        Column("signer_name", label=_("签署人")),
        MomentColumn("signed_at", label=_("签署时间"), sort_key="signed_at"),
    ]
    list_filter = ["role", "version"]
    search_fields = ["organization__name", "organization__uscc", "sha256"]
    search_backend_name = None
    ordering = "-signed_at"
    inspect_view_fields = [
        "organization", "role", "version", "text", "sha256", "signer_name", "signer", "signed_at",
    ]  # fmt: skip
    labels = {"organization": _("单位"), "signer": _("账号"), "sha256": _("承诺书 SHA-256")}

    def public_url(self, row: Commitment) -> str:
        """Lead to the organization."""
        return row.organization.get_absolute_url()

    def show_role(self, row: Commitment) -> str:
        """Say as what it was signed."""
        return str(ROLES.get(row.role, row.role))

    def links(self, row: Commitment) -> list[tuple[str, str]]:
        """Lead those who decide to the letter, which the page that guards it hands out."""
        return [(reverse("parties:letter", args=[row.pk]), str(_("打开承诺书（PDF）")))]


class EntryBatchDesk(Desk):
    """Look at lists of associations: who gave one in, and what became of its rows."""

    model = EntryBatch
    icon = "table"
    menu_label = _("批量入驻")
    related = ("user",)
    list_display = [
        "association",
        Column("file_name", label=_("文件名")),
        Column("total", label=_("行数"), sort_key="total"),
        Column("entered", label=_("已登记"), sort_key="entered"),
        Column("wrong", label=_("有问题"), sort_key="wrong"),
        Column("user", label=_("上传人")),
        MomentColumn("created_at", label=_("上传时间"), sort_key="created_at"),
        StateColumn(),
    ]
    list_filter = ["status"]
    search_fields = ["association", "file_name", "user__username"]
    search_backend_name = None
    ordering = "-created_at"
    inspect_view_fields = [
        "association", "file_name", "sha256", "total", "entered", "wrong", "user", "created_at", "finished_at", "status",
    ]  # fmt: skip
    labels = {
        "user": _("上传人"), "sha256": _("文件 SHA-256"), "total": _("行数"), "entered": _("已登记"), "wrong": _("有问题"),
    }  # fmt: skip

    def rows(self) -> QuerySet[Any]:
        """Count the rows along."""
        entered = Count("rows", filter=Q(rows__status__in=(EntryBatchRowStatus.ENTERED, EntryBatchRowStatus.CONFIRMED)))
        wrong = Count("rows", filter=Q(rows__status=EntryBatchRowStatus.WRONG))
        return super().rows().annotate(total=Count("rows"), entered=entered, wrong=wrong)

    def links(self, row: EntryBatch) -> list[tuple[str, str]]:
        """Lead those who decide to the list row by row."""
        return [(reverse("parties:batch_list", args=[row.pk]), str(_("逐行查看")))]


class LicenceReadingDesk(Desk):
    """Read who asked the licence library for what, for whom and why, and what came of it."""

    model = LicenceReading
    icon = "password"
    menu_label = _("证照查询记录")
    related = ("by",)
    list_display = [
        "reference",
        Column("action", label=_("操作"), accessor="get_action_display"),
        Column("holder_code", label=_("持证主体"), accessor=lambda row: row.holder_code or row.identifier or "—"),
        Column("reason", label=_("申请事由")),
        Column("by", label=_("查询人"), accessor=lambda row: row.by or _("系统")),
        MomentColumn("at", label=_("时间"), sort_key="at"),
        StateColumn("outcome", label=_("结果")),
    ]
    list_filter = ["action", "outcome"]
    search_fields = ["organization_code", "organization_name", "holder_code", "identifier", "by__username"]
    search_backend_name = None
    ordering = "-pk"
    inspect_view_fields = [
        "reference", "action", "organization_name", "organization_code", "holder_code", "identifier", "reason", "by", "outcome",
        "refusal", "count", "at",
    ]  # fmt: skip
    labels = {"reference": _("查询编号")}

    def show_by(self, row: LicenceReading) -> str:
        """Name who asked; what the worker asks, nobody does."""
        return str(row.by or _("系统"))
