"""PaymentIntent: one payment that somebody owes; Charge: one attempt at it, one trade at Alipay."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.states import ChargeStatus, PaymentIntentStatus

from . import ids


class PaymentIntent(models.Model):
    """Owe an amount from a payer, held for a payee until it is transferred or refunded.

    What the marketplace asks for has a process, a payer and a payee. Other systems of the city ask over /v1 and may name none.
    """

    id = models.CharField(primary_key=True, max_length=40, default=ids.intent_id, editable=False)
    amount_fen = models.BigIntegerField(_("金额（分）"))
    amount_received_fen = models.BigIntegerField(_("已收（分）"), default=0)
    currency = models.CharField(max_length=3, default="cny")
    status = models.CharField(
        _("状态"),
        max_length=24,
        choices=PaymentIntentStatus.choices,
        default=PaymentIntentStatus.REQUIRES_PAYMENT_METHOD,
    )
    description = models.CharField(_("款项"), max_length=256)
    metadata = models.JSONField(default=dict, blank=True)
    transfer_group = models.CharField(max_length=100, db_index=True)
    process = models.ForeignKey("core.Process", models.PROTECT, null=True, blank=True, related_name="payment_intents")
    payer = models.ForeignKey(
        "parties.Organization", models.PROTECT, null=True, blank=True, related_name="payments_owed"
    )
    payee = models.ForeignKey(
        "parties.Organization", models.PROTECT, null=True, blank=True, related_name="payments_due"
    )
    held_until = models.CharField(_("保管至"), max_length=200, blank=True)
    client_secret = models.CharField(max_length=64, default=ids.client_secret, unique=True, editable=False)
    last_payment_error = models.JSONField(null=True, blank=True)
    cancellation_reason = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(_("提出时间"))
    succeeded_at = models.DateTimeField(_("付款时间"), null=True, blank=True)
    canceled_at = models.DateTimeField(_("取消时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("付款")
        verbose_name_plural = _("付款")
        ordering = ("-created_at", "id")
        constraints = (
            models.CheckConstraint(condition=Q(amount_fen__gt=0, amount_fen__lte=10**10), name="intent_amount"),
            models.CheckConstraint(
                condition=(Q(status="succeeded") & Q(amount_received_fen=models.F("amount_fen")))
                | (~Q(status="succeeded") & Q(amount_received_fen=0)),
                name="intent_received_when_succeeded",
            ),
            models.CheckConstraint(condition=Q(status__in=PaymentIntentStatus.values), name="intent_status_known"),
            models.CheckConstraint(condition=Q(currency="cny"), name="intent_currency_cny"),
        )

    def __str__(self) -> str:
        return f"{self.id} {self.description}"

    @property
    def latest_charge(self) -> Charge | None:
        """Give the newest attempt, if there was one."""
        return self.charges.order_by("-created_at", "-id").first()

    @property
    def next_action_url(self) -> str:
        """Give the address of the cashier while the payer is expected there, else nothing."""
        if self.status != PaymentIntentStatus.REQUIRES_ACTION:
            return ""
        charge = self.pending_charge
        return charge.gateway_url if charge else ""

    @property
    def pending_charge(self) -> Charge | None:
        """Give the attempt that is under way, if there is one."""
        return self.charges.filter(status=ChargeStatus.PENDING).first()


class Charge(models.Model):
    """Try once to get a payment: one `out_trade_no`, bounded by `time_expire`.

    By page or wap `gateway_url` is the signed cashier; by qr `qr_code` is what to scan, empty until Alipay has given it.
    """

    class Way(models.TextChoices):
        PAGE = "page", _("电脑网页")
        WAP = "wap", _("手机网页")
        QR = "qr", _("扫码")

    id = models.CharField(primary_key=True, max_length=40, default=ids.charge_id, editable=False)
    intent = models.ForeignKey(PaymentIntent, models.PROTECT, related_name="charges")
    amount_fen = models.BigIntegerField()
    out_trade_no = models.CharField(_("商户订单号"), max_length=64, unique=True)
    trade_no = models.CharField(_("支付宝交易号"), max_length=64, unique=True, null=True, blank=True)
    status = models.CharField(_("状态"), max_length=12, choices=ChargeStatus.choices, default=ChargeStatus.PENDING)
    is_late = models.BooleanField(_("迟到款项"), default=False)
    way = models.CharField(_("付款方式"), max_length=4, choices=Way.choices, default=Way.PAGE)
    qr_code = models.CharField(max_length=300, blank=True)
    buyer_id = models.CharField(max_length=64, blank=True)
    gateway_url = models.TextField(blank=True)
    return_url = models.TextField(blank=True)
    time_expire = models.DateTimeField(_("付款截止"))
    created_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    queries = models.PositiveIntegerField(default=0)
    next_query_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("付款尝试")
        verbose_name_plural = _("付款尝试")
        ordering = ("-created_at", "id")
        constraints = (
            models.UniqueConstraint(fields=("intent",), condition=Q(status="pending"), name="charge_one_pending"),
            models.UniqueConstraint(
                fields=("intent",), condition=Q(status="succeeded", is_late=False), name="charge_one_succeeded"
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="charge_amount"),
            models.CheckConstraint(condition=Q(status__in=ChargeStatus.values), name="charge_status_known"),
            models.CheckConstraint(
                condition=~Q(status="succeeded") | Q(trade_no__isnull=False), name="charge_succeeded_has_trade"
            ),
        )
        indexes = (
            models.Index(fields=("next_query_at",), condition=Q(next_query_at__isnull=False), name="charge_due"),
        )

    def __str__(self) -> str:
        return self.id
