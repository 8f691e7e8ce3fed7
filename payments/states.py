"""Statuses of payments, as Stripe names them, and what may follow what."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.core.states import Table


class PaymentIntentStatus(models.TextChoices):
    REQUIRES_PAYMENT_METHOD = "requires_payment_method", _("待付款")
    REQUIRES_ACTION = "requires_action", _("等待支付宝结果")
    SUCCEEDED = "succeeded", _("已付款")
    CANCELED = "canceled", _("已取消")


PAYMENT_INTENT = Table(
    "payment_intent",
    PaymentIntentStatus,
    {
        PaymentIntentStatus.REQUIRES_PAYMENT_METHOD: {
            PaymentIntentStatus.REQUIRES_ACTION: "confirm_payment_intent",
            PaymentIntentStatus.CANCELED: "cancel_payment_intent",
        },
        PaymentIntentStatus.REQUIRES_ACTION: {
            PaymentIntentStatus.SUCCEEDED: "settle_charge",
            PaymentIntentStatus.REQUIRES_PAYMENT_METHOD: "expire_charge",
            PaymentIntentStatus.CANCELED: "cancel_payment_intent",
        },
    },
)


class ChargeStatus(models.TextChoices):
    PENDING = "pending", _("等待付款")
    SUCCEEDED = "succeeded", _("已付款")
    EXPIRED = "expired", _("已关闭")


CHARGE = Table(
    "charge",
    ChargeStatus,
    {
        ChargeStatus.PENDING: {ChargeStatus.SUCCEEDED: "settle_charge", ChargeStatus.EXPIRED: "expire_charge"},
        # Money that comes after all on an attempt given up: it is taken into the books and returned.
        ChargeStatus.EXPIRED: {ChargeStatus.SUCCEEDED: "settle_charge"},
    },
)


class RefundStatus(models.TextChoices):
    PENDING = "pending", _("退款中")
    SUCCEEDED = "succeeded", _("已退款")
    FAILED = "failed", _("退款失败")


REFUND = Table(
    "refund",
    RefundStatus,
    {
        RefundStatus.PENDING: {
            RefundStatus.SUCCEEDED: "record_refund",
            RefundStatus.FAILED: "record_refund",
        },
    },
)


class TransferStatus(models.TextChoices):
    PENDING = "pending", _("结算中")
    PAID = "paid", _("已到账")
    FAILED = "failed", _("结算未成")
    REVERSED = "reversed", _("已撤回")


TRANSFER = Table(
    "transfer",
    TransferStatus,
    {
        TransferStatus.PENDING: {
            TransferStatus.PAID: "record_transfer",
            TransferStatus.FAILED: "record_transfer",
            # Only one that the provider was never asked to pay.
            TransferStatus.REVERSED: "create_reversal",
        },
        TransferStatus.FAILED: {TransferStatus.PENDING: "retry_transfer", TransferStatus.REVERSED: "create_reversal"},
    },
)


class InvoiceStatus(models.TextChoices):
    REQUESTED = "requested", _("待开具")
    ISSUED = "issued", _("已开具")
    VOID = "void", _("已作废")


INVOICE = Table(
    "invoice",
    InvoiceStatus,
    {
        InvoiceStatus.REQUESTED: {InvoiceStatus.ISSUED: "issue_invoice", InvoiceStatus.VOID: "void_invoice"},
        InvoiceStatus.ISSUED: {InvoiceStatus.VOID: "void_invoice"},
    },
)


class WebhookEndpointStatus(models.TextChoices):
    ENABLED = "enabled", _("启用")
    DISABLED = "disabled", _("停用")


WEBHOOK_ENDPOINT = Table(
    "webhook_endpoint",
    WebhookEndpointStatus,
    {
        WebhookEndpointStatus.ENABLED: {WebhookEndpointStatus.DISABLED: "update_webhook_endpoint"},
        WebhookEndpointStatus.DISABLED: {WebhookEndpointStatus.ENABLED: "update_webhook_endpoint"},
    },
)


class WebhookDeliveryStatus(models.TextChoices):
    PENDING = "pending", _("待送达")
    DONE = "done", _("已送达")
    DEAD = "dead", _("已放弃")


WEBHOOK_DELIVERY = Table(
    "webhook_delivery",
    WebhookDeliveryStatus,
    {
        WebhookDeliveryStatus.PENDING: {
            WebhookDeliveryStatus.DONE: "record_delivery",
            WebhookDeliveryStatus.DEAD: "record_delivery",
        },
        # Whoever asks for an event once more gets it, whatever became of it before.
        WebhookDeliveryStatus.DONE: {WebhookDeliveryStatus.PENDING: "resend_event"},
        WebhookDeliveryStatus.DEAD: {WebhookDeliveryStatus.PENDING: "resend_event"},
    },
)
