"""The second and third page of entry: who the firm is where no register says it, its contact, and its services."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from marketplace.catalog.models import ServiceCategory
from marketplace.catalog.queries import kinds_for
from marketplace.catalog.requirements import demands

from ...finding import services_found
from ...forms import ContactForm, OrganizationForm, ServicesForm
from ..demanded import unfit
from ..draft import Draft
from .page import FIELDS, facts, leave, missing_step, page, typed, wants_to_leave

LONGEST_WORDS = 100
CONTACT = ("contact_name", "phone", "email", "introduction", "alipay_account")


def _of_account(request: HttpRequest) -> dict[str, Any]:
    user: Any = request.user
    return {"contact_name": user.display_name, "phone": user.phone, "email": user.email}


@never_cache
@login_required
def enter_organization(request: HttpRequest) -> HttpResponse:
    """Ask by hand what the library does not know: name, kind, place; and the contact."""
    draft = Draft(request)
    if not draft.code:
        return redirect("parties:enter")
    if draft.is_known:
        return redirect("parties:enter_services")
    if wants_to_leave(request):
        draft.save(step="organization", **typed(request, (*FIELDS, "region")))
        return leave(request)
    kept = {key: value for key, value in draft.values.items() if value != ""}
    form = OrganizationForm(request.POST or None, initial={**_of_account(request), **kept})
    if form.is_valid():
        region = form.cleaned_data["region"]
        values = {field: form.cleaned_data[field].strip() for field in FIELDS}
        draft.save(step="services", region=region.code if region else "", **values)
        return redirect("parties:enter_services")
    return page(request, "parties/enter_organization.html", 2, form, draft, code=draft.code)


@never_cache
@login_required
def enter_services(request: HttpRequest) -> HttpResponse:
    """Ask for the services and, of a firm that the library knows, for the contact beside what is known."""
    draft = Draft(request)
    if missing := missing_step(draft):
        return redirect(missing)
    sent = request.method == "POST"
    if wants_to_leave(request) or (sent and "find" in request.POST):
        draft.save(step="services", services=sorted(set(request.POST.getlist("services"))), **typed(request, CONTACT))
        if wants_to_leave(request):
            return leave(request)
        return redirect(f"{reverse('parties:enter_services')}?{urlencode({'q': request.POST.get('q', '')})}")
    form = ServicesForm(request.POST if sent else None)
    contact = None
    if draft.is_known:
        kept = {key: value for key, value in draft.values.items() if value != ""}
        contact = ContactForm(request.POST if sent else None, initial={**_of_account(request), **kept})
    chosen = set(request.POST.getlist("services") if sent else draft.values.get("services", []))
    is_right = form.is_valid()
    if contact is not None:
        is_right = contact.is_valid() and is_right
    if is_right:
        services = list(form.cleaned_data["services"])
        values = {field: contact.cleaned_data[field].strip() for field in CONTACT} if contact else {}
        step = "certificates" if draft.wanted(services) or draft.professions(services) else "check"
        draft.save(step=step, services=[service.code for service in services], **values)
        return redirect(f"parties:enter_{step}")
    words = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_WORDS]
    suggestions = suggested(draft, chosen) if not words else []
    context = {
        "contact": contact,
        "groups": service_groups(chosen, words, suggestions),
        "suggested": suggestions,
        **facts(draft),
        "chosen_count": len(chosen),
        "words": words,
    }
    response = page(request, "parties/enter_services.html", 3, form, draft, **context)
    response.status_code = 422 if sent else 200
    return response


@require_safe
def find_services(request: HttpRequest) -> JsonResponse:
    """Answer which services are found by what has been typed so far, as JSON: {"codes": […]}."""
    words = request.GET.get("q", "").replace("\x00", "").strip()
    return JsonResponse({"codes": sorted(services_found(words[:LONGEST_WORDS]))})


def service_groups(
    chosen: set[str], words: str = "", shown: Iterable[ServiceCategory] = ()
) -> list[tuple[str, list[tuple[ServiceCategory, bool]]]]:
    """Return the services by group, each with whether it is chosen, without those that are `shown` before.

    With `words` only those found by them, and the chosen ones.
    """
    rows = ServiceCategory.objects.open().exclude(pk__in=[one.pk for one in shown]).order_by("code")
    if words:
        rows = rows.filter(code__in=services_found(words) | chosen)
    groups: dict[str, list[tuple[ServiceCategory, bool]]] = {}
    for service in rows:
        groups.setdefault(service.group, []).append((service, service.code in chosen))
    labels = dict(ServiceCategory.Group.choices)
    return [(str(labels[group]), groups[group]) for group in ServiceCategory.Group.values if group in groups]


def suggested(draft: Draft, chosen: set[str]) -> list[ServiceCategory]:
    """Return the services that ask for what the library knows the firm to hold, and are not chosen yet."""
    if draft.found is None or not draft.found.certificates:
        return []
    services = [one for one in ServiceCategory.objects.open().order_by("code") if one.requirement]
    kinds, today = kinds_for(services), timezone.localdate()
    asking = [one for one in services if one.code not in chosen and demands(one.requirement, today, kinds=kinds)]
    lacking = {service.pk for service, _words in unfit(asking, {}, draft.found, draft.found.people(today))}
    return [one for one in asking if one.pk not in lacking]
