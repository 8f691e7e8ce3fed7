"""WebhookEndpoint: an address of another system that wants events; WebhookDelivery: one event owed to one endpoint."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.states import WebhookDeliveryStatus, WebhookEndpointStatus

from . import ids
from .events import PaymentEvent


def endpoint_id() -> str:
    return ids.new_id("we")


class EndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    """Choose endpoints."""

    def kept(self) -> EndpointQuerySet:
        """Leave out the deleted."""
        return self.filter(deleted_at=None)

    def listening(self) -> EndpointQuerySet:
        """Leave those that events are sent to."""
        return self.kept().filter(status=WebhookEndpointStatus.ENABLED)


class WebhookEndpoint(models.Model):
    """Send events of `enabled_events` ("*" for all) to `url`, signed with the secret.

    Secrets are sealed (payments.webhooks.seals): the database alone forges no signature. A rolled secret stays valid
    until `previous_secret_until`. A deleted endpoint stays as the evidence of its deliveries.
    """

    id = models.CharField(primary_key=True, max_length=40, default=endpoint_id, editable=False)
    url = models.CharField(_("地址"), max_length=2048)
    enabled_events = models.JSONField(_("订阅的事件"))
    status = models.CharField(
        _("状态"), max_length=8, choices=WebhookEndpointStatus.choices, default=WebhookEndpointStatus.ENABLED
    )
    description = models.CharField(_("说明"), max_length=500, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    sealed_secret = models.TextField(editable=False)
    sealed_previous_secret = models.TextField(blank=True, editable=False)
    previous_secret_until = models.DateTimeField(_("旧密钥有效至"), null=True, blank=True)
    created_at = models.DateTimeField(_("登记时间"))
    disabled_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    is_given_up = models.BooleanField(_("因连续失败停用"), default=False)
    last_success_at = models.DateTimeField(_("最近一次成功"), null=True, blank=True)
    last_failure_at = models.DateTimeField(_("最近一次失败"), null=True, blank=True)
    # After an attempt that got no answer at all, nothing is sent before this moment: a dead host costs one time-out.
    rests_until = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(_("删除时间"), null=True, blank=True)

    # The secret in the clear, set by the action that made it and nowhere else: it is shown once.
    shown_secret: str = ""

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("事件推送地址")
        verbose_name_plural = _("事件推送地址")
        ordering = ("-created_at", "-id")
        constraints = (
            models.CheckConstraint(condition=Q(status__in=WebhookEndpointStatus.values), name="webhook_status_known"),
            models.CheckConstraint(
                condition=Q(status="enabled", disabled_at=None) | Q(status="disabled", disabled_at__isnull=False),
                name="webhook_disabled_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(sealed_previous_secret="", previous_secret_until=None)
                | (~Q(sealed_previous_secret="") & Q(previous_secret_until__isnull=False)),
                name="webhook_previous_secret_ends",
            ),
        )

    def __str__(self) -> str:
        return self.url

    @property
    def is_listening(self) -> bool:
        """Tell whether events are sent to it."""
        return self.status == WebhookEndpointStatus.ENABLED and self.deleted_at is None

    def wants(self, event_type: str) -> bool:
        """Tell whether it subscribed to events of this type."""
        return "*" in self.enabled_events or event_type in self.enabled_events

    def sealed_secrets(self, now: datetime) -> list[str]:
        """Give the sealed secrets that are valid now, the newest first: two while a rolled one still counts."""
        until = self.previous_secret_until
        return [self.sealed_secret, *([self.sealed_previous_secret] if until is not None and now < until else [])]


class WebhookDelivery(models.Model):
    """Owe one event to one endpoint until it answers 2xx or is given up; what its last answer was stays.

    `failures` counts those since it was last owed and decides the next attempt, `attempts` counts all. Whoever sends it
    holds it until `claimed_until`; when that passes without a word, somebody else sends it again.
    """

    event = models.ForeignKey(PaymentEvent, models.PROTECT, related_name="webhook_deliveries")
    endpoint = models.ForeignKey(WebhookEndpoint, models.PROTECT, related_name="deliveries")
    status = models.CharField(
        _("状态"), max_length=10, choices=WebhookDeliveryStatus.choices, default=WebhookDeliveryStatus.PENDING
    )
    owed_at = models.DateTimeField(_("应送时间"))
    attempts = models.PositiveIntegerField(_("尝试次数"), default=0)
    failures = models.PositiveIntegerField(_("连续失败"), default=0)
    next_attempt_at = models.DateTimeField(_("下次尝试"), null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    last_attempt_at = models.DateTimeField(_("最近尝试"), null=True, blank=True)
    last_status = models.PositiveIntegerField(_("最近答复"), null=True, blank=True)
    last_error = models.CharField(_("最近的错误"), max_length=300, blank=True)
    last_duration_ms = models.PositiveIntegerField(_("用时（毫秒）"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("送达时间"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("放弃时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("事件推送")
        verbose_name_plural = _("事件推送")
        ordering = ("-owed_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("event", "endpoint"), name="webhook_delivery_once"),
            models.CheckConstraint(
                condition=Q(status__in=WebhookDeliveryStatus.values), name="webhook_delivery_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status="pending", next_attempt_at__isnull=False)
                | Q(status="done", next_attempt_at=None, delivered_at__isnull=False)
                | Q(status="dead", next_attempt_at=None, given_up_at__isnull=False),
                name="webhook_delivery_moments",
            ),
        )
        indexes = (
            models.Index(
                fields=("endpoint", "next_attempt_at"), condition=Q(status="pending"), name="webhook_delivery_due"
            ),
        )

    def __str__(self) -> str:
        return f"{self.event_id} → {self.endpoint_id}"
