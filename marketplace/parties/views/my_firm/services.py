"""The services that one's own firm offers: add one, take one down."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from marketplace.core import clock
from marketplace.core.refusals import Refused

from ... import queries
from ...access import acts_as, current_organization
from ...actions import offer_service, withdraw_offering
from ...forms import OfferForm
from ...models import Organization, ServiceOffering
from .gate import for_organization, form_page


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
    hint = _("不要求资质的马上可以承接；要求资质的，请先申报资质，第一次承接还要公示 3 个工作日。")
    return form_page(request, form, _("增加服务"), hint, _("加入承接范围"))


@require_POST
@for_organization
def withdraw(request: HttpRequest, organization: Organization, pk: int) -> HttpResponse:
    offering = get_object_or_404(ServiceOffering.objects.select_related("service"), pk=pk, organization=organization)
    withdraw_offering(offering=offering, by=request.user, now=clock.now())
    messages.success(request, _("“%(service)s”已撤下，不再收到这项服务的需求。") % {"service": offering.service.label})
    return redirect("parties:my_firm")
