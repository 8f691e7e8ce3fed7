"""Desks of entry: public notices, what is said against them, and who claims an organization."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column

from marketplace.parties.actions import dismiss_objection, grant_claim, refuse_claim, uphold_objection
from marketplace.parties.models import EntryClaim, Publicity, PublicityObjection
from marketplace.parties.rules import may_see_objector
from marketplace.parties.states import ENTRY_CLAIM, PUBLICITY_OBJECTION, EntryClaimStatus, PublicityObjectionStatus
from payments.funds import masked

from .columns import MomentColumn, StateColumn
from .desk import Desk, DeskInspect, Verb

ONLY_FOR_DECIDING = _("只给处理异议的管理机构查看")
# What others than those who decide read of an objector; no more of it is anybody's.
CONCEALED: dict[str, Callable[[PublicityObjection], str]] = {
    "name": lambda _row: str(ONLY_FOR_DECIDING),
    "user": lambda _row: str(ONLY_FOR_DECIDING),
    "phone": lambda row: masked(row.phone),
}


class PublicityDesk(Desk):
    """Look at public notices; what is decided about them is decided on their objections."""

    model = Publicity
    icon = "view"
    menu_label = _("入驻公示")
    related = ("organization",)
    list_display = [
        "organization",
        Column(
            "services", label=_("服务"), accessor=lambda row: "、".join(one["name"] for one in row.shown["services"])
        ),
        MomentColumn("starts_at", label=_("开始"), sort_key="starts_at"),
        MomentColumn("ends_at", label=_("截止"), sort_key="ends_at"),
        Column("number", label=_("异议"), sort_key="number"),
        StateColumn(),
    ]
    list_filter = ["status"]
    search_fields = ["organization__name", "organization__uscc"]
    search_backend_name = None
    ordering = "-starts_at"
    inspect_view_fields = ["organization", "shown", "starts_at", "ends_at", "held_at", "objections", "status"]
    labels = {"organization": _("机构"), "shown": _("公示内容"), "objections": _("异议"), "number": _("异议")}

    def rows(self) -> QuerySet[Any]:
        """Count the objections along."""
        return super().rows().annotate(number=Count("objections"))

    def show_shown(self, row: Publicity) -> str:
        """Name the services and the certificates that they rest on."""
        services = "、".join(one["name"] for one in row.shown["services"])
        papers = "、".join(
            f"{one['kind_name']} {one['grade']} {one['number']}".replace("  ", " ") for one in row.shown["certificates"]
        )
        return format_html("<p>{}</p><p>{}</p>", services, papers)

    def show_objections(self, row: Publicity) -> str:
        """Link each."""
        links = (
            (reverse("desk_publicity_objections:inspect", args=[one.pk]), one.text[:40], one.get_status_display())
            for one in row.objections.all()
        )
        return format_html_join("", '<p><a href="{}">{}</a> {}</p>', links)


class PublicityObjectionInspect(DeskInspect):
    """Show an objection; who objected is for those who may see it (rules.may_see_objector), for others what kind it was."""

    def get_field_display_value(self, field_name: str, field: Any) -> Any:
        """Hide name and account, and mask the telephone; papers, which may name people, no desk opens to those who look."""
        if field_name in CONCEALED and not may_see_objector(self.request.user, self.object):
            return CONCEALED[field_name](self.object)
        return super().get_field_display_value(field_name, field)


class PublicityObjectionDesk(Desk):
    """Decide what is said against public notices; those that wait come first."""

    model = PublicityObjection
    icon = "comment"
    menu_label = _("公示异议")
    inspect_view_class = PublicityObjectionInspect
    related = ("publicity__organization__process", "user", "decided_by")
    list_display = [
        "publicity",
        Column("text", label=_("异议内容"), accessor=lambda row: row.text[:60]),
        Column("objector", label=_("异议人"), accessor=lambda row: row.get_objector_display() or "—"),
        MomentColumn("filed_at", label=_("提出时间"), sort_key="filed_at"),
        StateColumn(),
    ]
    list_filter = ["status", "objector"]
    search_fields = ["publicity__organization__name", "publicity__organization__uscc", "text"]
    search_backend_name = None
    ordering = ("decided_at", "filed_at")
    inspect_view_fields = [
        "publicity", "text", "file", "sha256", "objector", "name", "phone", "user", "filed_at", "status", "reason",
        "decided_by", "decided_at",
    ]  # fmt: skip
    labels = {"publicity": _("公示"), "user": _("账号"), "sha256": _("材料 SHA-256"), "decided_by": _("处理人")}
    verbs = (
        Verb(
            "dismiss",
            _("异议不成立"),
            lambda row, reason, by, now: dismiss_objection(objection=row, reason=reason, by=by, now=now),
            lambda row: PUBLICITY_OBJECTION.allows(row.status, PublicityObjectionStatus.DISMISSED),
            _("已记为不成立。没有别的异议时，公示继续，剩下的天数照算。"),
            hint=_("核实了什么。会公开。"),
        ),
        Verb(
            "uphold",
            _("异议成立"),
            lambda row, reason, by, now: uphold_objection(objection=row, reason=reason, by=by, now=now),
            lambda row: PUBLICITY_OBJECTION.allows(row.status, PublicityObjectionStatus.UPHELD),
            _("公示不通过，所公示的服务已暂停。资质本身失效的，请到“资质核验”终止。"),
            hint=_("哪一点不实。会公开。"),
            is_danger=True,
        ),
    )

    def public_url(self, row: PublicityObjection) -> str:
        """Lead to the notice."""
        return row.publicity.get_absolute_url()

    def show_publicity(self, row: PublicityObjection) -> str:
        """Link the notice on its desk."""
        notice = row.publicity
        url = reverse("desk_publicities:inspect", args=[notice.pk])
        return format_html('<a href="{}">{}</a> {}', url, notice.organization, notice.get_status_display())

    def show_file(self, row: PublicityObjection) -> str:
        """Link what was sent along, which only the desk hands out."""
        if not row.file:
            return str(_("没有材料"))
        url = reverse("parties:objection_file", args=[row.pk])
        return format_html('<a href="{}">{}</a>', url, _("打开材料"))


def _grant(row: EntryClaim, reason: str, by: Any, now: datetime) -> Any:
    return grant_claim(claim=row, reason=reason, by=by, now=now)


def _refuse(row: EntryClaim, reason: str, by: Any, now: datetime) -> Any:
    return refuse_claim(claim=row, reason=reason, by=by, now=now)


def _is_ours(row: EntryClaim) -> bool:
    """Tell whether the marketplace decides by now: until then the organization's own administrators do."""
    return row.escalated_at is not None


