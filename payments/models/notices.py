"""Notice: what the provider told us, kept as it came."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .intents import Charge


class Notice(models.Model):
    """Keep one asynchronous notice: raw bytes, whether we believed it, and what came of it."""

    class Outcome(models.TextChoices):
        APPLIED = "applied", _("已入账")
        IGNORED = "ignored", _("无需处理")
        REFUSED = "refused", _("不予采信")

    notify_id = models.CharField(max_length=128, blank=True)
    charge = models.ForeignKey(Charge, models.PROTECT, null=True, blank=True, related_name="notices")
    raw = models.BinaryField()
    is_verified = models.BooleanField(default=False)
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    reason = models.CharField(max_length=80, blank=True)
    deliveries = models.PositiveIntegerField(default=1)
    received_at = models.DateTimeField()

    class Meta:
        verbose_name = _("支付通知")
        verbose_name_plural = _("支付通知")
        ordering = ("-received_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("notify_id",), condition=Q(is_verified=True) & ~Q(outcome="refused"), name="notice_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.notify_id or '?'} {self.outcome}"
