"""Pages of recommendation: needs for a firm and what it is told of, firms for an owner, and the factors for everybody."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from marketplace.core import clock
from marketplace.core.refusals import Refused
from marketplace.parties.access import acts_as, current_organization
from marketplace.tenders.models import NAMED, Method, Tender
from marketplace.tenders.rules import is_owner
from marketplace.tenders.states import TenderStatus

from ..actions import choose_needs
from ..forms import NeedsChoiceForm
from ..recommendation import firms_for, needs_for
from ..recommendation.weights import WEIGHTS

MOST_NEEDS = 50


@acts_as("intermediary")
@require_safe
def needs(request: HttpRequest) -> HttpResponse:
    """Show the open needs that fit the firm, by how well they fit or by when their sign-up ends."""
    firm, now = current_organization(request), clock.now()
    assert firm is not None
    fits = needs_for(firm, now, limit=MOST_NEEDS)
    by_end = request.GET.get("sort") == "ending"
    if by_end:
        fits.sort(key=lambda fit: fit.tender.signup_ends_at)
    context = {"fits": fits, "by_end": by_end, "firm": firm, "sorts": _sorts(by_end, _("截止时间"), "ending")}
    return render(request, "search/fitting/needs.html", context)


def _sorts(is_other: bool, label: str, value: str) -> list[tuple[str, str, bool]]:
    return [(_("适合程度"), "?", not is_other), (label, f"?sort={value}", is_other)]


@acts_as("intermediary")
@require_http_methods(["GET", "POST"])
def choices(request: HttpRequest) -> HttpResponse:
    """Choose of which needs the firm is told."""
    firm = current_organization(request)
    assert firm is not None
    # An empty answer is one too: every box may be without its tick.
    form = NeedsChoiceForm(request.POST if request.method == "POST" else None, organization=firm)
    if form.is_valid():
        given = form.cleaned_data
        try:
            choose_needs(
                organization=firm,
                is_muted=not given["is_told"],
                by_mail=given["by_mail"],
                muted=form.muted,
                by=request.user,
                now=clock.now(),
            )
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("已记下。今后按您的选择告知。"))
            return redirect("search:needs")
    return render(request, "search/fitting/choices.html", {"form": form, "firm": firm}, status=form.status)


@login_required
@require_safe
def firms(request: HttpRequest, number: str) -> HttpResponse:
    """Show an owner, or an administrator, which firms its draft or open need fits; for anybody else the page is not there."""
    tender = get_object_or_404(Tender.objects.select_related("buyer", "service", "region"), number=number)
    may_look = is_owner(request.user, tender) or bool(getattr(request.user, "is_staff", False))
    if not may_look or tender.method in NAMED:
        raise Http404
    is_draft = tender.status == TenderStatus.DRAFT
    is_open = is_draft or (tender.status == TenderStatus.OPEN and clock.now() < tender.signup_ends_at)
    fits = firms_for(tender) if is_open else []
    by_name = request.GET.get("sort") == "name"
    if by_name:
        fits.sort(key=lambda fit: fit.firm.name)
    may_invite = is_open and tender.method == Method.QUOTES and is_owner(request.user, tender)
    invited: set[Any] = set(tender.invitations.values_list("organization", flat=True)) if may_invite else set()
    context = {
        "tender": tender,
        "rows": [(fit, fit.firm.pk in invited) for fit in fits],
        "is_open": is_open,
        "is_draft": is_draft,
        "may_invite": may_invite,
        "back": reverse("tenders:preview", args=[tender.number]) if is_draft else tender.get_absolute_url(),
        "sorts": _sorts(by_name, _("名称"), "name"),
    }
    return render(request, "search/fitting/firms.html", context)


@require_safe
def factors(request: HttpRequest) -> HttpResponse:
    """Publish what recommendation goes by, with its weights."""
    rows = [
        (
            _("做过这类服务"),
            WEIGHTS.experience,
            _("在本平台完成过的同类合同，满 %(full)d 项得满分。") % {"full": WEIGHTS.full_experience},
        ),
        (
            _("在这个区域做过"),
            WEIGHTS.district,
            _("其中服务地点在同一区县的，满 %(full)d 项得满分。看的是经验，不看机构注册地。")
            % {"full": WEIGHTS.full_district},
        ),
        (
            _("按时交付"),
            WEIGHTS.on_time,
            _("按合同期限提交并通过验收的节点所占比例；没有记录的机构按一半计。"),
        ),
        (_("信用分"), WEIGHTS.credit, _("公开的信用分，满分 100。")),
    ]
    return render(request, "search/fitting/factors.html", {"rows": rows, "weights": WEIGHTS})
