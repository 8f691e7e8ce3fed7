"""The part of the front page that moves."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from . import queries


@never_cache
@require_GET
def live(request: HttpRequest) -> HttpResponse:
    """Answer with the cards of the auctions open now, as the front page shows them."""
    return render(request, "cms/live.html", {"live": queries.live_strip()})
