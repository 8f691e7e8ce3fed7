"""The public list of services, the page of each, and the page of a government service matter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from . import queries
from .elements import GROUPS, lines, unknown
from .filters import ITSELF, ServiceFilter
from .models import ApplicationMaterial, ServiceCategory, ServiceMatter
from .requirements import in_words
from .states import ServiceStatus

FIRMS_SHOWN, NEEDS_SHOWN = 12, 10
KEYS = ("q", "group", "department", "entrusted", "itself", "state")
Values = Callable[[ServiceCategory], Iterable[str]]


def _itself(row: ServiceCategory) -> list[str]:
    return [] if row.may_prepare_itself is None else ["yes" if row.may_prepare_itself else "no"]


def _facets(every: list[ServiceCategory]) -> list[tuple[str, str, dict[str, Any], Values]]:
    """Return what the list is narrowed by: the key, its heading, the words of its values, and a service's values."""
    departments = {name: label for one in every for name, label in one.departments}
    return [
        ("group", _("类别"), dict(ServiceCategory.Group.choices), lambda one: [one.group]),
        ("entrusted", _("由谁委托"), dict(ServiceCategory.Entrusting.choices), lambda one: [one.entrusted_by]),
        ("itself", _("申请人可以自己做吗"), dict(ITSELF), _itself),
        ("department", _("主管部门"), departments, lambda one: [name for name, _label in one.departments]),
        ("state", _("状态"), dict(ServiceStatus.choices), lambda one: [one.status]),
    ]


def services(request: HttpRequest) -> HttpResponse:
    """List the services of the catalogue by group; 70 rows need no pages. Cancelled ones show where they are asked for."""
    found = ServiceFilter(request.GET, queryset=queries.services())
    rows = list(found.qs)
    active = {key: request.GET.get(key, "") for key in KEYS}

    def address(**changes: str) -> str:
        query = request.GET.copy()
        for key, value in changes.items():
            query.pop(key, None)
            if value:
                query[key] = value
        return f"{request.path}?{query.urlencode()}" if query else request.path

    every = list(ServiceCategory.objects.order_by("code"))
    on_list = [one for one in every if one.status != ServiceStatus.CANCELLED]
    groups, words = [], {}
    for key, heading, labels, values_of in _facets(every):
        words[key] = labels
        number = Counter(value for one in (every if key == "state" else on_list) for value in values_of(one))
        items = [
            {
                "label": label,
                "count": number[value],
                "active": active[key] == value,
                "url": address(**{key: "" if active[key] == value else value}),
            }
            for value, label in labels.items()
            if number[value]
        ]
        if len(items) > 1 or active[key]:
            groups.append((heading, items))
    chips = [
        (_("“%(words)s”") % {"words": value} if key == "q" else words[key].get(value, value), address(**{key: ""}))
        for key, value in active.items()
        if value
    ]
    order = {value: place for place, value in enumerate(ServiceCategory.Group.values)}
    rows.sort(key=lambda one: (order[one.group], one.code))
    counts = queries.counts()
    for row in rows:
        row.firms, row.needs = counts.get(row.pk, (0, 0))  # type: ignore[attr-defined]
    context = {
        "sections": [(words["group"][group], list(part)) for group, part in groupby(rows, key=lambda one: one.group)],
        "count": len(rows),
        "total": len(on_list),
        "groups": groups,
        "chips": chips,
        "clear": request.path if len(chips) > 1 else "",
        "query": active["q"],
        "hidden": [(key, value) for key, value in active.items() if key != "q" and value],
    }
    return render(request, "catalog/services.html", context)


def service(request: HttpRequest, code: str) -> HttpResponse:
    """Show one service: what it is for, who may provide it, who does, who is looking for it."""
    papers = ApplicationMaterial.objects.select_related("matter")
    known = ServiceCategory.objects.prefetch_related("matters", Prefetch("materials", papers))
    row = get_object_or_404(known, code=code)
    demand = in_words(row.requirement, timezone.localdate(), kinds=queries.kinds_for([row]))
    offerings = row.offerings.filter(status="live", organization__status="active").select_related(
        "organization__region"
    )
    needs = row.tenders.filter(status__in=queries.RUNNING).select_related("buyer").order_by("-pk")
    shown = list(offerings.order_by("-pk")[:FIRMS_SHOWN])
    firms = len(shown) if len(shown) < FIRMS_SHOWN else max(queries.counts().get(row.pk, (0, 0))[0], FIRMS_SHOWN)
    context = {
        "service": row,
        "matters": list(row.matters.all()),
        "materials": list(row.materials.all()),
        "demand": demand,
        "is_said": demand == row.requirement_label,
        "firms_count": firms,
        "offerings": shown,
        "needs": needs[:NEEDS_SHOWN],
    }
    return render(request, "catalog/service.html", context)


def matter(request: HttpRequest, code: str) -> HttpResponse:
    """Show a government service matter: its elements in groups, its materials and results, the services that it asks for."""
    papers = ApplicationMaterial.objects.prefetch_related("services")
    row = get_object_or_404(
        ServiceMatter.objects.prefetch_related(Prefetch("materials", papers), "results", "services"), code=code
    )
    every = [one for _heading, part in GROUPS for one in part]
    missing = unknown(row, every)
    context = {
        "matter": row,
        "groups": [(heading, found) for heading, part in GROUPS if (found := list(lines(row, part)))],
        "missing": missing,
        "known_count": len(every) - len(missing) + bool(row.materials.all()),
        "materials": list(row.materials.all()),
        "results": list(row.results.all()),
        "services": [one for one in row.services.all() if one.status != ServiceStatus.CANCELLED],
        "in_force": row.is_in_force(timezone.localdate()),
    }
    return render(request, "catalog/matter.html", context)
