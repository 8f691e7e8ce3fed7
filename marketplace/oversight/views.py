"""What the public watches: figures, newest steps, who wins, what failed, and whether the records are whole."""

from __future__ import annotations

from datetime import timedelta

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from marketplace.awards.queries.figures import figures
from marketplace.core import clock
from marketplace.core.models import Process
from marketplace.core.proofs import PROOFS

from . import queries

CHECK_SECONDS = 60


def oversight(request: HttpRequest) -> HttpResponse:
    """Show the public's page."""
    context = {
        "figures": figures(),
        "districts": queries.by_district(),
        "suppliers": queries.busiest_suppliers(),
        "events": queries.latest_events(),
        "failed": queries.failed_since(clock.now() - timedelta(days=90)),
    }
    return render(request, "oversight/oversight.html", context)


def records(request: HttpRequest) -> HttpResponse:
    """Run every proof and show what it found; the answer is kept for a minute so that nobody can wear the server out."""
    result = cache.get("oversight.proofs")
    if result is None:
        checked = [(name, list(proof())) for name, proof in PROOFS.items()]
        result = {"checked": checked, "at": clock.now(), "processes": Process.objects.count()}
        cache.set("oversight.proofs", result, CHECK_SECONDS)
    return render(request, "oversight/records.html", result)
