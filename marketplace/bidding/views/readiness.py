"""A firm says in the minutes before an auction that it has seen clock and rules."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from marketplace.core.refusals import Refused

from ..actions import mark_ready
from .rooms import find, firm_of


@never_cache
@require_POST
def ready(request: HttpRequest, number: str) -> HttpResponse:
    """Take the mark from a plain form and go back to the room."""
    auction = find(number)
    organization, user = firm_of(request, _("只有报名的中介机构可以确认就绪。"))
    try:
        mark_ready(auction=auction, organization=organization, by=user)
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("已确认就绪，开始后即可报价。"))
    return redirect(auction)
