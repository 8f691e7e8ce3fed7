"""The public list of services and the page of each."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from . import queries
from .filters import ServiceFilter
from .models import ServiceCategory

FIRMS_SHOWN, NEEDS_SHOWN = 12, 10


def services(request: HttpRequest) -> HttpResponse:
    """List all services of the catalogue by group; 70 rows need no pages."""
    found = ServiceFilter(
        request.GET, queryset=ServiceCategory.objects.open().prefetch_related("matters").order_by("code")
    )
    rows = list(found.qs)
    active = {key: request.GET.get(key, "") for key in ("q", "group", "department")}

    def address(**changes: str) -> str:
        query = request.GET.copy()
        for key, value in changes.items():
            query.pop(key, None)
            if value:
                query[key] = value
        return f"{request.path}?{query.urlencode()}" if query else request.path

    def items(key: str, pairs: list[Any], counts: Counter[str]) -> list[dict[str, object]]:
        return [
            {
                "label": label,
                "count": counts[value],
                "active": active[key] == value,
                "url": address(**{key: "" if active[key] == value else value}),
            }
            for value, label in pairs
            if counts[value]
        ]

    every = list(ServiceCategory.objects.open().order_by("code"))
    departments = {name: label for one in every for name, label in one.departments}
    labels = {**dict(ServiceCategory.Group.choices), **departments}
    groups = [
        (_("类别"), items("group", list(ServiceCategory.Group.choices), Counter(one.group for one in every))),
        (
            _("主管部门"),
            items(
                "department",
                list(departments.items()),
                Counter(name for one in every for name, _label in one.departments),
            ),
        ),
    ]
    chips = [
        (_("“%(words)s”") % {"words": value} if key == "q" else labels.get(value, value), address(**{key: ""}))
        for key, value in active.items()
        if value
    ]
    order = {value: place for place, value in enumerate(ServiceCategory.Group.values)}
    rows.sort(key=lambda one: (order[one.group], one.code))
    firms, needs = queries.demand()
    for row in rows:
        row.firms, row.needs = firms[row.pk], needs[row.pk]
    sections = [(labels[group], list(part)) for group, part in groupby(rows, key=lambda one: one.group)]
    context = {
        "sections": sections,
        "count": len(rows),
        "total": len(every),
        "groups": groups,
        "chips": chips,
        "clear": request.path if len(chips) > 1 else "",
        "query": active["q"],
        "active": active,
    }
    return render(request, "catalog/services.html", context)


def service(request: HttpRequest, code: str) -> HttpResponse:
    """Show one service: what it is for, who may provide it, who does, who is looking for it."""
    row = get_object_or_404(ServiceCategory.objects.prefetch_related("matters"), code=code)
    offerings = row.offerings.filter(status="live", organization__status="active").select_related(
        "organization__region"
    )
    needs = row.tenders.filter(status__in=queries.RUNNING).select_related("buyer").order_by("-pk")
    context = {
        "service": row,
        "matters": list(row.matters.all()),
        "firms_count": offerings.count(),
        "offerings": offerings.order_by("organization__name")[:FIRMS_SHOWN],
        "needs": needs[:NEEDS_SHOWN],
    }
    return render(request, "catalog/service.html", context)
