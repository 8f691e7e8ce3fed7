"""Who holds an organization: its own people, or an administrator, keep the list up."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from marketplace.core import clock
from marketplace.core.refusals import Forbidden, Refused

from .. import queries
from ..access import current_organization
from ..actions import set_shareholdings
from ..forms import ShareholderForm
from ..models import Organization
from ..rules import may_set_shareholdings


@login_required
def shareholders(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """List the holders of one's own organization, or of the one named; add one, or take one off the list."""
    organization = get_object_or_404(Organization, pk=pk) if pk else current_organization(request)
    if organization is None:
        raise Forbidden("no_organization", _("您还没有登记单位。请先办理机构入驻或业主登记。"))
    if not may_set_shareholdings(request.user, organization):
        raise Forbidden("not_yours", _("只有“%(name)s”的管理员可以登记股东。") % {"name": organization.name})
    rows = list(queries.shareholders(organization))
    removed = next((row for row in rows if str(row.pk) == request.POST.get("remove")), None)
    form = ShareholderForm(request.POST if request.method == "POST" and "remove" not in request.POST else None)
    if "remove" in request.POST or form.is_valid():
        kept: list[dict[str, Any]] = [
            {"holder": row.holder, "holder_code": row.holder_code, "percent": row.percent}
            for row in rows
            if row != removed
        ]
        added = [form.cleaned_data] if form.is_bound else []
        try:
            set_shareholdings(organization=organization, rows=[*kept, *added], by=request.user, now=clock.now())
        except Refused as refused:
            form.add_refusal(refused)
        else:
            if removed is not None:
                messages.success(request, _("“%(holder)s”已从股东名单中删除。") % {"holder": removed.holder})
            elif added:
                messages.success(request, _("已登记股东“%(holder)s”。") % {"holder": added[0]["holder"]})
            return redirect(request.path)
    context = {
        "firm": organization,
        "rows": rows,
        "total": sum(row.percent for row in rows),
        "form": form,
    }
    return render(request, "parties/shareholders.html", context, status=form.status)
