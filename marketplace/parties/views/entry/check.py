"""The last page of entry: the answers and the commitment letter, one tick, and the firm is in."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.refusals import Forbidden, Refused

from ... import queries
from ...access import SESSION_KEY
from ...actions import enter_firm
from ...actions.letters import keep_letter
from ...commitment import commitment
from ...eligibility import reasons
from ...forms import CommitmentForm
from ...models import Commitment, Organization
from ...rules import may_act_for, may_see_letter
from ...states import OfferingStatus
from ..demanded import people_of, unfit
from ..draft import Draft, opened
from .page import FIELDS, facts, leave, missing_step, page, wants_to_leave
from .people import faulty


@never_cache
@login_required
def enter_check(request: HttpRequest) -> HttpResponse:
    """Show every answer with its origin and the letter; with the tick, enter."""
    draft = Draft(request)
    if missing := missing_step(draft):
        return redirect(missing)
    if wants_to_leave(request):
        return leave(request)
    if request.method != "POST":
        draft.freshen(clock.now())
    services = draft.services()
    if not services or not draft.values.get("contact_name"):
        return redirect("parties:enter_services")  # where the contact of a firm that is known stands, too
    wanted = draft.wanted(services)
    certificates = draft.complete(wanted)
    asked = draft.professions(services)
    named = draft.named(asked)
    if unfit(services, certificates, draft.found) or faulty(draft, asked):
        return redirect("parties:enter_certificates")
    form = CommitmentForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            with opened(certificates, named) as arguments:
                firm = enter_firm(
                    user=cast(User, request.user),
                    uscc=draft.code,
                    region=draft.region,
                    services=services,
                    qualifications=arguments["qualifications"],
                    practitioners=arguments["practitioners"],
                    found=draft.found,
                    committed=True,
                    by=request.user,
                    now=clock.now(),
                    **{field: draft.values.get(field, "") for field in FIELDS},
                )
        except Refused as refused:
            if faulty(draft, asked):  # somebody was faster: it is said at the person's field
                return redirect("parties:enter_certificates")
            form.add_refusal(refused)
        else:
            finish(request, draft, firm)
            return redirect("parties:entered", pk=firm.pk)
    context = {
        "draft": draft.values,
        **facts(draft),
        "region": draft.region,
        "origins": dict.fromkeys(draft.found.values, "authority") if draft.found else {},
        "services": services,
        "certificates": [(one.kind, certificates[one.kind.code]) for one in wanted if one.kind.code in certificates],
        "named": [(one.kind, row) for one, _place, row in named],
        "waiting": unfit(services, certificates, draft.found, people_of(draft.found, named)),
        "back": "certificates" if wanted or asked else "services",
        "letter": commitment(draft.values["name"], draft.code),
    }
    return page(request, "parties/enter_check.html", 4, form, draft, **context)


def finish(request: HttpRequest, draft: Draft, organization: Organization) -> None:
    """Let the draft go, act for the new organization from now on, and keep the contact with the account."""
    draft.clear()
    request.session[SESSION_KEY] = organization.pk
    user: Any = request.user
    user.display_name = user.display_name or organization.contact_name
    user.email = user.email or organization.email  # messages come as mail too, as the page promises
    user.save(update_fields=["display_name", "email"])


@login_required
def entered(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what is live at once, what is shown to the public or being checked, and what happens next."""
    firm = get_object_or_404(Organization, pk=pk)
    if not may_act_for(request.user, firm):
        return redirect("parties:firm", pk=pk)
    offerings = queries.offered(firm)
    why = reasons(firm, offerings, now=clock.now())
    context = {
        "firm": firm,
        "live": [one for one in offerings if one.status == OfferingStatus.LIVE],
        "announced": [one for one in offerings if one.status == OfferingStatus.ANNOUNCED],
        "checking": [one for one in offerings if one.status == OfferingStatus.CHECKING],
        "waiting": [(one, why[one.pk]) for one in offerings if one.status == OfferingStatus.SUSPENDED],
        "qualifications": queries.shown_qualifications(firm),
        "commitment": firm.commitments.first(),
    }
    return render(request, "parties/entered.html", context)


@login_required
def letter(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand the signed letter as PDF to the organization's own people and administrators; made now where it is not kept yet."""
    row = get_object_or_404(Commitment.objects.select_related("organization"), pk=pk)
    if not may_see_letter(request.user, row):
        raise Forbidden("not_yours", _("承诺书文件只给本单位和平台管理机构，公众可以查看它的指纹。"))
    row = keep_letter(commitment=row, now=clock.now())
    return FileResponse(row.file.open("rb"), as_attachment=True, filename=PurePath(str(row.file)).name)
