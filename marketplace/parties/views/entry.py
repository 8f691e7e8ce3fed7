"""Entry 入驻 of a firm in four short steps; the state lies in the session, so one may go back and lose nothing."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from marketplace.accounts.actions import create_account
from marketplace.accounts.models import User
from marketplace.catalog.models import ServiceCategory
from marketplace.core import clock
from marketplace.core.refusals import Refused

from .. import queries
from ..access import SESSION_KEY
from ..actions import enter_firm
from ..actions.entry import check_free
from ..commitment import commitment
from ..forms import CertificateForm, CodeForm, CommitmentForm, OrganizationForm, ServicesForm
from ..models import Organization
from ..rules import may_act_for
from ..uscc import check_uscc, kind_of
from .draft import Draft, demanded, opened, unfit

BACKEND = "django.contrib.auth.backends.ModelBackend"
TEXTS = ("name", "kind", "contact_name", "phone", "email", "legal_representative", "address", "introduction")
FIELDS = (*TEXTS, "alipay_account")


def _page(request: HttpRequest, template: str, step: int, form: Any, **context: Any) -> HttpResponse:
    steps = [
        (_("代码与账号"), ""),
        (_("机构信息"), ""),
        (_("服务与资质"), ""),
        (_("承诺"), ""),
    ]
    return render(
        request, template, {"steps": steps, "step": step, "form": form, **context}, status=getattr(form, "status", 200)
    )


def _start_over(draft: Draft) -> str | None:
    """Return the step that is still missing before the later ones make sense."""
    if not draft.code:
        return "parties:enter"
    if "name" not in draft.values:
        return "parties:enter_organization"
    return None


@never_cache
@sensitive_post_parameters("password")
def enter(request: HttpRequest) -> HttpResponse:
    """Step 1: the code and, for somebody new, an account."""
    draft = Draft(request)
    if wished := request.GET.get("service"):
        draft.save(services=sorted({*draft.values.get("services", []), wished}))
    user = request.user
    form = CodeForm(request.POST or None, user=user, initial={"uscc": draft.code})
    if form.is_valid():
        values = form.cleaned_data
        try:
            known = check_free(values["uscc"], "intermediary", user)
            if not user.is_authenticated:
                user = create_account(username=values["username"], password=values["password"])
                login(request, user, backend=BACKEND)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            draft = Draft(request)
            if draft.code != values["uscc"]:
                draft.save(uscc=values["uscc"], kind=kind_of(values["uscc"]))
            if known is not None:
                region = known.region.code if known.region else ""
                draft.save(region=region, **{field: getattr(known, field) for field in FIELDS})
            return redirect("parties:enter_organization")
    return _page(request, "parties/enter.html", 1, form)


def check_code(request: HttpRequest) -> HttpResponse:
    """Answer what is wrong with a code while it is typed, as a fragment; the step itself checks again."""
    typed = request.GET.get("uscc", "")
    context: dict[str, Any] = {"typed": typed.strip()}
    if context["typed"]:
        try:
            code = check_uscc(typed)
            check_free(code, "buyer" if request.GET.get("role") == "buyer" else "intermediary", request.user)
            context["kind"] = Organization.Kind(kind_of(code)).label
        except Refused as refused:
            context["refused"] = refused
    return render(request, "parties/code_answer.html", context)


@never_cache
@login_required
def enter_organization(request: HttpRequest) -> HttpResponse:
    """Step 2: name, kind, place, contact."""
    draft = Draft(request)
    if not draft.code:
        return redirect("parties:enter")
    user = cast(User, request.user)
    initial = {
        "contact_name": user.display_name,
        "phone": user.phone,
        "email": user.email,
        **draft.values,
    }
    form = OrganizationForm(request.POST or None, initial=initial)
    if form.is_valid():
        region = form.cleaned_data["region"]
        draft.save(
            region=region.code if region else "", **{field: form.cleaned_data[field].strip() for field in FIELDS}
        )
        return redirect("parties:enter_services")
    return _page(request, "parties/enter_organization.html", 2, form, code=draft.code)


def service_groups(chosen: set[str]) -> list[tuple[str, list[tuple[ServiceCategory, bool]]]]:
    """Return all services by group, each with whether it is chosen."""
    groups: dict[str, list[tuple[ServiceCategory, bool]]] = {}
    for service in ServiceCategory.objects.open().order_by("code"):
        groups.setdefault(service.group, []).append((service, service.code in chosen))
    labels = dict(ServiceCategory.Group.choices)
    return [(str(labels[group]), groups[group]) for group in ServiceCategory.Group.values if group in groups]


@never_cache
@login_required
def enter_services(request: HttpRequest) -> HttpResponse:
    """Step 3: the services."""
    draft = Draft(request)
    if missing := _start_over(draft):
        return redirect(missing)
    form = ServicesForm(request.POST if request.method == "POST" else None)
    chosen = set(request.POST.getlist("services") if form.is_bound else draft.values.get("services", []))
    if form.is_valid():
        services = list(form.cleaned_data["services"])
        draft.save(services=[service.code for service in services])
        return redirect("parties:enter_certificates" if demanded(services) else "parties:enter_check")
    return _page(
        request, "parties/enter_services.html", 3, form, groups=service_groups(chosen), chosen_count=len(chosen)
    )


@never_cache
@login_required
def enter_certificates(request: HttpRequest) -> HttpResponse:
    """Step 3, second part: the certificates that the chosen services ask for, and only those."""
    draft = Draft(request)
    if missing := _start_over(draft):
        return redirect(missing)
    services = draft.services()
    wanted = demanded(services)
    if not wanted:
        return redirect("parties:enter_services" if not services else "parties:enter_check")
    saved = draft.qualifications
    sent = request.method == "POST"
    forms = []
    for one in wanted:
        before = saved.get(one.kind.code, {})
        initial = {**before, "scopes": [word for word in one.scopes if word in before.get("scope", "")]}
        form = CertificateForm(
            request.POST if sent else None,
            request.FILES if sent else None,
            kind=one.kind,
            scopes=one.scopes,
            needed=one.needed,
            initial={key: value for key, value in initial.items() if key != "file"} if not sent else None,
        )
        forms.append((one, form, before.get("file_name", "")))
    wrong: list[tuple[ServiceCategory, str]] = []
    valid = sent
    if sent:
        typed = dict(saved)
        for one, form, _file in forms:
            valid = form.is_valid() and valid
            typed[one.kind.code] = _typed(draft, form, saved.get(one.kind.code, {}))
        draft.save(qualifications={code: one for code, one in typed.items() if one})
    if valid:
        wrong = unfit(services, draft.complete(wanted))
        if not wrong:
            return redirect("parties:enter_check")
    status = 422 if sent else 200
    context = {"certificates": forms, "wrong": wrong, "failed": [form for _one, form, _file in forms if form.errors]}
    response = _page(request, "parties/enter_certificates.html", 3, None, **context)
    response.status_code = status
    return response


def _typed(draft: Draft, form: CertificateForm, before: dict[str, Any]) -> dict[str, Any]:
    """Return what to keep of one certificate: every good field, even when another was wrong, so that nothing is lost."""
    values = form.cleaned_data
    kept: dict[str, Any] = {key: before[key] for key in ("file", "file_name") if key in before}
    if values.get("file"):
        kept = draft.keep_file(values["file"])
    if not values.get("number"):
        return kept
    last = values.get("valid_until")
    return {
        "grade": values.get("grade", ""),
        "scope": "、".join(values.get("scopes", [])),
        "number": values["number"].strip(),
        "valid_until": last.isoformat() if last else "",
        **kept,
    }


@never_cache
@login_required
def enter_check(request: HttpRequest) -> HttpResponse:
    """Step 4: read the answers and the commitment letter, tick, and be in."""
    draft = Draft(request)
    if missing := _start_over(draft):
        return redirect(missing)
    services = draft.services()
    if not services:
        return redirect("parties:enter_services")
    wanted = demanded(services)
    certificates = draft.complete(wanted)
    if unfit(services, certificates):
        return redirect("parties:enter_certificates")
    form = CommitmentForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            with opened(certificates) as arguments:
                firm = enter_firm(
                    user=cast(User, request.user),
                    uscc=draft.code,
                    region=draft.region,
                    services=services,
                    qualifications=arguments,
                    committed=True,
                    by=request.user,
                    now=clock.now(),
                    **{field: draft.values.get(field, "") for field in FIELDS},
                )
        except Refused as refused:
            form.add_refusal(refused)
        else:
            _finish(request, draft, firm)
            return redirect("parties:entered", pk=firm.pk)
    context = {
        "draft": draft.values,
        "kind": Organization.Kind(draft.values["kind"]).label,
        "region": draft.region,
        "services": services,
        "certificates": [(one.kind, certificates[one.kind.code]) for one in wanted if one.kind.code in certificates],
        "letter": commitment(draft.values["name"], draft.code),
    }
    return _page(request, "parties/enter_check.html", 4, form, **context)


def _finish(request: HttpRequest, draft: Draft, organization: Organization) -> None:
    draft.clear()
    request.session[SESSION_KEY] = organization.pk
    user: Any = request.user
    user.display_name = user.display_name or organization.contact_name
    user.email = user.email or organization.email  # messages come as mail too, as the page promises
    user.save(update_fields=["display_name", "email"])


@login_required
def entered(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what is live at once, what is being checked, and what happens next."""
    firm = get_object_or_404(Organization, pk=pk)
    if not may_act_for(request.user, firm):
        return redirect("parties:firm", pk=pk)
    offerings = queries.offered(firm)
    context = {
        "firm": firm,
        "live": [one for one in offerings if one.status == "live"],
        "checking": [one for one in offerings if one.status == "checking"],
        "qualifications": queries.shown_qualifications(firm),
    }
    return render(request, "parties/entered.html", context)
