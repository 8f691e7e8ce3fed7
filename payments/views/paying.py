"""The page of one payment for its payer: pay by one of three ways, ask the provider, cancel; it shows, it never decides."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from marketplace.core.pace import Buckets
from marketplace.core.refusals import Forbidden, Invalid, Refused

from .. import queries
from ..actions import cancel_payment_intent, confirm_payment_intent, sync_charge
from ..actions.held import held_fen
from ..funds import local_url
from ..models import Charge, PaymentIntent
from ..pictures import code_picture
from ..states import ChargeStatus, PaymentIntentStatus, RefundStatus

WAYS = (
    (Charge.Way.PAGE, gettext_lazy("去支付宝付款"), gettext_lazy("在电脑上登录支付宝，或用手机扫收银台的码。")),
    (Charge.Way.QR, gettext_lazy("扫码付款"), gettext_lazy("本页显示二维码，用手机支付宝扫一扫。")),
    (Charge.Way.WAP, gettext_lazy("在这部手机上付款"), gettext_lazy("正用手机看本页时，直接打开支付宝。")),
)
# Somebody may ask the provider about one payment three times at once, then every five seconds.
asks = Buckets(rate=0.2, burst=3)


@never_cache
@require_GET
@login_required
def payment(request: HttpRequest, intent_id: str) -> HttpResponse:
    """Show what is paid for, to whom, held until when, and what we know of it."""
    return _show(request, payment_of(request, intent_id))


@never_cache
@require_GET
@login_required
def returned(request: HttpRequest, intent_id: str) -> HttpResponse:
    """Show the payment to somebody who comes back from the cashier. What the address says is not read: it decides nothing."""
    return _show(request, payment_of(request, intent_id), is_back=True)


@require_POST
@login_required
def confirm(request: HttpRequest, intent_id: str) -> HttpResponse:
    """Send the payer to the cashier, or show the code to scan."""
    intent = payment_of(request, intent_id)
    way = request.POST.get("way", Charge.Way.PAGE)
    return_url = settings.BASE_URL + reverse("payments:return", args=[intent.pk])
    try:
        if way not in Charge.Way.values:
            raise Invalid("way_unknown", _("没有这种付款方式，请刷新页面。"))
        intent = confirm_payment_intent(intent=intent, return_url=return_url, way=way, by=request.user)
    except Refused as refused:
        return _show(request, payment_of(request, intent_id), refused=refused)
    return HttpResponseRedirect(intent.next_action_url or reverse("payments:intent", args=[intent.pk]))


@require_POST
@login_required
def ask(request: HttpRequest, intent_id: str) -> HttpResponse:
    """Ask the provider now what became of the payment, at the pace that we allow."""
    intent = payment_of(request, intent_id)
    charge = intent.pending_charge
    if charge is not None and not asks.take(intent.pk):
        slower = Refused("asked_too_often", _("刚刚问过支付宝，请过几秒再问。本页也会自动更新。"), status=429)
        return _show(request, intent, refused=slower)
    if charge is not None and sync_charge(charge=charge).status == ChargeStatus.PENDING:
        messages.warning(
            request, _("已向支付宝查询，还没有这笔款项的付款结果。已付过款的请不要重复付款，结果到达后本页会更新。")
        )
    elif charge is not None:
        messages.success(request, _("已向支付宝核实，本页是最新结果。"))
    return redirect("payments:intent", intent.pk)


@require_POST
@login_required
def cancel(request: HttpRequest, intent_id: str) -> HttpResponse:
    """Give the payment up."""
    intent = payment_of(request, intent_id)
    try:
        cancel_payment_intent(intent=intent, by=request.user)
    except Refused as refused:
        return _show(request, payment_of(request, intent_id), refused=refused)
    messages.success(request, _("这笔付款已取消。取消后才到账的款项会自动原路退回。"))
    return redirect("payments:intent", intent.pk)


def payment_of(request: HttpRequest, intent_id: str) -> PaymentIntent:
    """Return a payment that this person may see; 404 for none, 403 in words for another's."""
    intent = queries.payment_for(intent_id=intent_id)
    if intent is None:
        raise Http404
    if not request.user.has_perm("payments.view", intent):
        raise Forbidden("not_payer", _("这笔付款由另一个单位办理，您不能查看。"))
    return intent


def _show(
    request: HttpRequest, intent: PaymentIntent, *, is_back: bool = False, refused: Refused | None = None
) -> HttpResponse:
    page = queries.payment_page(intent=intent)
    charge = intent.latest_charge
    seen = _seen(intent, charge, page)
    if request.GET.get("seen") == seen and getattr(request, "htmx", False):
        return HttpResponse(status=204)  # nothing new: the page stays as it is, and asks again
    may_pay = request.user.has_perm("payments.pay", intent)
    shows_code = intent.status == PaymentIntentStatus.REQUIRES_ACTION and charge is not None and charge.qr_code
    words = {
        "page": page,
        "intent": intent,
        "charge": charge,
        "seen": seen,
        "ways": WAYS,
        "code": code_picture(charge.qr_code, _("付款二维码")) if shows_code and charge else "",
        "held_fen": held_fen(intent),
        "is_moving": any(row.status == RefundStatus.PENDING for row in page.refunds),
        "may_pay": may_pay,
        "is_back": is_back,
        "refused": refused,
        "subject_url": local_url(intent),
        "demo": settings.DEMO,
    }
    template = "payments/state.html" if getattr(request, "htmx", False) else "payments/payment.html"
    return render(request, template, words, status=refused.status if refused else 200)


def _seen(intent: PaymentIntent, charge: Charge | None, page: Any) -> str:
    """Say in one word all that may change while one looks."""
    attempt = f"{charge.pk}.{charge.status}.{bool(charge.qr_code)}" if charge else "-"
    moves = "".join(f".{row.status}" for row in (*page.refunds, *page.transfers))
    return f"{intent.status}.{attempt}{moves}"
