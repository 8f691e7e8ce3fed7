"""The practitioners of one's own firm: who works here, one more, and who left; the scans of their certificates."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from marketplace.core import clock
from marketplace.core.refusals import Forbidden, Refused

from ..access import acts_as, current_organization
from ..actions.practitioners import add_practitioner, release_practitioner
from ..forms import PractitionerForm
from ..models import Practitioner, PractitionerCertificate
from ..rules import is_administrator, may_act_for
from ..states import PractitionerStatus


@acts_as("intermediary")
def practitioners(request: HttpRequest) -> HttpResponse:
    """List who works here and take one more person, or one more certificate of a person."""
    organization: Any = current_organization(request)
    form = PractitionerForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            added = add_practitioner(organization=organization, by=request.user, now=clock.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("%(name)s已登记为本单位执业人员。") % {"name": added.name})
            return redirect("parties:practitioners")
    rows = organization.practitioners.filter(status=PractitionerStatus.ACTIVE).prefetch_related("certificates__kind")
    context = {"form": form, "firm": organization, "practitioners": rows.order_by("joined_at", "pk")}
    return render(request, "parties/practitioners.html", context, status=form.status)


@require_POST
@acts_as("intermediary")
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a person works here no longer."""
    row = get_object_or_404(Practitioner, pk=pk, organization=current_organization(request))
    release_practitioner(practitioner=row, by=request.user, now=clock.now())
    messages.success(request, _("%(name)s已从本单位离开，其他机构现在可以登记。") % {"name": row.name})
    return redirect("parties:practitioners")


@login_required
def scan(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand the scan of a practitioner's certificate to the firm's own people and administrators."""
    row = get_object_or_404(PractitionerCertificate.objects.select_related("practitioner__organization"), pk=pk)
    if not (is_administrator(request.user) or may_act_for(request.user, row.practitioner.organization)):
        raise Forbidden("not_yours", _("证书扫描件只给本机构和平台管理机构查看。"))
    if not row.file:
        raise Http404
    return FileResponse(row.file.open("rb"), as_attachment=True, filename=PurePath(str(row.file)).name)
