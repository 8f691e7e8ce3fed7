"""Reads of the catalogue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Prefetch, QuerySet

from .models import QualificationKind, Region, ServiceCategory
from .requirements import codes_of

MANY, DEMAND_SECONDS = 1000, 60
RUNNING = ("open", "selecting")  # states of a need that firms may still act on


def kinds_for(services: Iterable[ServiceCategory]) -> dict[str, QualificationKind]:
    """Return by code the kinds of qualification that the services' requirements name; no query when none does."""
    codes = {code for service in services for code in codes_of(service.requirement)}
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


def demand() -> tuple[Counter[int], Counter[int]]:
    """Count by service who offers it now and which needs are open now; where there are many, at most a minute old.

    Offers and needs belong to later chapters; their rows are counted through the reverse relations.
    """
    kept: tuple[Counter[int], Counter[int]] | None = cache.get("catalog:demand")
    if kept is None:
        live = ServiceCategory.offerings.rel.related_model.objects.filter(  # type: ignore[attr-defined]
            status="live", organization__status="active"
        )
        open_now = ServiceCategory.tenders.rel.related_model.objects.filter(status__in=RUNNING)  # type: ignore[attr-defined]
        kept = _by_service(live), _by_service(open_now)
        if kept[0].total() >= MANY:
            cache.set("catalog:demand", kept, DEMAND_SECONDS)
    return kept


def _by_service(rows: QuerySet[Any]) -> Counter[int]:
    return Counter(dict(rows.order_by().values_list("service").annotate(Count("pk"))))
