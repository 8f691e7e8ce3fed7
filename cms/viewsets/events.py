"""Desks of the machinery: events, and deliveries that need a hand."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column

from marketplace.core.event_words import describe
from marketplace.core.models import DELIVERY, Delivery, DeliveryStatus, Event

from ..actions import retry_delivery
from .columns import MomentColumn, StateColumn
from .desk import Desk, Verb


class EventDesk(Desk):
    """Read events; nobody changes one."""

    model = Event
    icon = "history"
    menu_label = _("事件记录")
    related = ("process", "actor")
    list_display = [
        "name",
        Column("words", label=_("发生了什么"), accessor=describe),
        Column("process", label=_("过程"), accessor="process.ocid"),
        Column("number", label=_("序号")),
        Column("actor", label=_("操作人")),
        MomentColumn("at", label=_("时间")),
        Column("visibility", label=_("可见范围"), accessor="get_visibility_display"),
    ]
    list_filter = ["visibility", "name"]
    search_fields = ["name", "process__ocid", "process__title"]
    search_backend_name = None
    ordering = "-pk"
    list_export = ["process", "number", "name", "at", "actor", "data", "hash"]
    export_filename = "events"
    inspect_view_fields = [
        "process", "number", "name", "at", "actor", "visibility", "subject_type", "subject_id", "data",
        "previous_hash", "hash",
    ]  # fmt: skip
    labels = {
        "process": _("过程"), "actor": _("操作人"), "visibility": _("可见范围"), "subject_type": _("对象种类"),
        "subject_id": _("对象编号"), "data": _("内容"), "previous_hash": _("上一条的哈希"), "hash": _("哈希"),
    }  # fmt: skip

    def show_name(self, row: Event) -> str:
        """Say what happened beside the event's name."""
        return f"{describe(row)}（{row.name}）"

    def show_data(self, row: Event) -> str:
        """Show the content as JSON."""
        return format_html("<pre>{}</pre>", json.dumps(row.data, ensure_ascii=False, indent=2))


class DeliveryDesk(Desk):
    """Look at owed deliveries; dead ones first, with a button to try again."""

    model = Delivery
    icon = "mail"
    menu_label = _("事件送达")
    related = ("event__process",)
    list_display = [
        "handler",
        Column("event", label=_("事件"), accessor="event.name"),
        Column("process", label=_("过程"), accessor="event.process.ocid"),
        Column("attempts", label=_("次数")),
        MomentColumn("next_at", label=_("下次")),
        StateColumn(),
    ]
    list_filter = ["status"]
    search_fields = ["handler", "event__name", "event__process__ocid"]
    search_backend_name = None
    ordering = ("waits", "-pk")
    inspect_view_fields = ["event", "handler", "status", "attempts", "next_at", "error"]
    labels = {
        "event": _("事件"), "handler": _("处理程序"), "status": _("状态"), "attempts": _("尝试次数"),
        "next_at": _("下次尝试"), "error": _("最近的错误"),
    }  # fmt: skip
    verbs = (
        Verb(
            "retry",
            _("立即重试"),
            lambda row, _reason, by, now: retry_delivery(delivery=row, by=by, now=now),
            lambda row: row.status == DeliveryStatus.DEAD and DELIVERY.allows(row.status, DeliveryStatus.PENDING),
            _("已重新送达。"),
            reason="none",
        ),
    )

    def rows(self) -> QuerySet[Any]:
        """Put the dead first, then what is owed."""
        rank = Case(
            When(status=DeliveryStatus.DEAD, then=Value(0)),
            When(status=DeliveryStatus.PENDING, then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        )
        return super().rows().annotate(waits=rank)
