"""Transfer: held money on its way to the firm; TransferReversal: what of it came back before it was paid out."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from payments.states import TransferStatus

from . import ids
from .intents import Charge, PaymentIntent


class Transfer(models.Model):
    """Settle held money to a firm; its id is Alipay's `out_biz_no`, so it can never be paid twice.

    Of `amount_fen` the firm is paid `payout_fen`; the rest is the platform's fee, what the firm owed from refunds that
    the platform advanced, and what was reversed. `sent_at` stands before the provider is first asked to pay: a
    transfer without it has certainly not been paid.
    """

    class Source(models.TextChoices):
        ESCROW = "escrow", _("保管款")
        PLATFORM_FUNDS = "platform_funds", _("平台资金")

    id = models.CharField(primary_key=True, max_length=40, default=ids.transfer_id, editable=False)
    key = models.CharField(max_length=120, unique=True)
    intent = models.ForeignKey(PaymentIntent, models.PROTECT, related_name="transfers")
    source_charge = models.ForeignKey(Charge, models.PROTECT, related_name="transfers")
    destination = models.ForeignKey("parties.Organization", models.PROTECT, related_name="transfers")
    source = models.CharField(_("资金来源"), max_length=16, choices=Source.choices, default=Source.ESCROW)
    amount_fen = models.BigIntegerField(_("金额（分）"))
    payout_fen = models.BigIntegerField(_("付给机构（分）"))
    fee_fen = models.BigIntegerField(_("平台服务费（分）"), default=0)
    debt_repaid_fen = models.BigIntegerField(_("抵还垫付退款（分）"), default=0)
    amount_reversed_fen = models.BigIntegerField(_("已撤回（分）"), default=0)
    status = models.CharField(_("状态"), max_length=12, choices=TransferStatus.choices, default=TransferStatus.PENDING)
    metadata = models.JSONField(default=dict, blank=True)
    description = models.CharField(max_length=256, blank=True)
    order_id = models.CharField(_("支付宝转账单号"), max_length=64, unique=True, null=True, blank=True)
    failure_code = models.CharField(max_length=80, blank=True)
    failure_message = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
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
            models.CheckConstraint(condition=Q(source__in=("escrow", "platform_funds")), name="transfer_source_known"),
            models.CheckConstraint(
                condition=Q(
                    payout_fen__gte=0,
                    fee_fen__gte=0,
                    debt_repaid_fen__gte=0,
                    amount_reversed_fen__gte=0,
                    amount_fen=F("payout_fen") + F("fee_fen") + F("debt_repaid_fen") + F("amount_reversed_fen"),
                ),
                name="transfer_parts_add_up",
            ),
            models.CheckConstraint(
                condition=Q(status="reversed", amount_reversed_fen=F("amount_fen"))
                | (~Q(status="reversed") & Q(amount_reversed_fen__lt=F("amount_fen"))),
                name="transfer_reversed_wholly",
            ),
        )
        indexes = (
            models.Index(fields=("next_attempt_at",), condition=Q(next_attempt_at__isnull=False), name="transfer_due"),
        )

    def __str__(self) -> str:
        return self.id


class TransferReversal(models.Model):
    """Take back all or a part of a transfer that was not paid out: its money is held for the payment again."""

    id = models.CharField(primary_key=True, max_length=40, default=ids.reversal_id, editable=False)
    key = models.CharField(max_length=120, unique=True)
    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="reversals")
    amount_fen = models.BigIntegerField(_("金额（分）"))
    fee_fen = models.BigIntegerField(_("其中平台服务费（分）"), default=0)
    debt_repaid_fen = models.BigIntegerField(_("其中抵还（分）"), default=0)
    metadata = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("结算撤回")
        verbose_name_plural = _("结算撤回")
        ordering = ("-created_at", "-id")
        constraints = (models.CheckConstraint(condition=Q(amount_fen__gt=0), name="reversal_amount"),)

    def __str__(self) -> str:
        return self.id
