"""One's own organization: profile, services, certificates, members, and for whom one acts."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from marketplace.accounts.views import safe_next
from marketplace.catalog.models import QualificationKind
from marketplace.core import clock
from marketplace.core.refusals import Forbidden, Refused

from .. import queries
from ..access import SESSION_KEY, acts_as, current_organization, organizations_of
from ..actions import (
    add_member,
    change_organization,
    declare_qualification,
    offer_service,
    withdraw_offering,
)
from ..forms import DeclareForm, MemberForm, OfferForm, ProfileForm
from ..models import Organization, ServiceOffering
from ..rules import may_administer

View = Callable[..., HttpResponse]


def for_organization(view: View) -> View:
    """Let a view in with the organization for which the person acts; without one, 403 in words."""

    @login_required
    @wraps(view)
    def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        organization = current_organization(request)
        if organization is None:
            raise Forbidden("no_organization", _("您还没有登记单位。请先办理机构入驻或业主登记。"))
        return view(request, organization, *args, **kwargs)

    return inside


@for_organization
def my_firm(request: HttpRequest, organization: Organization) -> HttpResponse:
    context = {
        "firm": organization,
        "offerings": queries.offered(organization),
        "qualifications": organization.qualifications.select_related("kind").order_by("-pk"),
        "members": organization.memberships.select_related("user").order_by("pk"),
        "shareholders": queries.shareholders(organization),
        "mine": organizations_of(request.user),
        "may_administer": may_administer(request.user, organization),
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
    return _form(request, form, _("修改资料"), _("名称和代码以登记机关为准，变更请联系平台管理机构。"), _("保存"))


@acts_as("intermediary")
def offer(request: HttpRequest) -> HttpResponse:
    organization = current_organization(request)
    assert organization is not None
    form = OfferForm(request.POST or None, initial={"service": request.GET.get("service", "")})
    field: Any = form.fields["service"]
    field.queryset = queries.not_offered(organization)
    if form.is_valid():
        service = form.cleaned_data["service"]
        try:
            offering = offer_service(organization=organization, service=service, by=request.user, now=clock.now())
        except Refused as refused:
            refused.field = "service"
            form.add_refusal(refused)
        else:
            words = {"service": service.label, "state": offering.get_status_display()}
            messages.success(request, _("已加入“%(service)s”，状态：%(state)s。") % words)
            return redirect("parties:my_firm")
    hint = _("不要求资质的马上可以承接；要求资质的，请先申报资质。")
    return _form(request, form, _("增加服务"), hint, _("加入承接范围"))


@require_POST
@for_organization
def withdraw(request: HttpRequest, organization: Organization, pk: int) -> HttpResponse:
    offering = get_object_or_404(ServiceOffering.objects.select_related("service"), pk=pk, organization=organization)
    withdraw_offering(offering=offering, by=request.user, now=clock.now())
    messages.success(request, _("“%(service)s”已撤下，不再收到这项服务的需求。") % {"service": offering.service.label})
    return redirect("parties:my_firm")


@acts_as("intermediary")
def declare(request: HttpRequest) -> HttpResponse:
    organization = current_organization(request)
    assert organization is not None
    form = DeclareForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        values = dict(form.cleaned_data)
        code, _colon, grade = values.pop("what").partition(":")
        try:
            declare_qualification(
                organization=organization,
                kind=QualificationKind.objects.get(code=code),
                grade=grade,
                by=request.user,
                now=clock.now(),
                **values,
            )
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("资质已申报，核验结果会发到收件箱。"))
            return redirect("parties:my_firm")
    hint = _("先申报，管理机构核验后生效；核验期间不影响其他服务。")
    return _form(request, form, _("申报资质"), hint, _("申报"), upload=True)


@for_organization
def member(request: HttpRequest, organization: Organization) -> HttpResponse:
    form = MemberForm(request.POST or None)
    if form.is_valid():
        try:
            added = add_member(organization=organization, by=request.user, now=clock.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("%(user)s 现在可以代表本单位办理业务。") % {"user": added.user})
            return redirect("parties:my_firm")
    hint = _("对方先注册账号，再由管理员加入。经办人可以办理业务，管理员还可以改资料和成员。")
    return _form(request, form, _("添加成员"), hint, _("添加"))


@require_POST
@login_required
def switch(request: HttpRequest) -> HttpResponse:
    """Act for another of one's organizations from now on."""
    wanted = request.POST.get("organization", "")
    if not any(str(one.pk) == wanted for one in organizations_of(request.user)):
        raise Forbidden("not_yours", _("您不是这个单位的成员，不能替它办理。"))
    request.session[SESSION_KEY] = int(wanted)
    return redirect(safe_next(request, "process:desk"))


def _form(request: HttpRequest, form: Any, title: str, hint: str, label: str, *, upload: bool = False) -> HttpResponse:
    context = {"form": form, "title": title, "hint": hint, "label": label, "upload": upload}
    return render(request, "parties/form.html", context, status=form.status)
