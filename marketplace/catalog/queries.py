"""Reads of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Prefetch

from .models import QualificationKind, Region, ServiceCategory
from .requirements import leaves


def kinds_for(services: Iterable[ServiceCategory]) -> dict[str, QualificationKind]:
    """Return by code the kinds of qualification that the services' requirements name; no query when none does."""
    codes = {leaf["kind"] for service in services for leaf in leaves(service.requirement)}
    if not codes:
        return {}
    return {kind.code: kind for kind in QualificationKind.objects.filter(code__in=codes)}


def region_tree() -> list[Region]:
    """Return cities with their counties and townships prefetched, for choice lists and for facets."""
    children = Region.objects.order_by("code")
    counties = (
        Region.objects.filter(level__in=[Region.Level.COUNTY, Region.Level.FUNCTIONAL])
        .prefetch_related(Prefetch("children", children))
        .order_by("code")
    )
    return list(Region.objects.filter(level=Region.Level.CITY).prefetch_related(Prefetch("children", counties)))


def below(region: Region) -> list[int]:
    """Return the keys of a region and of every region below it."""
    keys, level = [region.pk], [region.pk]
    while level:
        level = list(Region.objects.filter(parent__in=level).values_list("pk", flat=True))
        keys += level
    return keys
