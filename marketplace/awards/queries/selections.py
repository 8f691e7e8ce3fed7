"""Reads of choices: which have fallen due."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from marketplace.tenders.models import Method, Tender
from marketplace.tenders.states import TenderStatus

from ..states import SelectionStatus


def due_selections(now: datetime) -> QuerySet[Tender]:
    """Return the needs whose choice is to be held; those by auction follow the auction's end."""
    return (
        Tender.objects.filter(
            status=TenderStatus.SELECTING, selection__status=SelectionStatus.COMMITTED, selection_at__lte=now
        )
        .exclude(method=Method.LIVE_AUCTION)
        .select_related("process")
        .order_by("selection_at", "pk")
    )


def due_judging(now: datetime) -> QuerySet[Tender]:
    """Return the needs whose judging is over."""
    return Tender.objects.filter(
        selection__status=SelectionStatus.JUDGING, selection__judging_ends_at__lte=now
    ).order_by("selection__judging_ends_at", "pk")
