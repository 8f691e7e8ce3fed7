"""The page of one need: for the public, with what each viewer may do now; its calendar; questions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.refusals import Refused
from marketplace.parties.access import current_organization
from marketplace.tenders.actions import answer_question, ask_question
from marketplace.tenders.feeds import calendar_of
from marketplace.tenders.forms import AnswerForm, QuestionForm
from marketplace.tenders.models import NAMED, WITH_PLAN, Method, Question, Tender
from marketplace.tenders.queries import (
    amendments_of,
    criteria_in_words,
    find_tender,
    followers_of,
    is_late_record,
    next_step,
    rules_in_words,
    terms_of,
    timeline_of,
)
from marketplace.tenders.rules import is_owner
from marketplace.tenders.states import TENDER, TenderStatus

RUNNING = {TenderStatus.OPEN, TenderStatus.SELECTING}


def published_or_404(number: str) -> Tender:
    """Return a published need, or answer 404: nobody learns whether a draft exists."""
    tender = find_tender(number)
    if tender is None or tender.published_at is None:
        raise Http404
    return tender


def notice_of(tender: Tender, now: datetime) -> dict[str, Any]:
    """Return what the body of a notice shows: the same for the public and for the owner's preview."""
    criteria = tender.rules.get("criteria", []) if tender.method in WITH_PLAN else []
    return {
        "tender": tender,
        "terms": terms_of(tender),
        "rules": rules_in_words(tender.method, tender.rules, tender=tender) if tender.rules else [],
        "criteria": criteria_in_words(criteria),
        "avoidances": list(tender.avoidances.select_related("organization").order_by("pk")),
        "is_late": is_late_record(tender, tender.rules, now),
        "documents": list(tender.documents.order_by("pk")),
    }


@require_safe
def tender(request: HttpRequest, number: str) -> HttpResponse:
    """Show a need."""
    return _page(request, published_or_404(number))


def _page(
    request: HttpRequest,
    tender: Tender,
    *,
    question_form: QuestionForm | None = None,
    answer_form: AnswerForm | None = None,
    answering: Question | None = None,
) -> HttpResponse:
    viewer, now = current_organization(request), clock.now()
    is_own = viewer is not None and viewer.pk == tender.buyer_id
    is_open = tender.status == TenderStatus.OPEN and now < tender.signup_ends_at
    may_ask = is_open and viewer is not None and viewer.is_intermediary and not is_own
    address = settings.BASE_URL + tender.get_absolute_url()
    bound = question_form or answer_form
    context = {
        **notice_of(tender, now),
        "step": next_step(tender, now=now, viewer=viewer, signed_in=request.user.is_authenticated),
        "timeline": timeline_of(tender),
        "questions": list(tender.questions.order_by("-asked_at", "-pk")),
        "question_form": question_form or (QuestionForm() if may_ask else None),
        "answer_form": answer_form or AnswerForm(),
        "answering": answering,
        "may_answer": is_own and tender.status == TenderStatus.OPEN,
        "verbs": _verbs(request.user, tender, now) if request.user.is_authenticated else [],
        "amendments": amendments_of(tender),
        "followers": followers_of(tender),
        "bidder_count": tender.bidders.filter(status="active").count(),
        "invited": _invited(tender),
        "is_owner": is_own,
        "address": address,
        "qr": segno.make(address, error="m").svg_data_uri(scale=4, border=2, dark="#1D2126", light="#FFFFFF"),
    }
    return render(request, "tenders/tender.html", context, status=bound.status if bound else 200)


def _verbs(user: Any, tender: Tender, now: datetime) -> list[dict[str, Any]]:
    """Return what somebody may do with a need beside the one thing to do: word, address, whether a button sends it."""
    is_open = tender.status == TenderStatus.OPEN and now < tender.signup_ends_at
    is_named = tender.method in NAMED
    is_own = is_owner(user, tender)
    rows = [
        ("amend", _("变更公告"), is_own and is_open and not is_named),
        ("avoid", _("回避机构"), is_own and is_open and not is_named),
        ("invite", _("邀请机构报价"), is_own and is_open and tender.method == Method.QUOTES),
        ("cancel", _("取消这份需求"), _may(user, tender, "cancel_tender", TenderStatus.CANCELLED)),
        ("void", _("置为无效"), _may(user, tender, "void_tender", TenderStatus.VOID)),
        ("scrap", _("废置这份需求"), _may(user, tender, "scrap_tender", TenderStatus.SCRAPPED)),
        ("copy", _("复制为新需求"), is_own),
    ]
    found = [
        {
            "label": label,
            "url": reverse(f"tenders:{name}", args=[tender.number]),
            "post": name == "copy",
            "is_grave": name in {"cancel", "void", "scrap"},
        }
        for name, label, fits in rows
        if fits
    ]
    may_appoint = is_own and tender.method == Method.SCORED and tender.status in RUNNING
    if may_appoint:
        found.insert(0, {"label": _("邀请评审人员"), "url": reverse("awards:scorers", args=[tender.number])})
    return found


def _may(user: Any, tender: Tender, permission: str, target: TenderStatus) -> bool:
    return TENDER.allows(tender.status, target) and bool(user.has_perm(f"tenders.{permission}", tender))


def _invited(tender: Tender) -> list[str]:
    """Return the names of the firms that the owner had asked for a quote, once names are public."""
    if tender.disclosed_at is None or tender.method != Method.QUOTES:
        return []
    return list(tender.invitations.order_by("pk").values_list("organization__name", flat=True))


@require_safe
def calendar(request: HttpRequest, number: str) -> HttpResponse:
    """Give a need's dates for people's own calendars."""
    tender = published_or_404(number)
    response = HttpResponse(calendar_of(tender), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{tender.number}.ics"'
    return response


@login_required
@require_POST
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """Take a question; a refusal comes back on the page with what was typed."""
    tender = published_or_404(number)
    form = QuestionForm(request.POST)
    if form.is_valid():
        organization = current_organization(request)
        try:
            if organization is None:
                return redirect("parties:enter")
            ask_question(
                tender=tender,
                organization=organization,
                text=form.cleaned_data["text"],
                by=cast("User", request.user),
                now=clock.now(),
            )
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("问题已公开，业主答复后会通知您。"))
            return redirect(f"{tender.get_absolute_url()}#questions")
    return _page(request, tender, question_form=form)


@login_required
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an owner's answer."""
    question = get_object_or_404(Question.objects.select_related("tender__buyer"), pk=pk)
    form = AnswerForm(request.POST)
    if form.is_valid():
        try:
            answer_question(
                question=question, text=form.cleaned_data["text"], by=cast("User", request.user), now=clock.now()
            )
        except Refused as refused:
            if refused.status == 403:
                raise
            form.add_refusal(refused)
        else:
            messages.success(request, _("答复已公开。"))
            return redirect(f"{question.tender.get_absolute_url()}#questions")
    return _page(request, published_or_404(question.tender.number), answer_form=form, answering=question)
