"""The electronic receipt as page and as PDF, and the public page on which anybody checks one."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from marketplace.core import clock
from marketplace.core.pdf import make_pdf

from ..models import PaymentIntent
from ..pictures import code_picture
from ..receipts import Receipt, checked_receipt, receipt_of
from .paying import payment_of


@require_safe
@login_required
@never_cache
def receipt(request: HttpRequest, intent_id: str) -> HttpResponse:
    """Show the receipt; 404 before the money has come."""
    intent, found = _receipt(request, intent_id)
    return render(request, "payments/receipt.html", {"intent": intent, "receipt": found, "code": _picture(found)})


@require_safe
@login_required
@never_cache
def receipt_pdf(request: HttpRequest, intent_id: str) -> HttpResponse:
    """Give the receipt as PDF."""
    _intent, found = _receipt(request, intent_id)
    words = {"receipt": found, "code": _picture(found), "made_at": clock.now()}
    made = make_pdf("payments/receipt_pdf.html", "payments/receipt_pdf.css", words)
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{found.number}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
@never_cache
def check_receipt(request: HttpRequest) -> HttpResponse:
    """Let anybody who holds a receipt see whether the platform gave it, and what was refunded since."""
    number, code = request.GET.get("number", "")[:80], request.GET.get("code", "")[:80]
    is_asked = bool(number or code)
    found = checked_receipt(number=number, code=code) if is_asked else None
    words = {"number": number, "typed": code, "is_asked": is_asked, "receipt": found}
    return render(request, "payments/check_receipt.html", words)


def _receipt(request: HttpRequest, intent_id: str) -> tuple[PaymentIntent, Receipt]:
    intent = payment_of(request, intent_id)
    found = receipt_of(intent)
    if found is None:
        raise Http404(_("款项到账后才有收据。"))
    return intent, found


def _picture(found: Receipt) -> str:
    return code_picture(found.check_url, _("核验收据的二维码"))
