"""Invoices 发票: the payer asks for one, the payee issues it with number and file, and may declare it void."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from marketplace.core import clock
from marketplace.core.files import check_upload, sha256_of
from marketplace.core.locks import lock
from marketplace.core.money import format_yuan
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.parties.actions import notify_organization
from marketplace.parties.models import Organization
from payments.models import Invoice, PaymentIntent
from payments.states import INVOICE, InvoiceStatus, PaymentIntentStatus, RefundStatus

from .announcing import tell_process

FILES = ("pdf", "ofd", "jpg", "png")
NUMBER = re.compile(r"[0-9]{8}|[0-9]{20}")  # paper and early electronic ones; fully digital ones
TAX_CODE = re.compile(r"[0-9A-Z]{15}|[0-9A-Z]{17,20}")


@transaction.atomic
def request_invoice(
    *, intent: PaymentIntent, kind: str, title: str = "", tax_code: str = "", by: Any, now: datetime | None = None
) -> Invoice:
    """Ask the payee for an invoice about what was paid and not returned. Asked again it returns the one that there is.

    Title and tax code are the payer's own when they are not given. Refuses with `not_payer`, `state_conflict` (not paid),
    `invoice_parties_missing`, `nothing_to_invoice`, `invoice_kind`, `tax_code_invalid`, `tax_code_missing`.
    """
    now = now or clock.now()
    intent = lock(intent)
    if not by.has_perm("payments.request_invoice", intent):
        raise Forbidden("not_payer", _("只有付款单位的经办人可以申请发票。"))
    if earlier := intent.invoices.exclude(status=InvoiceStatus.VOID).first():
        return earlier
    if intent.status != PaymentIntentStatus.SUCCEEDED:
        raise Refused("state_conflict", _("款项付清后才能申请发票。"))
    if intent.payer is None or intent.payee is None:
        raise Refused("invoice_parties_missing", _("这笔付款没有写明付款单位和收款单位，不能申请发票。"))
    if kind not in Invoice.Kind.values:
        raise Invalid("invoice_kind", _("请选择发票种类。"), field="kind")
    tax_code = (tax_code or intent.payer.uscc or "").strip().upper()
    if tax_code and not TAX_CODE.fullmatch(tax_code):
        raise Invalid("tax_code_invalid", _("纳税人识别号为 15 位或 17 至 20 位数字和字母。"), field="tax_code")
    if kind == Invoice.Kind.SPECIAL and not tax_code:
        raise Invalid("tax_code_missing", _("专用发票须填写纳税人识别号。"), field="tax_code")
    amount_fen = paid_fen(intent)
    if not amount_fen:
        raise Refused("nothing_to_invoice", _("这笔款项已全部退回，没有可以开票的金额。"))
    invoice = Invoice.objects.create(
        intent=intent,
        issuer=intent.payee,
        recipient=intent.payer,
        kind=kind,
        title=(title.strip() or intent.payer.name)[:160],
        tax_code=tax_code,
        amount_fen=amount_fen,
        requested_by=by,
        requested_at=now,
    )
    values = {**_words(invoice), "kind": invoice.get_kind_display()}
    _tell(
        invoice,
        invoice.issuer,
        _("请开发票：%(what)s") % values,
        _("%(title)s 申请%(kind)s，金额 %(amount)s 元。开具后请上传发票文件并填写号码。") % values,
        now,
    )
    _record(invoice, "invoice_requested", by=by, now=now)
    return invoice


@transaction.atomic
def issue_invoice(
    *,
    invoice: Invoice,
    number: str,
    file: Any,
    issued_date: date | None = None,
    by: Any,
    now: datetime | None = None,
) -> Invoice:
    """Hand in an invoice: its number (8 or 20 digits; 20 for a digital one), its file, the date on it.

    Refuses with `not_payee`, `state_conflict`, `invoice_number`, `invoice_number_taken`, `invoice_date`,
    `invoice_amount_stale` (money went back since it was asked for) and what `check_upload` refuses.
    """
    now = now or clock.now()
    intent = lock(invoice.intent)
    invoice = lock(invoice)
    lock(invoice.issuer)  # its numbers are given out one after the other
    if not by.has_perm("payments.issue_invoice", intent):
        raise Forbidden("not_payee", _("只有收款单位的经办人可以开具发票。"))
    INVOICE.check(invoice.status, InvoiceStatus.ISSUED)
    number = number.strip()
    if not NUMBER.fullmatch(number) or (invoice.kind == Invoice.Kind.ELECTRONIC and len(number) != 20):
        raise Invalid("invoice_number", _("发票号码为 8 位或 20 位数字，数电发票为 20 位。"), field="number")
    if Invoice.objects.filter(issuer=invoice.issuer, number=number).exists():
        raise Invalid("invoice_number_taken", _("这个发票号码已经登记过。"), field="number")
    issued_date = issued_date or localdate(now)
    if issued_date > localdate(now):
        raise Invalid("invoice_date", _("开票日期不能晚于今天。"), field="issued_date")
    if invoice.amount_fen > paid_fen(intent):
        raise Refused("invoice_amount_stale", _("申请后有款项退回，开票金额已变。请作废这份申请，由付款方重新申请。"))
    kind = check_upload(file, kinds=FILES)
    invoice.number, invoice.issued_date, invoice.sha256 = number, issued_date, sha256_of(file)
    invoice.status, invoice.issued_by, invoice.issued_at = InvoiceStatus.ISSUED, by, now
    invoice.file.save(f"{invoice.sha256[:40]}.{kind}", file, save=False)
    invoice.save()
    values = {**_words(invoice), "number": number}
    _tell(
        invoice,
        invoice.recipient,
        _("发票已开具：%(what)s") % values,
        _("发票号码 %(number)s，金额 %(amount)s 元，可以下载。") % values,
        now,
    )
    _record(invoice, "invoice_issued", by=by, now=now, number=number, sha256=invoice.sha256)
    return invoice


@transaction.atomic
def void_invoice(*, invoice: Invoice, reason: str, by: Any, now: datetime | None = None) -> Invoice:
    """Declare an invoice void, so that another can be asked for; the file stays as evidence.

    The payee may always, the payer only while it is not issued. Refuses with `not_payee`, `state_conflict`, `reason_missing`.
    """
    now = now or clock.now()
    intent = lock(invoice.intent)
    invoice = lock(invoice)
    may_issue = by.has_perm("payments.issue_invoice", intent)
    is_withdrawal = invoice.status == InvoiceStatus.REQUESTED and by.has_perm("payments.request_invoice", intent)
    if not (may_issue or is_withdrawal):
        raise Forbidden("not_payee", _("已开具的发票只有收款单位可以作废。"))
    INVOICE.check(invoice.status, InvoiceStatus.VOID)
    reason = reason.strip()[:300]
    if not reason:
        raise Invalid("reason_missing", _("请写明作废的原因。"), field="reason")
    invoice.status, invoice.void_reason = InvoiceStatus.VOID, reason
    invoice.voided_by, invoice.voided_at = by, now
    invoice.save()
    values = {**_words(invoice), "reason": reason}
    _tell(
        invoice,
        invoice.recipient if may_issue else invoice.issuer,
        _("发票已作废：%(what)s") % values,
        _("原因：%(reason)s。需要的可以重新申请。") % values,
        now,
    )
    _record(invoice, "invoice_voided", by=by, now=now, reason=reason, number=invoice.number)
    return invoice


def paid_fen(intent: PaymentIntent) -> int:
    """Return what a payer has paid and not got back, also not after the settlement: what an invoice may be about."""
    refunds = intent.refunds.filter(is_automatic=False).exclude(status=RefundStatus.FAILED)
    return int(intent.amount_received_fen - (refunds.aggregate(fen=Sum("amount_fen"))["fen"] or 0))


def _words(invoice: Invoice) -> dict[str, Any]:
    return {
        "what": invoice.intent.description,
        "title": invoice.title,
        "amount": format_yuan(invoice.amount_fen),
    }


def _tell(invoice: Invoice, organization: Organization, title: str, body: str, now: datetime) -> None:
    notify_organization(
        organization=organization,
        title=title,
        body=body,
        url=invoice.intent.metadata.get("url", ""),
        key=f"invoice-{invoice.pk}-{invoice.status}",
        now=now,
    )


def _record(invoice: Invoice, name: str, *, by: Any, now: datetime, **data: Any) -> None:
    told = {"invoice": invoice.pk, "kind": invoice.kind, "amount_fen": invoice.amount_fen, **data}
    organization = invoice.recipient if name == "invoice_requested" else invoice.issuer
    tell_process(invoice.intent, name, subject=invoice, by=by, now=now, organization=organization, data=told)
