"""People who act for one's own organization: their powers and days."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from marketplace.core import clock
from marketplace.core.refusals import Forbidden, Refused

from ... import queries
from ...actions import add_member, remove_member, set_powers
from ...forms import MemberForm, PowersForm
from ...models import Organization
from ...rules import may_administer
from .gate import for_organization, form_page


@for_organization
def members(request: HttpRequest, organization: Organization) -> HttpResponse:
    """List who acts for the organization, for what and until when."""
    rows = organization.memberships.select_related("user", "granted_by").order_by("pk")
    context = {
        "firm": organization,
        "members": queries.with_days(rows, clock.now()),
        "may_administer": may_administer(request.user, organization),
    }
    return render(request, "parties/members.html", context)


@for_organization
def member(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Add somebody."""
    _only_administrators(request, organization)
    form = MemberForm(request.POST or None)
    if form.is_valid():
        try:
            added = add_member(organization=organization, by=request.user, now=clock.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("%(user)s 现在可以代表本单位办理业务。") % {"user": added.user})
            return redirect("parties:members")
    hint = _("对方先注册账号，再由管理员加入。经办人只能办理所选的事项，管理员可以办理全部事项，还可以管理成员。")
    return form_page(request, form, _("添加成员"), hint, _("添加"), back="parties:members")


@for_organization
def change_member(request: HttpRequest, organization: Organization, pk: int) -> HttpResponse:
    """Change somebody's powers and days."""
    _only_administrators(request, organization)
    row = get_object_or_404(organization.memberships.select_related("user"), pk=pk)
    initial = {name: getattr(row, name) for name in PowersForm.base_fields}
    form = PowersForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            set_powers(membership=row, by=request.user, now=clock.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("%(user)s 的权限已修改。") % {"user": row.user})
            return redirect("parties:members")
    title = _("修改权限：%(user)s") % {"user": row.user}
    hint = _("到期当天仍然有效，次日起不能再替本单位办理；到期前 7 天双方都会收到提醒。")
    return form_page(request, form, title, hint, _("保存"), back="parties:members")


@require_POST
@for_organization
def remove(request: HttpRequest, organization: Organization, pk: int) -> HttpResponse:
    """End somebody's acting at once, one's own too."""
    row = get_object_or_404(organization.memberships.select_related("user"), pk=pk)
    is_own = row.user_id == request.user.pk
    try:
        remove_member(membership=row, by=request.user, now=clock.now())
    except Refused as refused:
        if isinstance(refused, Forbidden):
            raise
        messages.error(request, str(refused))
        return redirect("parties:members")
    messages.success(request, _("%(user)s 不再代表“%(name)s”。") % {"user": row.user, "name": organization.name})
    return redirect("process:desk" if is_own else "parties:members")


def _only_administrators(request: HttpRequest, organization: Organization) -> None:
    if not may_administer(request.user, organization):
        raise Forbidden("not_yours", _("只有“%(name)s”的管理员可以管理成员。") % {"name": organization.name})
