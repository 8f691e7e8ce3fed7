"""The owner's journey to a draft: choose the method, write the terms, and lose nothing of what was typed."""

from __future__ import annotations

import json
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marketplace.accounts.models import User
from marketplace.catalog.models import ServiceCategory
from marketplace.core import clock
from marketplace.core.refusals import Invalid, Refused
from marketplace.parties.access import acts_as
from marketplace.parties.models import Organization
from marketplace.projects.queries import projects_of
from marketplace.tenders.actions import (
    TERMS,
    cancel_tender,
    discard_input,
    keep_input,
    save_draft,
    template_values,
)
from marketplace.tenders.forms import DocumentForm, TermsForm
from marketplace.tenders.models import Method, Tender
from marketplace.tenders.queries import (
    default_times,
    earlier_tenders,
    failed_formers,
    kept_input,
    own_tenders,
    templates_for,
    wording,
)
from marketplace.tenders.queries.titles import title_for
from marketplace.tenders.rule_data import DEFAULTS

from .methods import method as choose_method
from .own import organization_of, own_draft_or_404

GROUPS = ServiceCategory.Group


@acts_as("buyer")
@require_safe
def new(request: HttpRequest) -> HttpResponse:
    """Begin with the project that the need is for."""
    return redirect("projects:pull")


@acts_as("buyer")
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """List one's own needs, drafts among them."""
    page = Paginator(own_tenders(organization_of(request)), 20).get_page(request.GET.get("page"))
    return render(request, "tenders/mine.html", {"page": page})


@acts_as("buyer")
@require_http_methods(["GET", "POST"])
def terms(request: HttpRequest) -> HttpResponseBase:
    """Write the terms of a new need, once its method is chosen.

    `?project=`, `?case=`, `?method=` and `?template=` say what it begins with.
    """
    organization = organization_of(request)
    project = projects_of(organization).filter(code=request.GET.get("project", "")).first()
    method = _method(request)
    if method is None:
        return choose_method(request)
    form = TermsForm(
        request.POST or None,
        organization=organization,
        method=method,
        project=project,
        initial=_initial(organization, project, request.GET, method),
    )
    return _terms_page(request, form, tender=None)


@acts_as("buyer")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    """Change the terms of a draft; `?method=` changes the way to select first."""
    tender = own_draft_or_404(request, number)
    method = _method(request, tender) or Method(tender.method)
    values = {name: getattr(tender, name) for name in TERMS}
    if method != tender.method:
        days = int(DEFAULTS[method]["signup_working_days"])
        values |= {"criteria": DEFAULTS[method].get("criteria", [])} | default_times(
            clock.now(), method=method, days=days
        )
    more = list(tender.more_services.values_list("pk", flat=True))
    form = TermsForm(
        request.POST or None,
        organization=tender.buyer,
        method=method,
        project=tender.project,
        initial={**values, "more_services": more},
    )
    return _terms_page(request, form, tender=tender)


def _method(request: HttpRequest, tender: Tender | None = None) -> Method | None:
    """Return the method that was asked for, a form's or a link's; a form that names none is one of live bidding."""
    asked = request.POST.get("method") or request.GET.get("method")
    if asked in Method.values:
        return Method(asked)
    return Method.LIVE_AUCTION if request.method == "POST" and tender is None else None


def _initial(organization: Organization, project: Any, query: Any, method: Method) -> dict[str, Any]:
    initial: dict[str, Any] = {
        **default_times(clock.now(), method=method, days=int(DEFAULTS[method]["signup_working_days"])),
        "contact_name": organization.contact_name,
        "contact_phone": organization.phone,
        "complaint_phone": organization.phone,
        "region": organization.region_id,
        "delivery_days": 30,
        "criteria": DEFAULTS[method].get("criteria", []),
        "services_rule": Tender.ServicesRule.ALL,
        "price_kind": Tender.PriceKind.AMOUNT,
        "money_kind": _money_kind(organization),
    }
    group = GROUPS.PLANNING
    if project is not None:
        cases = list(project.cases.all())
        number = query.get("case", "")
        case = next((one for one in cases if one.number == number), cases[0] if cases else None)
        service = case.matter.services.order_by("code").first() if case else None
        initial |= {"project": project, "case": case, "service": service}
        initial["region"] = project.region_id or initial["region"]
        if service is not None:
            group = service.group
            initial["title"] = title_for(project.name, service.name)
    initial["description"] = wording(group)
    template = (
        templates_for().filter(pk=query.get("template")).first() if query.get("template", "").isdecimal() else None
    )
    if template is not None:
        said = template_values(template)
        initial |= {name: value for name, value in said.items() if value and name != "method"}
    return initial


