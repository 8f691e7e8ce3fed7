"""The page of entry that asks for certificates and people: only those that the services need and the library does not have."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from marketplace.catalog.models import ServiceCategory
from marketplace.core import clock
from marketplace.core.refusals import Invalid, Refused

from ...actions.drafts import keep_file
from ...actions.lookup import read_certificate
from ...forms import CertificateForm
from ..demanded import Demanded, unfit
from ..draft import Draft
from .page import leave, missing_step, page, wants_to_leave
from .people import taken, teams


@never_cache
@login_required
def enter_certificates(request: HttpRequest) -> HttpResponse:
    """Ask for each missing certificate: its 证照标识, or grade, number, scope, last day and, if at hand, a scan.

    Practitioners whom services ask for are named here too; nobody need be, they may follow after entry.
    """
    draft = Draft(request)
    if missing := missing_step(draft):
        return redirect(missing)
    services = draft.services()
    wanted, asked = draft.wanted(services), draft.professions(services)
    if not wanted and not asked:
        return redirect("parties:enter_services" if not services else "parties:enter_check")
    saved, sent = draft.qualifications, request.method == "POST"
    forms = [(one, _form(request, one, saved.get(one.kind.code, {})), saved.get(one.kind.code, {})) for one in wanted]
    group = teams(request, draft, asked)
    wrong: list[tuple[ServiceCategory, str]] = []
    if sent:
        kept, is_right = dict(saved), True
        for one, form, before in forms:
            is_right = form.is_valid() and is_right
            kept[one.kind.code] = _kept(request, draft, form, before)
            is_right = not form.errors and is_right
        people, people_right = taken(group)
        certificates = {code: one for code, one in kept.items() if one}
        draft.save(step="certificates", qualifications=certificates, staff={**draft.staff, **people})
        if wants_to_leave(request):
            return leave(request)
        if "more" in request.POST or "drop" in request.POST:
            sent = False  # one person more or less is no mistake: what was typed stands there again without complaints
            for errors in [
                *(form.errors for _one, form, _before in forms),
                *(f.errors for team in group for f in team.forms),
            ]:
                errors.clear()
        elif is_right and people_right:
            wrong = unfit(services, draft.complete(wanted), draft.found)
            if not wrong:
                draft.save(step="check")
                return redirect("parties:enter_check")
    shown = [(one, form, draft.qualifications.get(one.kind.code, {})) for one, form, _before in forms]
    context = {
        "certificates": shown,
        "teams": group,
        "wrong": wrong,
        "failed": [form for _one, form, _kept in shown if form.errors],
        "failed_people": [form for team in group for form in team.forms if form.errors],
    }
    response = page(request, "parties/enter_certificates.html", 3, None, draft, **context)
    response.status_code = 422 if sent else 200
    return response


def _form(request: HttpRequest, one: Demanded, before: dict[str, Any]) -> CertificateForm:
    sent = request.method == "POST"
    initial = {**before, "scopes": [word for word in one.scopes if word in before.get("scope", "")]}
    return CertificateForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        kind=one.kind,
        scopes=one.scopes,
        needed=one.needed,
        initial={key: value for key, value in initial.items() if key != "file"} if not sent else None,
    )


def _kept(request: HttpRequest, draft: Draft, form: CertificateForm, before: dict[str, Any]) -> dict[str, Any]:
    """Return what to keep of one certificate: every good field, even when another was wrong, so that nothing is lost."""
    values = form.cleaned_data
    kept: dict[str, Any] = {key: before[key] for key in ("file", "file_name") if key in before}
    if values.get("file"):
        kept = keep_file(upload=values["file"])
    if values.get("identifier"):
        return {**kept, **_read(request, draft, form, str(values["identifier"]))}
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


def _read(request: HttpRequest, draft: Draft, form: CertificateForm, identifier: str) -> dict[str, Any]:
    """Return the certificate as the library has it; what is wrong with its 证照标识 is said at the field."""
    values, now = form.cleaned_data, clock.now()
    try:
        found = read_certificate(identifier=identifier, code=draft.code, kind=form.kind, by=request.user, now=now)
        if found is None and not values.get("number"):
            message = _("证照库暂时没有答复，请先填写证书编号，之后会自动核对。")
            raise Invalid("number_missing", message, field="number")
    except Refused as refused:
        form.add_refusal(refused)
        return {"identifier": identifier}
    if found is None:
        last = values.get("valid_until")
        typed = {"grade": values.get("grade", ""), "number": values["number"].strip()}
        return {**typed, "scope": "、".join(values.get("scopes", [])), "valid_until": last.isoformat() if last else ""}
    return {
        "identifier": found.identifier,
        "grade": found.grade,
        "scope": found.scope,
        "number": found.number,
        "valid_until": found.valid_until,
        "issuer": found.issuer,
        "issued_on": found.issued_on,
        "read_at": now.isoformat(),
    }
