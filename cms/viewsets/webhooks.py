"""Desks of webhooks: which addresses get events of payments, how they answer, and what is still owed to them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import Count, F, Q, QuerySet
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

from payments.actions import (
    create_webhook_endpoint,
    delete_webhook_endpoint,
    resend_event,
    roll_webhook_secret,
    update_webhook_endpoint,
)
from payments.models import WebhookDelivery, WebhookEndpoint
from payments.states import WebhookDeliveryStatus, WebhookEndpointStatus

from ..forms import WebhookEndpointForm
from .columns import MomentColumn, StateColumn
from .desk import Desk, DeskIndex, DeskNew, Verb

UNDELIVERED = "undelivered"


def standing(row: WebhookEndpoint) -> str:
    """Say whether events are sent to an endpoint, and why not."""
    if row.deleted_at is not None:
        return _("已删除")
    return _("因连续三天失败停用") if row.is_given_up else str(row.get_status_display())


def answer(row: WebhookDelivery) -> str:
    """Say what the last attempt came to."""
    if row.last_attempt_at is None:
        return _("还没有发送")
    return row.last_error or f"HTTP {row.last_status}"


def show_secret(endpoint: WebhookEndpoint) -> str:
    """Say the secret that was made just now."""
    return _("签名密钥（只显示这一次，请现在交给对方）：%(secret)s") % {"secret": endpoint.shown_secret}


def roll(row: WebhookEndpoint, expires_in: timedelta, by: Any, now: Any) -> None:
    """Roll the secret and leave it on the row for the sentence that follows."""
    row.shown_secret = roll_webhook_secret(endpoint=row, expires_in=expires_in, by=by, now=now).shown_secret


class NamedIndex(DeskIndex):
    """List rows whose keys are Stripe's names, which stand in addresses as they are."""

    def get_inspect_url(self, instance: Any) -> str:
        """Lead to the row's page."""
        return reverse(self.viewset.get_url_name("inspect"), args=[instance.pk])


class NamedDesk(Desk):
    """Be a desk over rows whose keys are words."""

    index_view_class = NamedIndex

    def get_urlpatterns(self) -> list[Any]:
        """Take words where other desks take numbers."""
        others = [one for one in super().get_urlpatterns() if one.name != "inspect"]
        return [*others, path("inspect/<slug:pk>/", self.inspect_view, name="inspect")]


class WebhookEndpointNew(DeskNew):
    """Register an address."""

    page_title = gettext_lazy("登记推送地址")
    submit_label = gettext_lazy("登记")
    form_class = WebhookEndpointForm

    def run(self, form: Any) -> WebhookEndpoint:
        """Register it and show its secret."""
        endpoint = create_webhook_endpoint(by=self.request.user, **form.cleaned_data)
        messages.success(self.request, show_secret(endpoint))
        return endpoint


class WebhookEndpointDesk(NamedDesk):
    """Look at the addresses; disable, enable, delete one, roll its secret."""

    model = WebhookEndpoint
    icon = "link-external"
    menu_label = gettext_lazy("事件推送地址")
    new_view_class = WebhookEndpointNew
    list_display = [
        "url",
        Column("description", label=gettext_lazy("说明")),
        Column("standing", label=gettext_lazy("状态"), accessor=standing),
        Column("owed", label=gettext_lazy("待送达")),
        Column("lost", label=gettext_lazy("已放弃")),
        MomentColumn("last_success_at", label=gettext_lazy("最近一次成功"), sort_key="last_success_at"),
        MomentColumn("last_failure_at", label=gettext_lazy("最近一次失败"), sort_key="last_failure_at"),
    ]
    list_filter = {"status": ["exact"]}
    search_fields = ["url", "description", "id"]
    search_backend_name = None
    ordering = (F("deleted_at").asc(nulls_first=True), "-created_at")
    inspect_view_fields = [
        "id", "url", "status", "enabled_events", "description", "owed", "lost", "last_success_at", "last_failure_at",
        "previous_secret_until", "disabled_at", "deleted_at", "created_at",
    ]  # fmt: skip
    labels = {
        "id": gettext_lazy("编号"), "owed": gettext_lazy("待送达"), "lost": gettext_lazy("已放弃"),
        "enabled_events": gettext_lazy("订阅的事件"),
    }  # fmt: skip
    verbs = (
        Verb(
            "roll",
            gettext_lazy("更换密钥，旧密钥再用 24 小时"),
            lambda row, _reason, by, now: roll(row, timedelta(hours=24), by, now),
            lambda row: row.deleted_at is None,
            show_secret,
            reason="none",
        ),
        Verb(
            "roll_now",
            gettext_lazy("密钥泄露，立即更换"),
            lambda row, _reason, by, now: roll(row, timedelta(), by, now),
            lambda row: row.deleted_at is None,
            show_secret,
            reason="none",
            is_danger=True,
        ),
        Verb(
            "disable",
            gettext_lazy("停用"),
            lambda row, _reason, by, now: update_webhook_endpoint(endpoint=row, is_disabled=True, by=by, now=now),
            lambda row: row.is_listening,
            gettext_lazy("已停用。已有的事件留着，启用后继续推送；停用期间的新事件不推送。"),
            reason="none",
            is_danger=True,
        ),
        Verb(
            "enable",
            gettext_lazy("启用"),
            lambda row, _reason, by, now: update_webhook_endpoint(endpoint=row, is_disabled=False, by=by, now=now),
            lambda row: row.deleted_at is None and row.status == WebhookEndpointStatus.DISABLED,
            gettext_lazy("已启用。已放弃的事件要重新推送，请到“事件推送”中逐条办理，或由运维用命令办理。"),
            reason="none",
        ),
        Verb(
            "delete",
            gettext_lazy("删除"),
            lambda row, _reason, by, now: delete_webhook_endpoint(endpoint=row, by=by, now=now),
            lambda row: row.deleted_at is None,
            gettext_lazy("已删除，推送记录保留。"),
            reason="none",
            is_danger=True,
        ),
    )

    def rows(self) -> QuerySet[Any]:
        """Count what is owed and what was given up."""
        status = "deliveries__status"
        return (
            super()
            .rows()
            .annotate(
                owed=Count("deliveries", filter=Q(**{status: WebhookDeliveryStatus.PENDING})),
                lost=Count("deliveries", filter=Q(**{status: WebhookDeliveryStatus.DEAD})),
            )
        )

    def links(self, row: WebhookEndpoint) -> list[tuple[str, str]]:
        """Lead to what was sent to it and to what is still owed."""
        desk = f"{reverse('desk_webhook_deliveries:index')}?endpoint={row.pk}"
        return [(f"{desk}&status={UNDELIVERED}", _("没有送达的事件")), (desk, _("全部推送记录"))]

    def show_status(self, row: WebhookEndpoint) -> str:
        """Say the state and why."""
        return standing(row)

    def show_enabled_events(self, row: WebhookEndpoint) -> str:
        """Name the events."""
        return _("全部事件") if row.wants("*") else "、".join(row.enabled_events)


