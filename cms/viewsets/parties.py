"""Desks of parties: certificates to check, and organizations."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn

from marketplace.parties.actions import (
    confirm_qualification,
    end_qualification,
    refuse_qualification,
    remove_organization,
    renew_qualification,
    restore_organization,
    suspend_organization,
)
from marketplace.parties.models import Organization, Qualification
from marketplace.parties.queries import shareholders
from marketplace.parties.states import ORGANIZATION, QUALIFICATION, OrganizationStatus, QualificationStatus

from .columns import MomentColumn, StateColumn
from .desk import Desk, Verb


def _may_check(row: Qualification) -> bool:
    return QUALIFICATION.allows(row.status, QualificationStatus.VALID)


class QualificationDesk(Desk):
    """Check certificates; those that wait come first."""

    model = Qualification
    icon = "clipboard-list"
    menu_label = _("资质核验")
    related = ("organization__process", "kind")
    list_display = ["organization", "kind", "grade", "number", "valid_until", "origin", StateColumn()]
    list_filter = ["status", "origin", "kind"]
    search_fields = ["number", "organization__name", "organization__uscc"]
    search_backend_name = None
    ordering = ("waits", "-pk")
    inspect_view_fields = [
        "organization", "kind", "grade", "scope", "number", "issuer", "issued_on", "valid_until", "identifier", "origin",
        "read_at", "file", "sha256", "status", "note",
    ]  # fmt: skip
    labels = {"organization": _("机构"), "sha256": _("扫描件 SHA-256")}
    verbs = (
        Verb(
            "confirm",
            _("核验通过"),
            lambda row, reason, by, now: confirm_qualification(qualification=row, note=reason, by=by, now=now),
            _may_check,
            _("核验通过，机构会收到通知，等待它的服务已变为可承接。"),
            reason="optional",
            hint=_("核对了什么，例如“已在发证机关网站查验”。"),
        ),
        Verb(
            "refuse",
            _("核验不通过"),
            lambda row, reason, by, now: refuse_qualification(qualification=row, note=reason, by=by, now=now),
            lambda row: QUALIFICATION.allows(row.status, QualificationStatus.REFUSED),
            _("已记为核验不通过，机构会看到原因。"),
            hint=_("机构会看到这个原因。"),
            is_danger=True,
        ),
        Verb(
            "end",
            _("终止资质"),
            lambda row, reason, by, now: end_qualification(qualification=row, note=reason, by=by, now=now),
            lambda row: QUALIFICATION.allows(row.status, QualificationStatus.ENDED),
            _("资质已终止，靠它承接的服务已暂停。"),
            hint=_("例如“发证机关已吊销”。"),
            is_danger=True,
        ),
        Verb(
            "renew",
            _("恢复资质"),
            lambda row, reason, by, now: renew_qualification(
                qualification=row, valid_until=row.valid_until, note=reason, by=by, now=now
            ),
            lambda row: (
                row.status == QualificationStatus.ENDED and QUALIFICATION.allows(row.status, QualificationStatus.VALID)
            ),
            _("资质已恢复，凭它承接的服务随之恢复。"),
            hint=_("依据是什么，例如“发证机关已撤销吊销决定”。"),
        ),
    )

    def rows(self) -> QuerySet[Any]:
        """Put what waits first."""
        first = Case(
            When(Q(status=QualificationStatus.DECLARED), then=Value(0)), default=Value(1), output_field=IntegerField()
        )
        return super().rows().annotate(waits=first)

    def show_organization(self, row: Qualification) -> str:
        """Link the firm's own page."""
        firm = row.organization
        return format_html('<a href="{}">{}</a> {}', firm.get_absolute_url(), firm.name, firm.uscc or "")

    def show_file(self, row: Qualification) -> str:
        """Link the scan, which the page that guards it hands out."""
        if not row.file:
            return str(_("没有上传扫描件"))
        return format_html('<a href="{}">{}</a>', reverse("parties:certificate", args=[row.pk]), _("打开扫描件"))


class OrganizationDesk(Desk):
    """Look at parties; suspend, restore, remove."""

    model = Organization
    icon = "group"
    menu_label = _("机构与业主")
    related = ("process", "region")
    list_display = [
        "name", "uscc", "kind", BooleanColumn("is_intermediary", label=_("中介机构"), sort_key="is_intermediary"),
        BooleanColumn("is_buyer", label=_("项目业主"), sort_key="is_buyer"), "region",
        MomentColumn("entered_at", label=_("入驻时间"), sort_key="entered_at"), StateColumn(),
    ]  # fmt: skip
    list_filter = ["status", "kind", "is_intermediary", "is_buyer"]
    search_fields = ["name", "uscc"]
    search_backend_name = None
    list_export = [
        "name",
        "uscc",
        "get_kind_display",
        "region",
        "contact_name",
        "phone",
        "entered_at",
        "get_status_display",
    ]
    export_headings = {"get_kind_display": _("性质"), "get_status_display": _("状态")}
    export_filename = "organizations"
    inspect_view_fields = [
        "name", "uscc", "kind", "is_intermediary", "is_buyer", "region", "address", "legal_representative",
        "contact_name", "phone", "email", "introduction", "shareholdings", "entered_at", "commitment_hash", "status",
        "suspended_until",
    ]  # fmt: skip
    labels = {"shareholdings": _("股东")}
    verbs = (
        Verb(
            "suspend",
            _("暂停"),
            lambda row, reason, by, now: suspend_organization(organization=row, reason=reason, by=by, now=now),
            lambda row: ORGANIZATION.allows(row.status, OrganizationStatus.SUSPENDED),
            _("已暂停，该单位不能再报名和发布；已签的合同继续履行。"),
            hint=_("原因会公开。"),
            is_danger=True,
        ),
        Verb(
            "restore",
            _("恢复"),
            lambda row, reason, by, now: restore_organization(organization=row, reason=reason, by=by, now=now),
            lambda row: (
                row.status != OrganizationStatus.ACTIVE and ORGANIZATION.allows(row.status, OrganizationStatus.ACTIVE)
            ),
            _("已恢复，该单位可以继续办理业务。"),
            hint=_("原因会公开。"),
        ),
        Verb(
            "remove",
            _("清退"),
            lambda row, reason, by, now: remove_organization(organization=row, reason=reason, by=by, now=now),
            lambda row: ORGANIZATION.allows(row.status, OrganizationStatus.REMOVED),
            _("已清退。"),
            hint=_("清退不能撤销，原因会公开。"),
            is_danger=True,
        ),
    )

    def show_shareholdings(self, row: Organization) -> str:
        """Name all holders with their shares."""
        return "；".join(
            f"{one.holder} {one.holder_code} {one.percent}%".replace("  ", " ") for one in shareholders(row)
        )

    def links(self, row: Organization) -> list[tuple[str, str]]:
        """Lead to the record and to the holders."""
        links = [(f"{reverse('desk_penalties:new')}?organization={row.uscc or row.name}", str(_("记录不良行为")))]
        if row.kind != Organization.Kind.PERSON:
            links.append((reverse("parties:shareholders_of", args=[row.pk]), str(_("修改股东"))))
        return links
