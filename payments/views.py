"""Pages of a payment for its payer, and the address that takes the provider's notices."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from marketplace.core.refusals import Forbidden, Refused

from . import queries
from .actions import apply_notice, confirm_payment_intent
from .alipay.notify import MAX_BYTES
from .models import Notice, PaymentIntent


@csrf_exempt
@require_POST
def alipay_notify(request: HttpRequest) -> HttpResponse:
    """Take a notice from the provider: exactly `success` when it was believed, anything else makes it come again."""
    if int(request.headers.get("Content-Length") or 0) > MAX_BYTES:
        return HttpResponse("failure", status=413, content_type="text/plain")
    notice = apply_notice(raw_body=request.body)
    if notice.outcome == Notice.Outcome.REFUSED:
        return HttpResponse("failure", status=400, content_type="text/plain")
    return HttpResponse("success", content_type="text/plain")


@never_cache
@require_GET
@login_required
def payment(request: HttpRequest, intent_id: str) -> HttpResponse:
    """Show what is paid for, to whom, held until when, and what we know of it."""
    return _show(request, _mine(request, intent_id), is_back=False)


@never_cache
@require_GET
@login_required
def returned(request: HttpRequest, intent_id: str) -> HttpResponse:
    """Show the payment to somebody who comes back from the cashier. What the address says is not read: it decides nothing."""
    return _show(request, _mine(request, intent_id), is_back=True)


@require_POST
@login_required
def confirm(request: HttpRequest, intent_id: str) -> HttpResponse:
    """Send the payer to the cashier."""
    intent = _mine(request, intent_id)
    return_url = settings.BASE_URL + reverse("payments:return", args=[intent.pk])
    try:
        intent = confirm_payment_intent(intent=intent, return_url=return_url, by=request.user)
    except Refused as refused:
        return _show(request, _mine(request, intent_id), is_back=False, refused=refused)
    return HttpResponseRedirect(intent.next_action_url)


def _mine(request: HttpRequest, intent_id: str) -> PaymentIntent:
    intent = queries.payment_for(intent_id=intent_id)
    if intent is None:
        raise Http404
    if not request.user.has_perm("payments.view", intent):
        raise Forbidden("not_payer", _("这笔付款由另一个单位办理，您不能查看。"))
    return intent


def _show(
    request: HttpRequest, intent: PaymentIntent, *, is_back: bool, refused: Refused | None = None
) -> HttpResponse:
    url = intent.metadata.get("url", "")
    words = {
        "page": queries.payment_page(intent=intent),
        "intent": intent,
        "charge": intent.latest_charge,
        "may_pay": request.user.has_perm("payments.pay", intent),
        "is_back": is_back,
        "refused": refused,
        "subject_url": url if url.startswith("/") and not url.startswith("//") else "",
    }
    template = "payments/state.html" if getattr(request, "htmx", False) else "payments/payment.html"
    return render(request, template, words, status=refused.status if refused else 200)
