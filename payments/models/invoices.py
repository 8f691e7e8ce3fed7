"""Invoice 发票: what the payee of a payment owes and gives its payer for the tax office."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.states import InvoiceStatus

from . import ids
from .intents import PaymentIntent


class Invoice(models.Model):
    """Record one invoice about a payment: asked for by the payer, issued by the payee with number and file, or void.

    The number has 8 digits (paper, and electronic ones of the old kind) or 20 (fully digital, since 2024 all over the
    country); it is the issuer's own once for all, a void one is not used again.
    """

    class Kind(models.TextChoices):
        ORDINARY = "ordinary", _("增值税普通发票")
        SPECIAL = "special", _("增值税专用发票")
        ELECTRONIC = "electronic", _("数电发票")

    id = models.CharField(primary_key=True, max_length=40, default=ids.invoice_id, editable=False)
    intent = models.ForeignKey(PaymentIntent, models.PROTECT, related_name="invoices")
    issuer = models.ForeignKey("parties.Organization", models.PROTECT, related_name="invoices_issued")
    recipient = models.ForeignKey("parties.Organization", models.PROTECT, related_name="invoices_received")
    kind = models.CharField(_("种类"), max_length=12, choices=Kind.choices)
    title = models.CharField(_("发票抬头"), max_length=160)
    tax_code = models.CharField(_("纳税人识别号"), max_length=20, blank=True)
    amount_fen = models.BigIntegerField(_("金额（分）"))
    status = models.CharField(_("状态"), max_length=10, choices=InvoiceStatus.choices, default=InvoiceStatus.REQUESTED)
    number = models.CharField(_("发票号码"), max_length=20, blank=True)
    file = models.FileField(_("发票文件"), upload_to="invoices/%Y/", blank=True)
    sha256 = models.CharField(_("文件哈希"), max_length=64, blank=True)
    issued_date = models.DateField(_("开票日期"), null=True, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(_("申请时间"))
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    issued_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    voided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    voided_at = models.DateTimeField(_("作废时间"), null=True, blank=True)
    void_reason = models.CharField(_("作废原因"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("发票")
        verbose_name_plural = _("发票")
        ordering = ("-requested_at", "-id")
        constraints = (
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="invoice_amount"),
            models.CheckConstraint(condition=Q(status__in=InvoiceStatus.values), name="invoice_status_known"),
            models.CheckConstraint(
                condition=Q(status="requested", number="", sha256="")
                | Q(status="void", voided_at__isnull=False)
                | (
                    Q(status="issued", issued_at__isnull=False, issued_date__isnull=False)
                    & ~Q(number="")
                    & ~Q(sha256="")
                ),
                name="invoice_issued_is_complete",
            ),
            models.UniqueConstraint(fields=("intent",), condition=~Q(status="void"), name="invoice_one_per_payment"),
            models.UniqueConstraint(fields=("issuer", "number"), condition=~Q(number=""), name="invoice_number_once"),
        )

    def __str__(self) -> str:
        return self.number or self.id
