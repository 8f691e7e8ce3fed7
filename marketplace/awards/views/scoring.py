"""The people who score: whom the owner asks, and the page on which each of them scores by labels alone."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from marketplace.core.refusals import Forbidden, Refused
from marketplace.tenders.models import Method, Tender

from .. import queries
from ..actions import appoint_scorer, declare_no_interest, dismiss_scorer, lock_marks, save_marks
from ..forms import AppointForm, MarksForm
from ..models import Score, Scorer
from ..queries.pages import hundredths, is_waiting_for_people, selection_of
from ..states import SelectionStatus
from .judging import EDIT, SEND, offers_by_label, owned
from .looking import looked_at

SAVE = "save"
UNDECIDED = {SelectionStatus.COMMITTED, SelectionStatus.JUDGING}


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def scorers(request: HttpRequest, number: str) -> HttpResponse:
    """Show the owner whom it asked to score and how far they are, and let it ask further people."""
    tender = owned(request, number, Method.SCORED)
    form = AppointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user, workplace = form.cleaned_data["username"], form.cleaned_data["workplace"]
        try:
            appoint_scorer(tender=tender, user=user, workplace=workplace, by=request.user)  # type: ignore[arg-type]
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("已邀请 %(name)s 评审。") % {"name": user})
            return redirect("awards:scorers", number=number)
    rows = list(tender.scorers.select_related("user").order_by("pk"))
    selection = selection_of(tender)
    is_fixed = any(one.locked_at for one in rows)
    context = {
        "tender": tender,
        "selection": selection,
        "rows": rows,
        "locked": sum(one.locked_at is not None for one in rows),
        "missing": max(int(tender.rules["minimum_scorers"]) - len(rows), 0),
        "may_change": selection is not None and selection.status in UNDECIDED and not is_fixed,
        "is_judged": is_waiting_for_people(selection),
        "form": form,
    }
    return render(request, "awards/scorers.html", context, status=form.status)


@login_required
@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Take somebody off the list of scorers."""
    scorer = get_object_or_404(Scorer.objects.select_related("tender__buyer"), pk=pk)
    dismiss_scorer(scorer=scorer, by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("已取消 %(name)s 的评审邀请。") % {"name": scorer.name})
    return redirect("awards:scorers", number=scorer.tender.number)


def _asked(request: HttpRequest, number: str) -> tuple[Tender, Scorer]:
    tender = looked_at(number)
    if tender.method != Method.SCORED:
        raise Http404
    scorer = Scorer.objects.filter(tender=tender, user=request.user).first()  # type: ignore[misc]
    if scorer is None:
        raise Forbidden("not_yours", _("这一页供受邀的评审人员使用。"))
    return tender, scorer


@login_required
@require_POST
def declare(request: HttpRequest, number: str) -> HttpResponse:
    """Take a scorer's word that nothing ties them to any firm; a refusal is a page of its own."""
    _tender, scorer = _asked(request, number)
    declare_no_interest(scorer=scorer, by=request.user)  # type: ignore[arg-type]
    return redirect("awards:score", number=number)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def score(request: HttpRequest, number: str) -> HttpResponse:
    """Let a scorer mark the plans by labels, keep marks for later, check them, and lock them."""
    tender, scorer = _asked(request, number)
    is_judged = is_waiting_for_people(selection_of(tender))
    offers = offers_by_label(tender) if is_judged and scorer.declared_at else {}
    criteria = queries.criteria_by(tender, "scorers")
    step = request.POST.get("step", "")
    form = MarksForm(
        request.POST or None, labels=offers, criteria=criteria, whole=step != SAVE, initial=_kept(scorer, offers)
    )
    context: dict[str, Any] = {
        "tender": tender,
        "selection": selection_of(tender),
        "scorer": scorer,
        "form": form,
        "is_judged": is_judged,
    }
    if request.method == "POST" and form.is_valid() and step != EDIT:
        if step not in {SAVE, SEND} and offers and scorer.locked_at is None:
            return render(request, "awards/check_marks.html", context)
        act = save_marks if step == SAVE else lock_marks
        try:
            act(scorer=scorer, marks=form.marks, comments=form.comments, by=request.user)  # type: ignore[arg-type]
        except Refused as refused:
            form.add_refusal(refused)
        else:
            words = _("评分已保存，锁定前可以修改。") if step == SAVE else _("评分已锁定。全部评审人员锁定后产生结果。")
            messages.success(request, words)
            return redirect("awards:score", number=number)
    context["rows"] = [(offers[part.label], part) for part in form.parts]
    context["own"] = _own(scorer) if scorer.locked_at else []
    return render(request, "awards/score.html", context, status=form.status)


def _kept(scorer: Scorer, offers: dict[str, Any]) -> dict[str, Any]:
    """Return the marks kept so far as the form's initial values."""
    kept: dict[str, Any] = {}
    for row in Score.objects.filter(scorer=scorer, bidder__label__in=offers).select_related("bidder"):
        kept[f"mark-{row.bidder.label}-{row.criterion}"] = row.hundredths
        kept[f"comment-{row.bidder.label}"] = row.comment
    return kept


def _own(scorer: Scorer) -> list[Score]:
    """Return a scorer's own locked marks for reading again, each with the criterion's name."""
    names = {row["key"]: row["name"] for row in scorer.tender.rules.get("criteria", [])}
    rows = list(Score.objects.filter(scorer=scorer).select_related("bidder").order_by("bidder__label", "pk"))
    for row in rows:
        row.name = names.get(row.criterion, row.criterion)  # type: ignore[attr-defined]
        row.points = hundredths(row.hundredths)  # type: ignore[attr-defined]
    return rows