class EntryClaimDesk(Desk):
    """Decide who may act for an organization that somebody else has entered."""

    model = EntryClaim
    icon = "key"
    menu_label = _("认领申请")
    related = ("organization__process", "user", "answered_by", "decided_by")
    list_display = [
        "organization",
        "user",
        MomentColumn("filed_at", label=_("提出时间"), sort_key="filed_at"),
        MomentColumn("due_at", label=_("原管理员答复截止"), sort_key="due_at"),
        StateColumn(),
    ]
    list_filter = ["status"]
    search_fields = ["organization__name", "organization__uscc", "user__username"]
    search_backend_name = None
    ordering = ("decided_at", "filed_at")
    inspect_view_fields = [
        "organization", "user", "statement", "file", "sha256", "filed_at", "due_at", "answer", "answered_by", "escalated_at",
        "status", "reason", "decided_by", "decided_at",
    ]  # fmt: skip
    labels = {
        "organization": _("单位"), "user": _("申请人"), "sha256": _("材料 SHA-256"), "decided_by": _("处理人"),
        "answered_by": _("答复人"),
    }  # fmt: skip
    verbs = (
        Verb(
            "grant",
            _("同意"),
            _grant,
            lambda row: _is_ours(row) and ENTRY_CLAIM.allows(row.status, EntryClaimStatus.GRANTED),
            _("已同意，申请人成为这个单位的管理员，原来的管理员会收到通知。"),
            hint=_("核对了什么，例如“授权书与营业执照一致，已电话核实”。"),
        ),
        Verb(
            "refuse",
            _("不同意"),
            _refuse,
            lambda row: _is_ours(row) and ENTRY_CLAIM.allows(row.status, EntryClaimStatus.REFUSED),
            _("已记为不同意，申请人会看到原因。"),
            hint=_("申请人会看到这个原因。"),
            is_danger=True,
        ),
    )

    def show_escalated_at(self, row: EntryClaim) -> Any:
        """Say since when the marketplace decides, or that it does not yet."""
        if row.escalated_at is None and row.status == EntryClaimStatus.FILED:
            return _("还没有：先等本单位管理员答复，逾期或者不同意的，由平台决定")
        return row.escalated_at and date_format(timezone.localtime(row.escalated_at), "Y-m-d H:i")

    def public_url(self, row: EntryClaim) -> str:
        """Lead to the organization."""
        return row.organization.get_absolute_url()

    def show_file(self, row: EntryClaim) -> str:
        """Link the authorization, which the page that guards it hands out."""
        if not row.file:
            return str(_("没有材料"))
        return format_html('<a href="{}">{}</a>', reverse("parties:claim_file", args=[row.pk]), _("打开材料"))
