"""Firms kept out of a need, and firms invited to quote: find by name or code, choose, take back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.refusals import Refused
from marketplace.parties.access import acts_as
from marketplace.tenders.actions import avoid_firm, invite_firm, stop_avoiding, uninvite_firm
from marketplace.tenders.forms import AvoidanceForm, FirmForm
from marketplace.tenders.models import Avoidance, Invitation, Method, Tender
from marketplace.tenders.queries import find_firms

from .own import own_or_404


@acts_as("buyer")
@require_http_methods(["GET", "POST"])
def avoid(request: HttpRequest, number: str) -> HttpResponse:
    """Keep firms out of a need, each with its public reason."""
    tender = own_or_404(request, number)
    rows = tender.avoidances.select_related("organization").order_by("pk")
    return _firms_page(request, tender, AvoidanceForm(request.POST or None), avoid_firm, "tenders/avoid.html", rows)


@acts_as("buyer")
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest, number: str) -> HttpResponse:
    """Ask firms for a quote."""
    tender = own_or_404(request, number)
    if tender.method != Method.QUOTES:
        raise Http404
    rows = tender.invitations.select_related("organization").order_by("pk")
    return _firms_page(request, tender, FirmForm(request.POST or None), invite_firm, "tenders/invite.html", rows)


def _firms_page(
    request: HttpRequest, tender: Tender, form: FirmForm, action: Callable[..., Any], template: str, rows: Any
) -> HttpResponse:
    """Find (`q`), choose one and do; what was searched and typed stays when it is refused."""
    if request.method == "POST" and form.is_valid():
        try:
            action(tender=tender, **form.cleaned_data, by=cast("User", request.user), now=clock.now())
        except Refused as refused:
            if refused.status == 403:
                raise
            form.add_refusal(refused)
        else:
            messages.success(request, _("已加入名单：%(firm)s。") % {"firm": form.cleaned_data["organization"].name})
            return redirect(request.path)
    words = request.POST.get("q") or request.GET.get("q", "")
    context = {
        "tender": tender,
        "form": form,
        "rows": list(rows),
        "q": words,
        "found": find_firms(words),
        "least": tender.rules.get("minimum_invited"),
    }
    return render(request, template, context, status=form.status)


@acts_as("buyer")
@require_POST
def allow(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a firm in again."""
    row = get_object_or_404(Avoidance.objects.select_related("tender__process", "organization"), pk=pk)
    tender = own_or_404(request, row.tender.number)
    stop_avoiding(avoidance=row, by=cast("User", request.user), now=clock.now())
    messages.success(request, _("不再回避：%(firm)s。") % {"firm": row.organization.name})
    return redirect("tenders:avoid", tender.number)


@acts_as("buyer")
@require_POST
def uninvite(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an invitation back."""
    row = get_object_or_404(Invitation.objects.select_related("tender__process", "organization"), pk=pk)
    tender = own_or_404(request, row.tender.number)
    uninvite_firm(invitation=row, by=cast("User", request.user), now=clock.now())
    messages.success(request, _("不再邀请：%(firm)s。") % {"firm": row.organization.name})
    return redirect("tenders:invite", tender.number)
