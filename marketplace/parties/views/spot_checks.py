"""Spot checks for everybody: the rounds, and the proof of each draw."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render

from ..models import Organization, SpotCheckRound
from ..sampling import FORMAT, draw, faults, population_hash

PAGE = 20


def rounds(request: HttpRequest) -> HttpResponse:
    """List the rounds, newest first."""
    page = Paginator(SpotCheckRound.objects.all(), PAGE).get_page(request.GET.get("page"))
    return render(request, "parties/spot_checks.html", {"page": page})


def spot_check_round(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a round: what was committed to, whom it drew, how each check went, and the draw recomputed; as JSON too."""
    row = get_object_or_404(SpotCheckRound, pk=pk)
    checks = list(row.checks.select_related("organization").order_by("pk"))
    proof = {
        "format": FORMAT,
        "commitment": row.commitment,
        "seed": row.seed,
        "population": row.population,
        "population_hash": population_hash(row.population) if row.fixed_at else "",
        "count": row.count,
        "drawn": draw(bytes.fromhex(row.seed), row.population, row.count) if row.seed else [],
    }
    if request.GET.get("format") == "json":
        return JsonResponse(proof, json_dumps_params={"ensure_ascii": False, "indent": 2})
    wrong = faults(proof, [check.organization.uscc or "" for check in checks]) if row.drawn_at else []
    names = dict(Organization.objects.filter(uscc__in=row.population).values_list("uscc", "name"))
    context = {
        "round": row,
        "proof": proof,
        "checks": checks,
        "holds": not wrong,
        "wrong": wrong,
        "population": [(code, names.get(code, "")) for code in row.population],
    }
    return render(request, "parties/spot_check_round.html", context)
