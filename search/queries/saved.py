"""Reads of saved searches: a person's own, and those that the index watches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from search import lexicon
from search.documents import DATES
from search.engine import Query
from search.models import SavedSearch
from search.states import SavedStatus

UNDO = timedelta(days=1)  # how long a deleted search can be brought back


def searches_of(user: Any) -> QuerySet[SavedSearch]:
    """Return what a person saved, the newest first, without what was deleted."""
    return SavedSearch.objects.filter(user=user).exclude(status=SavedStatus.DELETED)


def recently_deleted(user: Any, now: datetime) -> QuerySet[SavedSearch]:
    """Return what a person deleted and can still bring back, the latest first."""
    rows = SavedSearch.objects.filter(user=user, status=SavedStatus.DELETED, deleted_at__gt=now - UNDO)
    return rows.order_by("-deleted_at")


def watchable(text: str, chosen: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Return the chosen values that a search for what comes is made of: all but those of the date."""
    return {facet: tuple(values) for facet, values in chosen.items() if values and facet != DATES}


def query_of(row: SavedSearch) -> Query:
    """Return what the index watches for: words and values, whatever their date, since what comes is new."""
    return replace(lexicon.read().query(row.text), chosen=watchable(row.text, row.chosen))


def kept_searches() -> Iterator[tuple[int, Query]]:
    """Yield what the index should be watching for, as numbers and queries, by number: for comparing and repairing."""
    rows = SavedSearch.objects.filter(status=SavedStatus.ACTIVE, user__is_active=True).order_by("pk")
    for row in rows.iterator(chunk_size=500):
        yield row.pk, query_of(row)
