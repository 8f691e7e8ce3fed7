"""Transfer: held money on its way to the firm."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.states import TransferStatus

from . import ids
from .intents import Charge, PaymentIntent


class Transfer(models.Model):
    """Settle held money to a firm; its id is Alipay's `out_biz_no`, so it can never be paid twice."""

    id = models.CharField(primary_key=True, max_length=40, default=ids.transfer_id, editable=False)
    key = models.CharField(max_length=120, unique=True)
    intent = models.ForeignKey(PaymentIntent, models.PROTECT, related_name="transfers")
    source_charge = models.ForeignKey(Charge, models.PROTECT, related_name="transfers")
    destination = models.ForeignKey("parties.Organization", models.PROTECT, related_name="transfers")
    amount_fen = models.BigIntegerField(_("金额（分）"))
    status = models.CharField(_("状态"), max_length=12, choices=TransferStatus.choices, default=TransferStatus.PENDING)
    metadata = models.JSONField(default=dict, blank=True)
    description = models.CharField(max_length=256, blank=True)
    order_id = models.CharField(_("支付宝转账单号"), max_length=64, unique=True, null=True, blank=True)
    failure_code = models.CharField(max_length=80, blank=True)
    failure_message = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("结算")
        verbose_name_plural = _("结算")
        ordering = ("-created_at", "id")
        constraints = (
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="transfer_amount"),
            models.CheckConstraint(condition=Q(status__in=TransferStatus.values), name="transfer_status_known"),
        )
        indexes = (
            models.Index(fields=("next_attempt_at",), condition=Q(next_attempt_at__isnull=False), name="transfer_due"),
        )

    def __str__(self) -> str:
        return self.id
