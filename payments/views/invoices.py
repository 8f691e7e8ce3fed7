"""发票: one page of a payment for its two sides: the payer asks, the payee issues or declares void, both download."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from marketplace.core.refusals import Forbidden, Invalid, Refused

from .. import queries
from ..actions import issue_invoice, request_invoice, void_invoice
from ..actions.invoices import paid_fen
from ..forms import InvoiceIssueForm, InvoiceRequestForm, InvoiceVoidForm
from ..funds import local_url
from ..models import Invoice, PaymentIntent
from ..states import InvoiceStatus


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def invoice(request: HttpRequest, intent_id: str) -> HttpResponse:
    """Show the invoice of a payment with the one thing that the viewer may do about it, and do it."""
    intent = _readable(request, intent_id)
    invoices = list(intent.invoices.all())
    current = next((one for one in invoices if one.status != InvoiceStatus.VOID), None)
    forms = _forms(request, intent, current)
    status = 200
    if request.method == "POST":
        step = request.POST.get("step", "")
        form = forms.get(step)
        try:
            if form is None:
                raise Invalid("step_unknown", _("现在不能这样办理，请刷新页面。"))
            if form.is_valid():
                messages.success(request, _act(step, form, intent, current, request.user))
                return redirect("payments:invoice", intent.pk)
        except Refused as refused:
            if form is None:
                messages.error(request, str(refused))
                return redirect("payments:invoice", intent.pk)
            form.add_refusal(refused)
        status = form.status
    words = {
        "intent": intent,
        "invoice": current,
        "voided": [one for one in invoices if one.status == InvoiceStatus.VOID],
        "forms": forms,
        "amount_fen": current.amount_fen if current else paid_fen(intent),
        "is_payer": request.user.has_perm("payments.request_invoice", intent),
        "subject_url": local_url(intent),
    }
    return render(request, "payments/invoice.html", words, status=status)


@require_safe
@login_required
@never_cache
def invoice_file(request: HttpRequest, intent_id: str, invoice_id: str) -> FileResponse:
    """Give an invoice's file to download, never to show."""
    intent = _readable(request, intent_id)
    found = get_object_or_404(intent.invoices.exclude(file=""), pk=invoice_id)
    name = f"{found.number}.{str(found.file.name).rpartition('.')[2]}"
    response = FileResponse(
        found.file.open("rb"), as_attachment=True, filename=name, content_type="application/octet-stream"
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _readable(request: HttpRequest, intent_id: str) -> PaymentIntent:
    intent = queries.payment_for(intent_id=intent_id)
    if intent is None:
        raise Http404
    if not request.user.has_perm("payments.view_invoice", intent):
        raise Forbidden("not_party", _("发票只有付款和收款双方可以查看。"))
    return intent


def _forms(request: HttpRequest, intent: PaymentIntent, current: Invoice | None) -> dict[str, Any]:
    """Return the forms that this viewer may use now, by the name of their step; the one that was sent is filled."""
    may_ask = request.user.has_perm("payments.request_invoice", intent)
    may_issue = request.user.has_perm("payments.issue_invoice", intent)
    forms: dict[str, Any] = {}
    sent = request.POST.get("step") if request.method == "POST" else None

    def make(step: str, form: Any, initial: dict[str, Any] | None = None) -> None:
        bound = (request.POST, request.FILES) if step == sent else ()
        forms[step] = form(*bound, initial=initial or {}, auto_id=f"id_{step}_%s")

    if current is None and may_ask and intent.payer is not None and paid_fen(intent) > 0:
        make("request", InvoiceRequestForm, {"title": intent.payer.name, "tax_code": intent.payer.uscc or ""})
    if current is not None and may_issue and current.status == InvoiceStatus.REQUESTED:
        make("issue", InvoiceIssueForm, {"issued_date": localdate()})
    if current is not None and (may_issue or (may_ask and current.status == InvoiceStatus.REQUESTED)):
        make("void", InvoiceVoidForm)
    return forms


def _act(step: str, form: Any, intent: PaymentIntent, current: Invoice | None, by: Any) -> str:
    """Do what a form asks for and return the sentence that is said then."""
    if step == "request":
        request_invoice(intent=intent, by=by, **form.cleaned_data)
        return _("已申请发票，收款机构会收到通知。")
    assert current is not None
    if step == "issue":
        issue_invoice(invoice=current, by=by, **form.cleaned_data)
        return _("发票已登记，付款单位会收到通知并可以下载。")
    void_invoice(invoice=current, by=by, **form.cleaned_data)
    return _("已作废，需要的可以重新申请。")
