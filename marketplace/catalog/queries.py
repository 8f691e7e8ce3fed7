"""Reads of the catalogue."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Prefetch, QuerySet

from marketplace.core.models import WorkDay
from marketplace.core.workdays import SHANGHAI

from .models import QualificationKind, Region, ServiceCategory
from .requirements import codes_of

WARN_MONTH = 11  # the State Council publishes next year's holidays in October or November
MANY, COUNTS_SECONDS = 1000, 30
RUNNING = ("open", "selecting")  # states of a need that firms may still act on


def kinds_for(services: Iterable[ServiceCategory]) -> dict[str, QualificationKind]:
    """Return by code the kinds of qualification that the services' requirements name; no query when none does."""
    codes = {code for service in services for code in codes_of(service.requirement)}
    if not codes:
        return {}
    return {kind.code: kind for kind in QualificationKind.objects.filter(code__in=codes)}


def missing_year(now: datetime) -> int | None:
    """Return the year whose working days should be in the table by now and are not, else None.

    That is this year, and from 1 November (Shanghai) the next. A table without any row is a marketplace not set up yet.
    """
    today = now.astimezone(SHANGHAI).date()
    days = dict(
        WorkDay.objects.filter(date__year__gte=today.year, date__year__lte=today.year + 1)
        .order_by()
        .values_list("date__year")
        .annotate(count=Count("pk"))
    )
    for year in (today.year, today.year + 1)[: 2 if today.month >= WARN_MONTH else 1]:
        if days.get(year, 0) < 365 + isleap(year):
            return year if days or WorkDay.objects.exists() else None
    return None


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


def services() -> QuerySet[ServiceCategory]:
    """Return the services of the list, cancelled ones too, matters prefetched."""
    return ServiceCategory.objects.prefetch_related("matters").order_by("code")


def counts() -> dict[int, tuple[int, int]]:
    """Return by service key the firms that offer it and the needs that are open now; where there are many, at most half a minute old.

    Offers and needs belong to later chapters; their rows are counted through the reverse relations. What a page shows of
    them costs the same at five hundred firms and at fifty thousand: they are counted once for all who look.
    """
    kept: dict[int, tuple[int, int]] | None = cache.get("catalog:counts")
    if kept is None:
        offers = ServiceCategory.offerings.rel.related_model.objects.filter(  # type: ignore[attr-defined]
            status="live", organization__status="active"
        )
        needs = ServiceCategory.tenders.rel.related_model.objects.filter(status__in=RUNNING)  # type: ignore[attr-defined]
        firms, open_needs = _by_service(offers), _by_service(needs)
        kept = {key: (firms.get(key, 0), open_needs.get(key, 0)) for key in firms | open_needs}
        if sum(firms.values()) >= MANY:
            cache.set("catalog:counts", kept, COUNTS_SECONDS)
    return kept


def _by_service(rows: QuerySet[Any]) -> dict[int, int]:
    return dict(rows.order_by().values_list("service").annotate(number=Count("pk")))