class WebhookDeliveryFilter(WagtailFilterSet):
    """Choose deliveries by their state, or all that are not delivered, and by address."""

    status = django_filters.ChoiceFilter(
        label=gettext_lazy("状态"),
        choices=[(UNDELIVERED, gettext_lazy("没有送达（待送达和已放弃）")), *WebhookDeliveryStatus.choices],
        method="filter_status",
    )

    class Meta:
        model = WebhookDelivery
        fields = ["status", "endpoint"]

    def filter_status(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Take the two states that are not delivered together."""
        if value == UNDELIVERED:
            return rows.exclude(status=WebhookDeliveryStatus.DONE)
        return rows.filter(status=value)


class WebhookDeliveryDesk(Desk):
    """Look at what was sent and how it was answered; send an event once more."""

    model = WebhookDelivery
    icon = "upload"
    menu_label = gettext_lazy("事件推送")
    related = ("event", "endpoint")
    list_display = [
        "event",
        Column("endpoint", label=gettext_lazy("推送地址"), accessor="endpoint.url"),
        StateColumn(),
        Column("attempts", label=gettext_lazy("尝试次数"), sort_key="attempts"),
        Column("answer", label=gettext_lazy("最近答复"), accessor=answer),
        MomentColumn("last_attempt_at", label=gettext_lazy("最近尝试"), sort_key="last_attempt_at"),
        MomentColumn("next_attempt_at", label=gettext_lazy("下次尝试"), sort_key="next_attempt_at"),
    ]
    filterset_class = WebhookDeliveryFilter
    search_fields = ["event__id", "event__type", "event__object_id", "endpoint__url"]
    search_backend_name = None
    ordering = ("-owed_at", "-pk")
    inspect_view_fields = [
        "event", "endpoint", "status", "attempts", "owed_at", "last_attempt_at", "answer", "last_duration_ms",
        "next_attempt_at", "delivered_at", "given_up_at", "data",
    ]  # fmt: skip
    labels = {
        "event": gettext_lazy("事件"), "endpoint": gettext_lazy("推送地址"), "answer": gettext_lazy("最近答复"),
        "data": gettext_lazy("内容"),
    }  # fmt: skip
    verbs = (
        Verb(
            "resend",
            gettext_lazy("重新推送"),
            lambda row, _reason, by, now: resend_event(event=row.event, endpoint=row.endpoint, by=by, now=now),
            lambda row: row.endpoint.is_listening,
            gettext_lazy("已排入推送，稍后刷新可见结果。"),
            reason="none",
        ),
    )

    def links(self, row: WebhookDelivery) -> list[tuple[str, str]]:
        """Lead to the address."""
        return [(reverse("desk_webhooks:inspect", args=[row.endpoint_id]), _("这个推送地址"))]

    def show_answer(self, row: WebhookDelivery) -> str:
        """Say what the last attempt came to."""
        return answer(row)

    def show_data(self, row: WebhookDelivery) -> str:
        """Show the object as it was, without what lets others act on it."""
        shown = {**row.event.data["object"]}
        shown.pop("client_secret", None)
        return format_html("<pre>{}</pre>", json.dumps(shown, ensure_ascii=False, indent=2))
