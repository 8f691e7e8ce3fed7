"""Take a need back, declare it void, scrap it, post it again, copy it: each verb with its own page or button."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.refusals import Refused
from marketplace.parties.access import acts_as
from marketplace.tenders.actions import cancel_tender, copy_tender, repost_tender, scrap_tender, void_tender
from marketplace.tenders.forms import ReasonForm
from marketplace.tenders.models import Tender
from marketplace.tenders.queries import failed_formers, find_tender

from .notice import published_or_404


def _with_reason(
    request: HttpRequest, number: str, action: Callable[..., Tender], words: dict[str, str], done: str
) -> HttpResponse:
    """Ask for a reason, do the verb, and go back to the notice; a refusal comes back with what was typed."""
    tender = published_or_404(number)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            action(tender=tender, reason=form.cleaned_data["reason"], by=cast("User", request.user), now=clock.now())
        except Refused as refused:
            if refused.status == 403:
                raise
            form.add_refusal(refused)
        else:
            messages.success(request, done)
            return redirect(tender)
    return render(request, "tenders/reason.html", {"form": form, "tender": tender, **words}, status=form.status)


@login_required
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Take a published need back, with a public reason."""
    words = {
        "heading": _("取消采购需求"),
        "text": _("已报名的机构会收到通知，以后可以再次采购。"),
        "label": _("取消这份需求"),
    }
    return _with_reason(request, number, cancel_tender, words, _("采购需求已取消，原因已公开。"))


@login_required
@require_http_methods(["GET", "POST"])
def void(request: HttpRequest, number: str) -> HttpResponse:
    """Declare a need void, with a public reason: an administrator's page."""
    words = {
        "heading": _("置为无效"),
        "text": _("用于违反规定、不应继续的采购。业主和已报名的机构会收到通知。"),
        "label": _("将这份需求置为无效"),
    }
    return _with_reason(request, number, void_tender, words, _("采购需求已置为无效，原因已公开。"))


@login_required
@require_http_methods(["GET", "POST"])
def scrap(request: HttpRequest, number: str) -> HttpResponse:
    """Scrap a failed need, with a public reason."""
    words = {
        "heading": _("废置采购需求"),
        "text": _("废置后不能再次采购；确实还需要的，请选择再次采购。"),
        "label": _("废置这份需求"),
    }
    return _with_reason(request, number, scrap_tender, words, _("采购需求已废置，原因已公开。"))


@acts_as("buyer")
@require_POST
def repost(request: HttpRequest, number: str) -> HttpResponse:
    """Begin a draft that posts a need again, and say what may change in it."""
    draft = repost_tender(tender=published_or_404(number), by=cast("User", request.user), now=clock.now())
    failures = len(failed_formers(draft))
    if failures == 1:
        words = _("草稿 %(number)s 已带入原来的内容。第一次未成交，请按原条件再次采购，时间可以重新安排。")
    elif failures > 1:
        words = _("草稿 %(number)s 已带入原来的内容。已两次未成交，可以放宽要求、改变选取方式或直接选取报过名的机构。")
    else:
        words = _("草稿 %(number)s 已带入原来的内容，请核对后发布。")
    messages.success(request, words % {"number": draft.number})
    return redirect("tenders:edit", draft.number)


@acts_as("buyer")
@require_POST
def copy(request: HttpRequest, number: str) -> HttpResponse:
    """Begin a draft with what an earlier need says."""
    tender = find_tender(number)
    if tender is None:
        raise Http404
    draft = copy_tender(tender=tender, by=cast("User", request.user), now=clock.now())
    messages.success(
        request,
        _("已从 %(former)s 复制为草稿 %(number)s，请核对后发布。") % {"former": tender.number, "number": draft.number},
    )
    return redirect("tenders:edit", draft.number)
