"""Pages on what the approval platform was told about an owner's needs."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.parties.access import acts_as, current_organization
from marketplace.tenders.models import Tender

from .actions import retry_push
from .models import Push
from .queries import last_taken, pushes_for, pushes_of


@acts_as("buyer")
@require_safe
def pushes(request: HttpRequest, number: str = "") -> HttpResponse:
    """List what was sent and what waits, for all of an owner's needs or for one."""
    organization = current_organization(request)
    assert organization is not None
    tender = None
    rows = pushes_of(organization)
    if number:
        tender = get_object_or_404(Tender.objects.select_related("project", "case"), number=number, buyer=organization)
        rows = pushes_for(tender)
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    context = {"page": page, "tender": tender, "last": last_taken(tender) if tender else None}
    return render(request, "approvals/pushes.html", context)


@acts_as("buyer")
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a refused message again."""
    push = get_object_or_404(Push.objects.select_related("tender__buyer"), pk=pk)
    user = cast("User", request.user)
    if not user.has_perm("approvals.view_push", push):
        raise Http404
    retry_push(push=push, by=user, now=clock.now())
    messages.success(request, _("已安排重新发送，通常在一分钟内送达。"))
    return redirect("approvals:tender", push.tender.number)
