"""Claims: ask to act for an organization that somebody else has entered, follow it, and decide it."""

from __future__ import annotations

from pathlib import PurePath
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from marketplace.accounts.models import User
from marketplace.accounts.queries import proven_codes
from marketplace.core import clock
from marketplace.core.refusals import Forbidden, Refused

from ..actions.claims import file_claim, grant_claim, refuse_claim
from ..actions.opening import is_unconfirmed
from ..forms import ClaimForm, ReasonForm
from ..models import EntryClaim, Organization
from ..rules import is_administrator, may_administer, may_see_claim
from ..states import EntryClaimStatus
from ..uscc import check_uscc


@never_cache
@login_required
def claim_new(request: HttpRequest) -> HttpResponse:
    """Take a claim on the organization that stands under a code; who has just proven to act for it needs no letter."""
    code = check_uscc(request.GET.get("code", ""))
    organization = Organization.objects.filter(uscc=code).first()
    if organization is None or is_unconfirmed(organization):
        return redirect("parties:enter")
    user, now = cast(User, request.user), clock.now()
    is_proven = code in proven_codes(user, now=now)
    form = ClaimForm(request.POST or None, request.FILES or None, is_proven=is_proven)
    if request.method == "POST" and form.is_valid():
        try:
            claim = file_claim(organization=organization, proven=is_proven, by=user, now=now, **form.cleaned_data)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            if is_proven:
                messages.success(request, _("您现在可以代表“%(name)s”办理业务。") % {"name": organization.name})
                return redirect("parties:my_firm" if organization.is_intermediary else "process:desk")
            messages.success(request, _("申请已提交，结果会发到收件箱。"))
            return redirect("parties:claim", pk=claim.pk)
    context = {"form": form, "organization": organization, "is_proven": is_proven}
    return render(request, "parties/claim_new.html", context, status=form.status)


@never_cache
@login_required
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a claim to the claimant, to those who decide, and take their decision."""
    row = get_object_or_404(EntryClaim.objects.select_related("organization", "user"), pk=pk)
    if not may_see_claim(request.user, row):
        raise Forbidden("not_yours", _("这份申请只给申请人、本单位管理员和平台管理机构查看。"))
    own, staff = may_administer(request.user, row.organization), is_administrator(request.user)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        decide = grant_claim if request.POST.get("decision") == "grant" else refuse_claim
        try:
            decide(claim=row, by=request.user, reason=form.cleaned_data["reason"], now=clock.now())
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("已处理，申请人会收到消息。"))
            return redirect("parties:claim", pk=pk)
    filed = row.status == EntryClaimStatus.FILED
    context = {
        "claim": row,
        "form": form,
        "decides": filed and (own or (staff and row.escalated_at is not None)),
        "is_final": not own,
    }
    return render(request, "parties/claim.html", context, status=form.status)


@login_required
def claim_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand the authorisation letter to the claimant and to those who decide."""
    row = get_object_or_404(EntryClaim.objects.select_related("organization"), pk=pk)
    if not may_see_claim(request.user, row):
        raise Forbidden("not_yours", _("授权材料只给申请人、本单位管理员和平台管理机构查看。"))
    if not row.file:
        raise Http404
    return FileResponse(row.file.open("rb"), as_attachment=True, filename=PurePath(str(row.file)).name)
