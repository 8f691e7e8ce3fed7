"""The owner's part: compare the opened plans by the published criteria, or pick from the short list."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from marketplace.bidding.models import SealedOffer
from marketplace.bidding.queries import opened_offers
from marketplace.core.refusals import Forbidden, Refused
from marketplace.tenders.models import Method, Tender
from marketplace.tenders.rules import is_owner

from .. import queries
from ..actions import judge_offers, pick_firm
from ..forms import MarksForm, PickForm
from ..queries.pages import Candidate, is_waiting_for_people, selection_of, short_listed
from .looking import looked_at

SEND, EDIT = "send", "edit"


def owned(request: HttpRequest, number: str, method: Method) -> Tender:
    """Return the viewer's own need of a method, moved on to now; 404 for another method, 403 for another's need."""
    tender = looked_at(number)
    if tender.method != method:
        raise Http404
    if not is_owner(request.user, tender):
        raise Forbidden("not_allowed", _("这一页供发布需求的业主使用。"))
    return tender


def offers_by_label(tender: Tender) -> dict[str, SealedOffer]:
    """Return the opened offers that are judged, by label."""
    judged = {bidder.pk: str(bidder.label) for bidder in queries.judged_bidders(tender)}
    found = {judged[offer.bidder_id]: offer for offer in opened_offers(tender) if offer.bidder_id in judged}
    return dict(sorted(found.items()))


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def judge(request: HttpRequest, number: str) -> HttpResponse:
    """Let the owner mark every opened plan, check what was typed, and send it once and for all."""
    tender = owned(request, number, Method.MERIT)
    offers = offers_by_label(tender) if is_waiting_for_people(selection_of(tender)) else {}
    criteria = queries.criteria_by(tender, "owner")
    step = request.POST.get("step", "")
    form = MarksForm(request.POST or None, labels=offers, criteria=criteria, asks_comment=True)
    if request.method == "POST" and form.is_valid() and step != EDIT:
        if step != SEND and offers:
            return render(request, "awards/check_marks.html", _page(tender, offers, form))
        try:
            judge_offers(tender=tender, marks=form.marks, comments=form.comments, by=request.user)  # type: ignore[arg-type]
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("比选结果已产生，各家名称、报价和得分已公开。"))
            return redirect("awards:selection", number=number)
    return render(request, "awards/judge.html", _page(tender, offers, form), status=form.status)


def _page(tender: Tender, offers: dict[str, SealedOffer], form: MarksForm) -> dict[str, Any]:
    return {
        "tender": tender,
        "selection": selection_of(tender),
        "form": form,
        "rows": [(offers[part.label], part) for part in form.parts],
        "others": [row for row in tender.rules.get("criteria", []) if row["by"] not in {"owner", "scorers"}],
        "is_judged": is_waiting_for_people(selection_of(tender)),
    }


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def pick(request: HttpRequest, number: str) -> HttpResponse:
    """Let the owner pick from the short list of a credit-preferred choice, with a public reason."""
    tender = owned(request, number, Method.CREDIT)
    selection = selection_of(tender)
    is_judged = is_waiting_for_people(selection)
    candidates: list[Candidate] = []
    if selection is not None and is_judged:
        candidates = short_listed(tender, selection)
    form = PickForm(request.POST or None, candidates=candidates)
    step = request.POST.get("step", "")
    context = {"tender": tender, "selection": selection, "form": form, "is_judged": is_judged}
    if request.method == "POST" and not is_judged:
        form.is_valid()
        form.errors.clear()
        form.add_refusal(Refused("not_judging", _("这项需求现在不在评审阶段。")))
    elif request.method == "POST" and form.is_valid() and step != EDIT:
        label, reason = form.cleaned_data["label"], form.cleaned_data["reason"]
        if step != SEND:
            return render(request, "awards/check_pick.html", context | {"label": label, "reason": reason})
        try:
            pick_firm(tender=tender, label=label, reason=reason, by=request.user)  # type: ignore[arg-type]
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("已选定，结果和理由已公开。"))
            return redirect("awards:selection", number=number)
    return render(request, "awards/pick.html", context, status=form.status)
