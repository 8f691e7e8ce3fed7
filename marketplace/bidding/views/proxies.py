"""The limit that a firm leaves with the system: set, changed and taken back on the room's page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from marketplace.core.money import format_yuan
from marketplace.core.refusals import Invalid, Refused

from ..actions import set_proxy
from ..forms import ProxyForm
from .rooms import find, firm_of, wants_json


@never_cache
@require_POST
def proxy(request: HttpRequest, number: str) -> HttpResponse:
    """Leave a limit (`limit`), or take it back where `withdraw` is sent; JSON for scripts that ask for it."""
    auction = find(number)
    organization, user = firm_of(request, _("只有报名的中介机构可以使用代理报价。"))
    form = ProxyForm(request.POST)
    try:
        if not form.is_valid():
            raise Invalid("amount_invalid", " ".join(map(str, form.errors.get("limit", [_("请刷新页面后再试。")]))))
        limit_fen = None if "withdraw" in request.POST else form.cleaned_data["limit"]
        if limit_fen is None and "withdraw" not in request.POST:
            raise Invalid("amount_missing", _("请填写代理报价的底线。"), field="limit")
        left = set_proxy(
            auction=auction,
            organization=organization,
            limit_fen=limit_fen,
            key=form.cleaned_data["key"],
            by=user,
        )
    except Refused as refused:
        if wants_json(request):
            answer = {"refused": request.POST.get("key", ""), "code": refused.code, "message": str(refused.message)}
            return JsonResponse(answer | {"field": refused.field}, status=refused.status)
        messages.error(request, str(refused.message))
        return redirect(auction)
    if wants_json(request):
        return JsonResponse({"ack": left.key, "limit_fen": left.limit_fen, "commitment": left.commitment})
    if left.limit_fen is None:
        messages.success(request, _("已收回代理报价，系统不再替您报价。已经报出的价格仍然有效。"))
    else:
        words = {"limit": format_yuan(left.limit_fen)}
        messages.success(
            request, _("已设代理报价，底线 %(limit)s 元；别家报价更优时系统自动替您报，不会越过底线。") % words
        )
    return redirect(auction)
