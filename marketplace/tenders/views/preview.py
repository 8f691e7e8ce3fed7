"""The last look before the public reads it, and the word that publishes."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.refusals import Refused
from marketplace.parties.access import acts_as
from marketplace.tenders.actions import frozen_rules, publish_tender
from marketplace.tenders.forms import PublishForm
from marketplace.tenders.models import NAMED, Method, Tender
from marketplace.tenders.queries import advice, selection_label
from marketplace.tenders.states import TenderStatus

from .notice import notice_of
from .own import own_draft_or_404, own_or_404


@acts_as("buyer")
@require_safe
def preview(request: HttpRequest, number: str) -> HttpResponse:
    """Show a draft exactly as the public will read it."""
    return _preview(request, own_draft_or_404(request, number), PublishForm())


def _preview(request: HttpRequest, tender: Tender, form: PublishForm) -> HttpResponse:
    now = clock.now()
    tender.rule_set, tender.rules = frozen_rules(tender=tender, now=now)
    context = {
        **notice_of(tender, now),
        "form": form,
        "advice": advice(tender, tender.rules, now),
        "is_named": tender.method in NAMED,
        "selection_label": selection_label(tender.method),
        "invitations": list(tender.invitations.select_related("organization").order_by("pk")),
        "is_quotes": tender.method == Method.QUOTES,
    }
    return render(request, "tenders/preview.html", context, status=form.status)


@acts_as("buyer")
@require_POST
def publish(request: HttpRequest, number: str) -> HttpResponse:
    """Publish a draft once its owner confirmed; the second of two sends finds it published."""
    tender = own_or_404(request, number)
    if tender.status != TenderStatus.DRAFT and tender.published_at is not None:
        return redirect(tender)
    form = PublishForm(request.POST)
    if form.is_valid():
        try:
            published = publish_tender(tender=tender, by=cast("User", request.user), now=clock.now())
        except Refused as refused:
            form.add_refusal(refused)
        else:
            words = (
                _("公告 %(number)s 已发布。")
                if published.method in NAMED
                else _("公告 %(number)s 已发布，符合条件的机构会收到通知。")
            )
            messages.success(request, words % {"number": published.number})
            return redirect(published)
    return _preview(request, tender, form)
