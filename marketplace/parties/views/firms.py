"""The public list of firms and the page of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from marketplace.catalog.models import Region, ServiceCategory
from marketplace.core.refusals import Forbidden

from .. import queries
from ..actions.opening import is_unconfirmed
from ..filters import OUTSIDE, FirmCount, FirmFilter
from ..models import Organization, Qualification
from ..rules import is_administrator, may_act_for, may_see_certificate
from ..states import OrganizationStatus, PublicityStatus

PAGE = 20
RUNNING = (PublicityStatus.OPEN, PublicityStatus.HELD)
MANY, COUNTS_SECONDS = 1000, 60


Counts = Callable[[QuerySet[Organization]], Counter[str]]


def _over_all(key: str, count: Counts) -> Counter[str]:
    """Count over all firms, which everybody asks for; where there are many, at most a minute old."""
    kept: Counter[str] | None = cache.get(f"firms:{key}")
    if kept is None:
        kept = count(Organization.objects.active().intermediaries())
        if kept.total() >= MANY:
            cache.set(f"firms:{key}", kept, COUNTS_SECONDS)
    return kept


def _left(active: dict[str, str], key: str, count: Counts) -> Counter[str]:
    """Count what the filters other than `key` leave."""
    others = {other: "" if other == key else value for other, value in active.items()}
    if not any(others.values()):
        return _over_all(key, count)
    return count(FirmCount(others, queryset=Organization.objects.active().intermediaries()).qs)


def firms(request: HttpRequest) -> HttpResponse:
    """List firms, twenty a page, with facets of place and kind of service that count what the other filters leave."""
    found = FirmFilter(request.GET, queryset=queries.firms())
    active = {key: request.GET.get(key, "") for key in ("q", "region", "service", "group")}
    places = _left(active, "region", queries.region_counts)
    paginator = Paginator(found.qs, PAGE)
    if not active["region"]:
        paginator.count = places.total()  # a cached property: spares the count
    page = paginator.get_page(request.GET.get("page"))

    def address(**changes: str) -> str:
        query = request.GET.copy()
        for key in ("page", *changes):
            query.pop(key, None)
        for key, value in changes.items():
            if value:
                query[key] = value
        return f"{request.path}?{query.urlencode()}" if query else request.path

    def items(key: str, pairs: list[tuple[str, str, int]]) -> list[dict[str, Any]]:
        return [
            {
                "label": label,
                "count": count,
                "active": active[key] == value,
                "url": address(**{key: "" if active[key] == value else value}),
            }
            for value, label, count in pairs
            if count or active[key] == value
        ]

    regions = Region.objects.filter(level__in=[Region.Level.COUNTY, Region.Level.FUNCTIONAL]).order_by("code")
    region_pairs = [(place.code, place.label, places[place.code]) for place in regions]
    region_pairs.append((OUTSIDE, _("鹰潭市以外"), places[""]))
    kinds = _left(active, "group", queries.group_counts)
    group_pairs = [(value, str(label), kinds[value]) for value, label in ServiceCategory.Group.choices]
    names = {value: label for value, label, _count in [*region_pairs, *group_pairs]}
    chips = []
    for key, value in active.items():
        if not value:
            continue
        label = names.get(value, value)
        if key == "q":
            label = _("“%(words)s”") % {"words": value}
        elif key == "service":
            chosen = found.form.cleaned_data.get("service") if found.form.is_valid() else None
            label = chosen.label if chosen else value
        chips.append((label, address(**{key: ""})))
    context = {
        "page": page,
        "groups": [(_("所在地"), items("region", region_pairs)), (_("服务类别"), items("group", group_pairs))],
        "chips": chips,
        "clear": request.path if len(chips) > 1 else "",
        "active": active,
        "total": _over_all("region", queries.region_counts).total(),
    }
    return render(request, "parties/firms.html", context)


def firm(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one organization to the public; a person, and a firm that was only listed, to themselves and administrators."""
    row = get_object_or_404(
        Organization.objects.select_related("region", "process").annotate(credit_points=queries.CREDIT), pk=pk
    )
    own = may_act_for(request.user, row)
    is_hidden = row.kind == Organization.Kind.PERSON or is_unconfirmed(row)
    if is_hidden and not (own or is_administrator(request.user)):
        raise Http404
    context = {
        "firm": row,
        "own": own,
        "offerings": queries.offered(row) if row.is_intermediary else [],
        "qualifications": queries.shown_qualifications(row),
        "running_notices": queries.newest_notices(row).filter(status__in=RUNNING),
        "checks": row.spot_checks.select_related("round").order_by("-pk"),
        "shareholders": queries.shown_shareholders(row),
        "needs": row.tenders.exclude(status="draft").order_by("-pk")[:10] if row.is_buyer else [],
        "removed": row.status == OrganizationStatus.REMOVED,
        "can_see_files": own or is_administrator(request.user),
        "scans": queries.scans(row) if own or is_administrator(request.user) else [],
    }
    return render(request, "parties/firm.html", context)


@login_required
def certificate(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand the scan of a certificate to the firm's own people and administrators."""
    row = get_object_or_404(Qualification.objects.select_related("organization"), pk=pk)
    if not may_see_certificate(request.user, row):
        raise Forbidden("not_yours", _("证书扫描件只给本机构和平台管理机构查看。"))
    if not row.file:
        raise Http404
    return FileResponse(row.file.open("rb"), as_attachment=True, filename=PurePath(str(row.file)).name)
