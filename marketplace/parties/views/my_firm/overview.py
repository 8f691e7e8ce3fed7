"""One's own organization at a glance, its profile, what was read about it, and for whom one acts."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from marketplace.accounts.views import safe_next
from marketplace.core import clock
from marketplace.core.refusals import Forbidden, Refused
from marketplace.licences.queries import readings_about

from ... import queries
from ...access import SESSION_KEY, organizations_of
from ...actions import change_organization
from ...eligibility import reasons
from ...forms import ProfileForm
from ...models import Membership, Organization
from ...rules import may_act_for, may_administer
from .gate import for_organization, form_page

PAGE = 30


@for_organization
def my_firm(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Show what one's organization offers and holds, who acts for it, and what comes next of each."""
    now = clock.now()
    offerings = queries.offered(organization)
    why = reasons(organization, offerings, now=now)
    members = organization.memberships.select_related("user").order_by("pk")
    context = {
        "firm": organization,
        "offerings": [(row, why[row.pk]) for row in offerings],
        "qualifications": queries.with_days_left(queries.current_qualifications(organization), now),
        "practitioners": queries.practitioners(organization, now),
        "members": queries.with_days(members, now),
        "shareholders": queries.shareholders(organization),
        "commitments": organization.commitments.select_related("signer"),
        "notices": queries.newest_notices(organization),
        "checks": organization.spot_checks.select_related("round").order_by("-pk"),
        "origins": queries.origins(organization),
        "mine": organizations_of(request.user),
        "may_administer": may_administer(request.user, organization),
        "may_enter": may_act_for(request.user, organization, power=Membership.Power.PROFILE),
    }
    return render(request, "parties/my_firm.html", context)


@for_organization
def profile(request: HttpRequest, organization: Organization) -> HttpResponse:
    initial = {name: getattr(organization, name) for name in ProfileForm.base_fields}
    initial["region"] = organization.region.code if organization.region else ""
    form = ProfileForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            change_organization(organization=organization, values=form.cleaned_data, by=request.user, now=clock.now())
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("资料已更新，公开页面随即显示新内容。"))
            return redirect("parties:my_firm")
    return form_page(request, form, _("修改资料"), _("名称和代码以登记机关为准，变更请联系平台管理机构。"), _("保存"))


@require_POST
@login_required
def switch(request: HttpRequest) -> HttpResponse:
    """Act for another of one's organizations from now on."""
    wanted = request.POST.get("organization", "")
    if not any(str(one.pk) == wanted for one in organizations_of(request.user)):
        raise Forbidden("not_yours", _("您不是这个单位的成员，不能替它办理。"))
    request.session[SESSION_KEY] = int(wanted)
    return redirect(safe_next(request, "process:desk"))


@for_organization
def readings(request: HttpRequest, organization: Organization) -> HttpResponse:
    """List who read licences about this organization or for it, when and why."""
    code = organization.uscc or ""
    page = Paginator(readings_about(code) if code else (), PAGE).get_page(request.GET.get("page"))
    return render(request, "parties/readings.html", {"firm": organization, "page": page})
