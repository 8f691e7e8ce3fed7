"""Reads of many needs: the public list, its facets, the newest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, QuerySet

from marketplace.tenders.models import Tender


def listed() -> QuerySet[Tender]:
    """Return what the public list shows, newest first, with what a row needs."""
    return Tender.objects.published().for_cards().order_by("-published_at", "-id")


def newest_tenders(limit: int = 8) -> list[Tender]:
    """Return the newest published needs."""
    return list(listed()[:limit])


def bidder_counts(tenders: Iterable[Tender]) -> dict[int, int]:
    """Return how many firms are signed up, by key of the need: one query for a page of rows."""
    rows = (
        Tender.objects.filter(pk__in=[tender.pk for tender in tenders])
        .order_by()
        .values("pk")
        .annotate(count=Count("bidders", filter=Q(bidders__status="active")))
    )
    return {row["pk"]: row["count"] for row in rows}


def facet_counts(queryset: QuerySet[Any], field: str) -> dict[Any, int]:
    """Return how many needs have each value of `field`."""
    rows = queryset.order_by().values(field).annotate(count=Count("pk"))
    return {row[field]: row["count"] for row in rows}
