"""PaymentEvent: what happened to a payment object, with the object as it was then; what /v1/events lists and webhooks carry."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from . import ids


class PaymentEvent(models.Model):
    """Keep one event in Stripe's shape: its type, the object's snapshot and what it was before. Never changed."""

    id = models.CharField(primary_key=True, max_length=40, default=ids.event_id, editable=False)
    type = models.CharField(_("类型"), max_length=60, db_index=True)
    object_id = models.CharField(_("对象"), max_length=40, db_index=True)
    data = models.JSONField()
    request_id = models.CharField(max_length=40, blank=True)
    idempotency_key = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(_("时间"), db_index=True)

    class Meta:
        verbose_name = _("支付事件")
        verbose_name_plural = _("支付事件")
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return f"{self.id} {self.type}"
