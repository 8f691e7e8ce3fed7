"""The page of a result: who, why, until when, whether the firm takes the work on, and how to object."""

from __future__ import annotations

from contextlib import suppress

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marketplace.bidding.models import Bidder
from marketplace.bidding.states import BidderStatus
from marketplace.core import clock
from marketplace.core.refusals import Forbidden, Refused
from marketplace.parties.access import current_organization, organizations_of
from marketplace.parties.models import Organization
from marketplace.tenders.models import FIXED_PRICE

from .. import queries
from ..actions import accept_award, decide_objection, decline_award, object_to_award
from ..forms import DecisionForm, DeclineForm, ObjectionForm
from ..models import Award, Objection
from ..queries.pages import awards_of, named_bidders, table_of
from ..rules import acts_for_winner
from ..states import AwardStatus, ObjectionStatus
from .looking import settle

ENDED = {AwardStatus.DECLINED, AwardStatus.LAPSED, AwardStatus.REVOKED}
MANY_COLUMNS = 6  # a wider table stands below the columns of the page, over its whole width
STANDING = {AwardStatus.STANDSTILL, AwardStatus.ACCEPTING}


def _objecting_firm(request: HttpRequest, award: Award) -> Organization | None:
    """Return the viewer's firm that took part and was not chosen, the one acted for first; None when there is none."""
    mine = organizations_of(request.user)
    taking_part = set(
        Bidder.objects.filter(tender=award.tender_id, status=BidderStatus.ACTIVE, organization__in=mine)
        .exclude(organization=award.organization_id)
        .values_list("organization_id", flat=True)
    )
    now_acting = current_organization(request)
    mine.sort(key=lambda firm: firm != now_acting)
    return next((firm for firm in mine if firm.pk in taking_part), None)


def _page(
    request: HttpRequest,
    award: Award,
    *,
    form: ObjectionForm | None = None,
    decline_form: DeclineForm | None = None,
    decided: tuple[int, DecisionForm] | None = None,
) -> HttpResponse:
    now, tender = clock.now(), award.tender
    firm = _objecting_firm(request, award) if request.user.is_authenticated else None
    objections = list(queries.objections_of(award))
    mine = {one.pk for one in organizations_of(request.user)}
    may_read = bool(getattr(request.user, "is_staff", False) or mine & {tender.buyer_id, award.organization_id})
    for objection in objections:
        objection.is_readable = may_read or objection.organization_id in mine  # type: ignore[attr-defined]
        if request.user.is_authenticated and request.user.is_staff and objection.status == ObjectionStatus.OPEN:
            bound = decided[1] if decided and decided[0] == objection.pk else None
            objection.form = bound or DecisionForm(auto_id=f"decide-{objection.pk}-%s")  # type: ignore[attr-defined]
    is_running = award.status == AwardStatus.STANDSTILL and now < award.standstill_ends_at
    may_object = (
        firm is not None
        and (is_running or award.status == AwardStatus.OBJECTED)
        and not any(one.organization_id == firm.pk and one.status == ObjectionStatus.OPEN for one in objections)
    )
    others = awards_of(tender)
    table = table_of(award.selection.result, named_bidders(tender))
    asks = int(tender.rules.get("acceptance_working_days", 0)) > 0
    is_chosen = award.organization_id in mine
    may_accept = is_chosen and asks and award.accepted_at is None and award.status in {*STANDING, AwardStatus.OBJECTED}
    may_decline = is_chosen and award.status in STANDING
    bound_form = form or decline_form or (decided[1] if decided else None)
    context = {
        "award": award,
        "tender": tender,
        "table": table,
        "is_wide": table is not None and len(table.columns) > MANY_COLUMNS,
        "standing": None if award.status in ENDED else award,
        "is_fixed": tender.method in FIXED_PRICE,
        "has_draw": bool(award.selection.commitment),
        "objections": objections,
        "is_running": is_running,
        "has_ended": award.status in ENDED,
        "asks": asks,
        "rest": queries.rest_of_standstill(award),
        "firm": firm,
        "former": [one for one in others if one.rank < award.rank],
        "follower": next((one for one in reversed(others) if one.rank > award.rank), None),
        "reserves": int(tender.rules.get("reserves", 0)) + 1 - award.rank,
        "form": form or (ObjectionForm() if may_object else None),
        "may_accept": may_accept,
        "decline_form": decline_form or (DeclineForm(auto_id="decline-%s") if may_decline else None),
        "bound_form": bound_form,
        "contract": getattr(award, "contract", None) if may_read else None,
        "fall": abs(tender.ceiling_fen - award.amount_fen),
    }
    return render(request, "awards/award.html", context, status=bound_form.status if bound_form else 200)


@require_safe
def award(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a result to everybody; whoever looks after the end of the standstill or the acceptance ends it."""
    shown = get_object_or_404(queries.awards_for_page(), pk=pk)
    with suppress(Refused):  # an objection or an answer that came this moment: the page shows it
        if settle(shown, clock.now()):
            shown = get_object_or_404(queries.awards_for_page(), pk=pk)
    return _page(request, shown)


@require_POST
@login_required
def object_to(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an objection from a firm that took part."""
    shown = get_object_or_404(queries.awards_for_page(), pk=pk)
    firm = _objecting_firm(request, shown)
    if firm is None:
        raise Forbidden("not_bidder", _("只有参加这次选取、没有中选的机构可以提出异议。"))
    form = ObjectionForm(request.POST)
    if form.is_valid():
        try:
            object_to_award(award=shown, organization=firm, text=form.cleaned_data["text"], by=request.user)  # type: ignore[arg-type]
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("异议已提交，公示暂停。平台管理机构会在 15 个工作日内答复。"))
            return redirect(shown)
    return _page(request, shown, form=form)


@require_POST
@login_required
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an administrator's decision."""
    objection = get_object_or_404(Objection.objects.select_related("award"), pk=pk)
    shown = get_object_or_404(queries.awards_for_page(), pk=objection.award_id)
    if not request.user.is_staff:
        raise Forbidden("staff_only", _("异议由平台管理机构处理。"))
    form = DecisionForm(request.POST, auto_id=f"decide-{objection.pk}-%s")
    if form.is_valid():
        try:
            decide_objection(objection=objection, by=request.user, **form.arguments)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("处理意见已公开，有关各方已收到通知。"))
            return redirect(shown)
    return _page(request, shown, decided=(objection.pk, form))


@require_POST
@login_required
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the chosen firm's word that it does the work; a refusal is a page of its own, for nothing was typed."""
    shown = get_object_or_404(queries.awards_for_page(), pk=pk)
    accept_award(award=shown, by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("已确认承接。公示期满没有异议，平台就起草合同。"))
    return redirect(shown)


@require_POST
@login_required
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the chosen firm's refusal with its public reason."""
    shown = get_object_or_404(queries.awards_for_page(), pk=pk)
    if not acts_for_winner(request.user, shown):
        raise Forbidden("not_member", _("只有中选机构可以这样做。"))
    form = DeclineForm(request.POST, auto_id="decline-%s")
    if form.is_valid():
        try:
            decline_award(award=shown, reason=form.cleaned_data["reason"], by=request.user)  # type: ignore[arg-type]
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("已登记放弃，原因已公开。按规则由下一名递补；没有可以递补的，本次采购终止。"))
            return redirect(shown)
    return _page(request, shown, decline_form=form)
