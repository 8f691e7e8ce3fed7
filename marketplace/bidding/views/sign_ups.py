"""Signing up, what a firm adds to the draw, and taking a sign-up back: buttons and a small form, each with its answer."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from marketplace.core.moments import until
from marketplace.core.refusals import Refused
from marketplace.parties.access import current_organization
from marketplace.tenders.models import Method, Tender

from .. import queries
from ..actions import set_nonce, sign_up, withdraw_sign_up
from ..models import Bidder


@require_POST
def enter(request: HttpRequest, number: str) -> HttpResponse:
    """Sign the firm up for a need; the reason of a refusal stands on the notice."""
    tender = get_object_or_404(Tender.objects.published(), number=number)
    organization = current_organization(request)
    if not request.user.is_authenticated:
        return redirect_to_login(tender.get_absolute_url())
    if organization is None:
        messages.error(request, _("只有入驻的中介机构可以报名，请先办理入驻。"))
        return redirect("parties:enter")
    given = request.POST.get("nonce", "")
    try:
        bidder = sign_up(tender=tender, organization=organization, nonce=given, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused.message))
        return redirect(tender)
    messages.success(request, _welcome(tender, bidder))
    is_plain = tender.method == Method.LIVE_AUCTION and not tender.is_sealed
    return redirect(tender) if is_plain else redirect("bidding:offer", number)


def _welcome(tender: Tender, bidder: Bidder) -> str:
    """Say what a firm is called here, and what comes next."""
    words = {
        "label": bidder.label,
        "time": until(tender.selection_at, "m-d H:i"),
        "method": tender.method_label,
    }
    if tender.method == Method.LIVE_AUCTION and tender.is_sealed:
        return (
            _("报名成功。您的代号是 %(label)s，请在 %(time)s 竞价开始前提交首轮密封报价，没有提交的不能接着报价。")
            % words
        )
    if tender.method == Method.LIVE_AUCTION:
        return _("报名成功。您在竞价中的代号是 %(label)s，竞价 %(time)s 开始。") % words
    if tender.is_sealed:
        return _("报名成功。您的代号是 %(label)s，请在 %(time)s 前提交密封报价。") % words
    return _("报名成功。您的代号是 %(label)s，%(time)s 进行%(method)s，到时不用操作。") % words


@require_POST
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Take the firm's sign-up back; the reason of a refusal stands on the notice."""
    tender = get_object_or_404(Tender.objects.published(), number=number)
    if not request.user.is_authenticated:
        return redirect_to_login(tender.get_absolute_url())
    bidder = queries.bidder_of(tender, current_organization(request))
    if bidder is None:
        messages.error(request, _("贵机构没有报名这项需求。"))
        return redirect(tender)
    try:
        withdraw_sign_up(bidder=bidder, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("已撤回报名。截止前可以再次报名。"))
    return redirect(tender)


@require_POST
def nonce(request: HttpRequest, number: str) -> HttpResponse:
    """Change what the firm adds to the draw; the answer stands on the page of its offer."""
    tender = get_object_or_404(Tender.objects.published(), number=number)
    if not request.user.is_authenticated:
        return redirect_to_login(tender.get_absolute_url())
    bidder = queries.bidder_of(tender, current_organization(request))
    if bidder is None:
        messages.error(request, _("贵机构没有报名这项需求。"))
        return redirect(tender)
    try:
        bidder = set_nonce(bidder=bidder, nonce=request.POST.get("nonce", ""), by=request.user)
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        words = {"time": until(tender.signup_ends_at, "m-d H:i")}
        said = _("随机数已保存，%(time)s 前可以再改。") if bidder.nonce else _("随机数已清空，%(time)s 前可以再填。")
        messages.success(request, said % words)
    return redirect("bidding:offer", number)
