"""Refund: money of a charge on its way back to the payer."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.states import RefundStatus

from . import ids
from .intents import Charge, PaymentIntent


class Refund(models.Model):
    """Return all or a part of a charge; its id is Alipay's `out_request_no`, so it can never be paid twice.

    With a `debtor` the money had been transferred to that firm already: the platform advanced it, and the firm owes it.
    """

    class Reason(models.TextChoices):
        DUPLICATE = "duplicate", _("重复或迟到的付款")
        FRAUDULENT = "fraudulent", _("可疑付款")
        REQUESTED_BY_CUSTOMER = "requested_by_customer", _("付款方申请")

    id = models.CharField(primary_key=True, max_length=40, default=ids.refund_id, editable=False)
    key = models.CharField(max_length=120, unique=True)
    intent = models.ForeignKey(PaymentIntent, models.PROTECT, related_name="refunds")
    charge = models.ForeignKey(Charge, models.PROTECT, related_name="refunds")
    amount_fen = models.BigIntegerField(_("金额（分）"))
    reason = models.CharField(_("原因"), max_length=24, choices=Reason.choices, default=Reason.REQUESTED_BY_CUSTOMER)
    status = models.CharField(_("状态"), max_length=12, choices=RefundStatus.choices, default=RefundStatus.PENDING)
    metadata = models.JSONField(default=dict, blank=True)
    is_automatic = models.BooleanField(_("自动退回"), default=False)
    debtor = models.ForeignKey(
        "parties.Organization", models.PROTECT, null=True, blank=True, related_name="refunds_advanced"
    )
    failure_code = models.CharField(max_length=80, blank=True)
    failure_message = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    succeeded_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("退款")
        verbose_name_plural = _("退款")
        ordering = ("-created_at", "id")
        constraints = (
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="refund_amount"),
            models.CheckConstraint(
                condition=Q(is_automatic=False) | Q(debtor=None), name="refund_advanced_or_automatic"
            ),
            models.CheckConstraint(condition=Q(status__in=RefundStatus.values), name="refund_status_known"),
        )
        indexes = (
            models.Index(fields=("next_attempt_at",), condition=Q(next_attempt_at__isnull=False), name="refund_due"),
        )

    def __str__(self) -> str:
        return self.id

    @property
    def is_after_release(self) -> bool:
        """Tell whether the money had been transferred before it was returned."""
        return self.debtor_id is not None