def _money_kind(organization: Organization) -> str:
    public = organization.kind == Organization.Kind.PUBLIC_BODY
    return Tender.MoneyKind.FISCAL if public else Tender.MoneyKind.SOCIAL


def _terms_page(request: HttpRequest, form: TermsForm, *, tender: Tender | None) -> HttpResponse:
    organization, user = organization_of(request), cast("User", request.user)
    if request.method == "POST" and form.is_valid():
        try:
            saved = save_draft(tender=tender, buyer=organization, values=form.cleaned_data, by=user, now=clock.now())
        except Refused as refused:
            form.add_refusal(refused)
        else:
            if "later" in request.POST:
                messages.success(request, _("草稿 %(number)s 已保存。") % {"number": saved.number})
                return redirect("tenders:edit", saved.number)
            return redirect("tenders:preview", saved.number)
    kept = None if form.is_bound else kept_input(organization, user, tender)
    if kept is not None and "resume" in request.GET:
        form.restore(kept.data)
        kept = None
    context = {
        "form": form,
        "tender": tender,
        "method": form.selected,
        "kept": kept,
        "resume_url": _resume_url(kept, tender),
        "documents": tender.documents.order_by("pk") if tender else [],
        "document_form": DocumentForm(),
        "wordings": [(label, wording(value)) for value, label in GROUPS.choices],
        "templates": [] if tender else list(templates_for()[:40]),
        "earlier": [] if tender else earlier_tenders(organization),
        "failures": len(failed_formers(tender)) if tender else 0,
        "kept_query": [(name, request.GET[name]) for name in ("project", "case", "method") if request.GET.get(name)],
    }
    return render(request, "tenders/terms.html", context, status=form.status)


def _resume_url(kept: Any, tender: Tender | None) -> str:
    """Return where what was kept is shown again, with the method that it was typed for."""
    if kept is None:
        return ""
    method = kept.data.get("method", "")
    address = reverse("tenders:edit", args=[tender.number]) if tender else reverse("tenders:terms")
    return f"{address}?resume=1&method={method if method in Method.values else Method.LIVE_AUCTION}"


@acts_as("buyer")
@require_POST
def autosave(request: HttpRequest) -> HttpResponse:
    """Keep what stands in the form, sent by the page every few seconds as {"tender": number or "", "data": fields}."""
    try:
        sent = json.loads(request.body)
        number, data = str(sent["tender"]), dict(sent["data"])
    except (ValueError, KeyError, TypeError) as wrong:
        raise Invalid("input_invalid", _("填写的内容无法保存，请刷新页面后再试。")) from wrong
    tender = own_draft_or_404(request, number) if number else None
    row = keep_input(
        organization=organization_of(request), tender=tender, data=data, by=cast("User", request.user), now=clock.now()
    )
    saved_at = localtime(row.saved_at).strftime("%H:%M")
    return JsonResponse({"saved_at": saved_at, "words": _("已自动保存 %(time)s") % {"time": saved_at}})


@acts_as("buyer")
@require_POST
def drop_input(request: HttpRequest) -> HttpResponse:
    """Throw away what was typed and not saved, and begin again."""
    number = request.POST.get("tender", "")
    tender = own_draft_or_404(request, number) if number else None
    discard_input(organization=organization_of(request), tender=tender, by=cast("User", request.user))
    messages.success(request, _("上次没有保存的内容已放弃。"))
    if tender is not None:
        return redirect("tenders:edit", tender.number)
    method = request.POST.get("method", "")
    return redirect(f"{reverse('tenders:terms')}?method={method if method in Method.values else Method.LIVE_AUCTION}")


@acts_as("buyer")
@require_POST
def discard(request: HttpRequest, number: str) -> HttpResponse:
    """Throw a draft away."""
    tender = own_draft_or_404(request, number)
    cancel_tender(tender=tender, by=cast("User", request.user), now=clock.now())
    messages.success(request, _("草稿 %(number)s 已删除。") % {"number": tender.number})
    return redirect("tenders:mine")
