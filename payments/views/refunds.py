"""The page on which a payer gives a part of the held money back: how much and why, check, done."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from marketplace.core.money import format_yuan
from marketplace.core.refusals import Forbidden, Refused

from ..actions.held import held_fen
from ..actions.refund_requests import request_refund
from ..forms import RefundForm
from .paying import payment_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def refund(request: HttpRequest, intent_id: str) -> HttpResponse:
    """Take a refund in two steps: the form, then the same answers to check and confirm."""
    intent = payment_of(request, intent_id)
    if not request.user.has_perm("payments.pay", intent):
        raise Forbidden("not_payer", _("只有付款单位的经办人可以办理这笔付款。"))
    left = held_fen(intent)
    form = RefundForm(request.POST or None, left_fen=left)
    words = {"intent": intent, "form": form, "left_fen": left}
    if not form.is_bound:
        return render(request, "payments/refund.html", words)
    if not form.is_valid():
        return render(request, "payments/refund.html", words, status=422)
    given = form.cleaned_data
    if request.POST.get("step") == "change":
        return render(request, "payments/refund.html", words)
    if request.POST.get("step") != "confirm":
        return render(request, "payments/refund_check.html", {**words, **given, "rest_fen": left - given["amount_fen"]})
    try:
        done = request_refund(
            intent=intent,
            amount_fen=given["amount_fen"],
            note=given["note"],
            key=f"page:{intent.pk}:{given['token']}",
            by=request.user,
        )
    except Refused as refused:
        form.add_refusal(refused)
        return render(request, "payments/refund.html", words, status=refused.status)
    amount = {"amount": format_yuan(done.amount_fen)}
    messages.success(request, _("已发起退款 %(amount)s 元，原路退回付款账户，进度见本页。") % amount)
    return redirect("payments:intent", intent.pk)
