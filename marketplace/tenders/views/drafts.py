"""The owner's journey: choose a project, write the terms, preview, publish; cancel or throw away."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marketplace.accounts.models import User
from marketplace.catalog.models import ServiceCategory
from marketplace.core import clock
from marketplace.core.refusals import Refused
from marketplace.parties.access import acts_as, current_organization
from marketplace.parties.models import Organization
from marketplace.projects.queries import projects_of
from marketplace.tenders.actions import cancel_tender, frozen_rules, publish_tender, save_draft
from marketplace.tenders.actions.drafts import TERMS
from marketplace.tenders.forms import DocumentForm, PublishForm, TermsForm
from marketplace.tenders.models import Tender
from marketplace.tenders.queries import advice, default_times, find_tender, own_tenders, rules_in_words, wording
from marketplace.tenders.states import TenderStatus

from .notice import notice_of

GROUPS = ServiceCategory.Group


def _organization(request: HttpRequest) -> Organization:
    organization = current_organization(request)
    assert organization is not None
    return organization


def own_draft_or_404(request: HttpRequest, number: str) -> Tender:
    """Return a draft of the organization that one acts for, or answer 404."""
    tender = find_tender(number)
    if tender is None or tender.buyer_id != _organization(request).pk or tender.status != TenderStatus.DRAFT:
        raise Http404
    return tender


@acts_as("buyer")
@require_safe
def new(request: HttpRequest) -> HttpResponse:
    """Begin with the project that the need is for."""
    return redirect("projects:pull")


@acts_as("buyer")
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """List one's own needs, drafts among them."""
    page = Paginator(own_tenders(_organization(request)), 20).get_page(request.GET.get("page"))
    return render(request, "tenders/mine.html", {"page": page})


@acts_as("buyer")
@require_http_methods(["GET", "POST"])
def terms(request: HttpRequest) -> HttpResponse:
    """Write the terms of a new need; `?project=` and `?case=` choose what it is for."""
    organization = _organization(request)
    project = projects_of(organization).filter(code=request.GET.get("project", "")).first()
    form = TermsForm(
        request.POST or None,
        organization=organization,
        project=project,
        initial=_initial(organization, project, request.GET.get("case", "")),
    )
    return _terms_page(request, form, tender=None)


@acts_as("buyer")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    """Change the terms of a draft."""
    tender = own_draft_or_404(request, number)
    form = TermsForm(
        request.POST or None,
        organization=tender.buyer,
        project=tender.project,
        initial={name: getattr(tender, name) for name in TERMS},
    )
    return _terms_page(request, form, tender=tender)


def _initial(organization: Organization, project: Any, case_number: str) -> dict[str, Any]:
    initial: dict[str, Any] = {
        **default_times(clock.now()),
        "contact_name": organization.contact_name,
        "contact_phone": organization.phone,
        "complaint_phone": organization.phone,
        "region": organization.region_id,
        "delivery_days": 30,
    }
    group = GROUPS.PLANNING
    if project is not None:
        cases = list(project.cases.all())
        case = next((one for one in cases if one.number == case_number), cases[0] if cases else None)
        service = case.matter.services.order_by("code").first() if case else None
        initial |= {"project": project, "case": case, "service": service}
        initial["region"] = project.region_id or initial["region"]
        if service is not None:
            group = service.group
            initial["title"] = f"{project.name}{service.name}"[:120]
    return {**initial, "description": wording(group)}


def _terms_page(request: HttpRequest, form: TermsForm, *, tender: Tender | None) -> HttpResponse:
    organization = _organization(request)
    if request.method == "POST" and form.is_valid():
        try:
            saved = save_draft(
                tender=tender,
                buyer=organization,
                values=form.cleaned_data,
                by=cast("User", request.user),
                now=clock.now(),
            )
        except Refused as refused:
            form.add_refusal(refused)
        else:
            if "later" in request.POST:
                messages.success(request, _("草稿 %(number)s 已保存。") % {"number": saved.number})
                return redirect("tenders:edit", saved.number)
            return redirect("tenders:preview", saved.number)
    context = {
        "form": form,
        "tender": tender,
        "documents": tender.documents.order_by("pk") if tender else [],
        "document_form": DocumentForm(),
        "wordings": [(label, wording(value)) for value, label in GROUPS.choices],
    }
    return render(request, "tenders/terms.html", context, status=form.status)


@acts_as("buyer")
@require_safe
def preview(request: HttpRequest, number: str) -> HttpResponse:
    """Show a draft exactly as the public will read it."""
    return _preview(request, own_draft_or_404(request, number), PublishForm())


def _preview(request: HttpRequest, tender: Tender, form: PublishForm) -> HttpResponse:
    now = clock.now()
    _rule_set, rules = frozen_rules(tender=tender, now=now)
    context = {
        **notice_of(tender),
        "rules": rules_in_words(tender.method, rules),
        "form": form,
        "advice": advice(tender, rules, now),
    }
    return render(request, "tenders/preview.html", context, status=form.status)


@acts_as("buyer")
@require_POST
def publish(request: HttpRequest, number: str) -> HttpResponse:
    """Publish a draft once its owner confirmed; the second of two sends finds it published."""
    tender = find_tender(number)
    if tender is None or tender.buyer_id != _organization(request).pk:
        raise Http404
    if tender.status != TenderStatus.DRAFT and tender.published_at is not None:
        return redirect(tender)
    form = PublishForm(request.POST)
    if form.is_valid():
        try:
            published = publish_tender(tender=tender, by=cast("User", request.user), now=clock.now())
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(
                request, _("公告 %(number)s 已发布，符合条件的机构会收到通知。") % {"number": published.number}
            )
            return redirect(published)
    return _preview(request, tender, form)


@acts_as("buyer")
@require_POST
def discard(request: HttpRequest, number: str) -> HttpResponse:
    """Throw a draft away."""
    tender = own_draft_or_404(request, number)
    cancel_tender(tender=tender, by=cast("User", request.user), now=clock.now())
    messages.success(request, _("草稿 %(number)s 已删除。") % {"number": tender.number})
    return redirect("tenders:mine")
