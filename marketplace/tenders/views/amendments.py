"""Amend a published need: write what changes, read the difference, confirm it."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.refusals import Refused
from marketplace.parties.access import acts_as
from marketplace.tenders.actions import amend_tender, amendable, check_amendment
from marketplace.tenders.forms import AmendmentFileForm, AmendmentForm
from marketplace.tenders.models import Tender
from marketplace.tenders.queries import shown_changes

from .notice import published_or_404
from .own import organization_of


def _own_or_404(request: HttpRequest, number: str) -> Tender:
    tender = published_or_404(number)
    if tender.buyer_id != organization_of(request).pk:
        raise Http404
    return tender


@acts_as("buyer")
@require_http_methods(["GET", "POST"])
def amend(request: HttpRequest, number: str) -> HttpResponse:
    """Take what is to change; show the difference; with `confirmed` announce it."""
    tender = _own_or_404(request, number)
    initial = {name: getattr(tender, name) for name in amendable(tender.method)}
    form = AmendmentForm(request.POST or None, tender=tender, initial=initial)
    if request.method == "POST" and "back" not in request.POST and form.is_valid():
        try:
            if "confirmed" in request.POST:
                return _announce(request, tender, form)
            changes = check_amendment(tender=_own_or_404(request, number), values=form.values, now=clock.now())
        except Refused as refused:
            if refused.status == 403:
                raise
            form.add_refusal(refused)
        else:
            if changes:
                context = {
                    "tender": tender,
                    "reason": form.cleaned_data["reason"],
                    "changes": shown_changes(changes, tender),
                    "sent": [(name, value) for name, value in request.POST.items() if name != "csrfmiddlewaretoken"],
                }
                return render(request, "tenders/amend_check.html", context)
            form.add_error(None, _("内容与现在的公告相同，没有需要变更的地方。"))
    return _page(request, tender, form, AmendmentFileForm(), 200 if "back" in request.POST else form.status)


def _announce(request: HttpRequest, tender: Tender, form: AmendmentForm) -> HttpResponse:
    amend_tender(
        tender=tender,
        values=form.values,
        reason=form.cleaned_data["reason"],
        by=cast("User", request.user),
        now=clock.now(),
    )
    messages.success(request, _("变更已公告，已报名的机构会收到通知。"))
    return redirect(f"{tender.get_absolute_url()}#amendments")


@acts_as("buyer")
@require_POST
def amend_file(request: HttpRequest, number: str) -> HttpResponse:
    """Add a file to a published need, announced as an amendment."""
    tender = _own_or_404(request, number)
    form = AmendmentFileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            amend_tender(
                tender=tender,
                values={},
                reason=form.cleaned_data["reason"],
                files=[form.cleaned_data["file"]],
                by=cast("User", request.user),
                now=clock.now(),
            )
        except Refused as refused:
            if refused.status == 403:
                raise
            form.add_refusal(refused)
        else:
            messages.success(request, _("附件已补充并公告，已报名的机构会收到通知。"))
            return redirect(f"{tender.get_absolute_url()}#amendments")
    initial = {name: getattr(tender, name) for name in amendable(tender.method)}
    return _page(request, tender, AmendmentForm(tender=tender, initial=initial), form, form.status)


def _page(
    request: HttpRequest, tender: Tender, form: AmendmentForm, file_form: AmendmentFileForm, status: int
) -> HttpResponse:
    context = {"tender": tender, "form": form, "file_form": file_form}
    return render(request, "tenders/amend.html", context, status=status)
