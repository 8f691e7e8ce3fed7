"""Desks of needs and of objections to their results."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

from marketplace.awards.actions import decide_objection
from marketplace.awards.models import Objection
from marketplace.awards.states import OBJECTION, ObjectionStatus
from marketplace.catalog.models import Region
from marketplace.core.money import format_yuan
from marketplace.tenders.actions import cancel_tender, fail_tender, scrap_tender, void_tender
from marketplace.tenders.models import Tender
from marketplace.tenders.states import TENDER, TenderStatus

from .columns import MomentColumn, MoneyColumn, StateColumn
from .desk import Desk, Verb


class TenderFilter(WagtailFilterSet):
    """Choose needs by state, money, place and day."""

    region = django_filters.ModelChoiceFilter(
        queryset=Region.objects.filter(level__in=(Region.Level.COUNTY, Region.Level.FUNCTIONAL)), label=_("服务地点")
    )
    published_at = django_filters.DateFromToRangeFilter(label=_("发布日期"))

    class Meta:
        model = Tender
        fields = ["status", "money_kind", "method", "region", "published_at"]


class TenderDesk(Desk):
    """Look at needs; cancel or end one with a public reason."""

    model = Tender
    icon = "doc-full-inverse"
    menu_label = _("采购需求")
    related = ("process", "buyer", "service", "region", "project", "rule_set", "chosen_firm", "former")
    list_display = [
        "title", "number", "buyer",
        Column("method", label=_("选取方式"), accessor="get_method_display", sort_key="method"),
        MoneyColumn("ceiling_fen", label=_("限价或起始价"), sort_key="ceiling_fen"),
        MomentColumn("published_at", label=_("发布时间"), sort_key="published_at"), StateColumn(),
    ]  # fmt: skip
    filterset_class = TenderFilter
    search_fields = ["title", "number", "buyer__name"]
    search_backend_name = None
    list_export = [
        "number", "title", "buyer", "service", "region", "get_money_kind_display", "get_method_display", "ceiling_fen", "published_at",
        "signup_ends_at", "selection_at", "get_status_display", "failure_reason",
    ]  # fmt: skip
    export_headings = {
        "get_money_kind_display": _("资金性质"),
        "get_method_display": _("选取方式"),
        "ceiling_fen": _("限价或起始价（元）"),
        "get_status_display": _("状态"),
    }
    export_filename = "tenders"
    inspect_view_fields = [
        "number", "title", "buyer", "service", "region", "project", "money_kind", "fiscal_percent", "method", "rule_set",
        "ceiling_fen", "floor_fen", "step_fen", "description", "requirement", "delivery_days", "signup_ends_at",
        "extensions", "selection_at", "auction_ends_at", "published_at", "chosen_firm", "ground", "ground_reason", "former",
        "contact_name", "contact_phone", "complaint_phone", "status", "failure_reason",
    ]  # fmt: skip
    labels = {
        "ceiling_fen": _("限价或起始价"), "floor_fen": _("最低限价"), "step_fen": _("最小幅度"),
        "project": _("投资项目"), "rule_set": _("适用规则"), "former": _("上一次采购"),
    }  # fmt: skip
    verbs = (
        Verb(
            "cancel",
            _("取消采购"),
            lambda row, reason, by, now: cancel_tender(tender=row, reason=reason, by=by, now=now),
            lambda row: row.status != TenderStatus.DRAFT and TENDER.allows(row.status, TenderStatus.CANCELLED),
            _("采购已取消，原因已公开。"),
            hint=_("原因会公开，报名的机构会看到。"),
            is_danger=True,
        ),
        Verb(
            "void",
            _("置为无效"),
            lambda row, reason, by, now: void_tender(tender=row, reason=reason, by=by, now=now),
            lambda row: TENDER.allows(row.status, TenderStatus.VOID),
            _("已置为无效，原因已公开，报名的机构会收到通知。"),
            hint=_("公告本身违反规定时使用，例如“设置了与服务无关的条件”。原因会公开，不能恢复。"),
            is_danger=True,
        ),
        Verb(
            "scrap",
            _("废置"),
            lambda row, reason, by, now: scrap_tender(tender=row, reason=reason, by=by, now=now),
            lambda row: TENDER.allows(row.status, TenderStatus.SCRAPPED),
            _("已废置，不再重新发布，原因已公开。"),
            hint=_("未成交的需求不再采购时使用。原因会公开。"),
            is_danger=True,
        ),
        Verb(
            "fail",
            _("记为未成交"),
            lambda row, reason, by, now: fail_tender(tender=row, reason=reason, by=by, now=now),
            lambda row: (
                row.status in {TenderStatus.AWARDED, TenderStatus.CONTRACTED}
                and TENDER.allows(row.status, TenderStatus.FAILED)
            ),
            _("已记为未成交，原因已公开。"),
            hint=_("例如“中选机构书面放弃”。原因会公开。"),
            is_danger=True,
        ),
    )

    def rows(self) -> QuerySet[Any]:
        """Leave out drafts: they belong to their owners until they are published."""
        return super().rows().filter(published_at__isnull=False)


class ObjectionDesk(Desk):
    """Decide objections; open ones come first."""

    model = Objection
    icon = "warning"
    menu_label = _("异议处理")
    related = ("award__tender__process", "award__organization", "award__tender__buyer", "organization", "by")
    list_display = [
        "text", "award", "organization", MomentColumn("at", label=_("提出时间"), sort_key="at"), StateColumn(),
    ]  # fmt: skip
    list_filter = ["status"]
    search_fields = ["text", "award__tender__title", "award__tender__number", "organization__name"]
    search_backend_name = None
    ordering = ("waits", "-at")
    inspect_view_fields = ["award", "organization", "text", "at", "status", "decision", "decided_at"]
    labels = {
        "award": _("中选结果"), "organization": _("提出机构"), "at": _("提出时间"), "decided_at": _("处理时间"),
    }  # fmt: skip
    verbs = (
        Verb(
            "dismiss",
            _("异议不成立"),
            lambda row, reason, by, now: decide_objection(objection=row, upheld=False, decision=reason, by=by, now=now),
            lambda row: OBJECTION.allows(row.status, ObjectionStatus.DISMISSED),
            _("已记为不成立，公示期继续计算，各方会收到通知。"),
            hint=_("处理意见会公开。"),
        ),
        Verb(
            "uphold_and_follow",
            _("异议成立，由下一名递补"),
            lambda row, reason, by, now: decide_objection(
                objection=row, upheld=True, next_follows=True, decision=reason, by=by, now=now
            ),
            lambda row: OBJECTION.allows(row.status, ObjectionStatus.UPHELD),
            _("异议成立，中选结果已撤销；有可以递补的，下一名已公示。"),
            hint=_("问题只在中选机构一方时使用。处理意见会公开。"),
            is_danger=True,
        ),
        Verb(
            "uphold",
            _("异议成立，本次采购终止"),
            lambda row, reason, by, now: decide_objection(objection=row, upheld=True, decision=reason, by=by, now=now),
            lambda row: OBJECTION.allows(row.status, ObjectionStatus.UPHELD),
            _("异议成立，中选结果已撤销，采购终止，各方会收到通知。"),
            hint=_("处理意见会公开。撤销之后不能恢复。"),
            is_danger=True,
        ),
    )

    def rows(self) -> QuerySet[Any]:
        """Put what waits first."""
        first = Case(When(status=ObjectionStatus.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())
        return super().rows().annotate(waits=first)

    def show_award(self, row: Objection) -> str:
        """Link the result's page."""
        award = row.award
        return format_html(
            '<a href="{}">{}</a> → {} ¥{}',
            award.get_absolute_url(), award.tender, award.organization, format_yuan(award.amount_fen),
        )  # fmt: skip
