"""Reads of awards and objections."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from ..models import Award, Objection
from ..states import AwardStatus


def awards_for_page() -> QuerySet[Award]:
    """Return awards with all that their page names."""
    return Award.objects.select_related("tender__process", "tender__buyer", "tender__service", "organization", "bidder")


def due_awards(now: datetime) -> QuerySet[Award]:
    """Return the awards whose standstill is over."""
    return Award.objects.filter(status=AwardStatus.STANDSTILL, standstill_ends_at__lte=now).order_by(
        "standstill_ends_at", "pk"
    )


def due_acceptances(now: datetime) -> QuerySet[Award]:
    """Return the awards whose firm has not answered in time."""
    return Award.objects.filter(status=AwardStatus.ACCEPTING, accept_ends_at__lte=now).order_by("accept_ends_at", "pk")


def rest_of_standstill(award: Award) -> timedelta:
    """Return how much of the standstill was left when an objection stopped the clock."""
    if award.clock_stopped_at is None:
        return timedelta()
    return max(award.standstill_ends_at - award.clock_stopped_at, timedelta())


def objections_of(award: Award) -> QuerySet[Objection]:
    """Return the objections to an award, newest first."""
    return award.objections.select_related("organization", "by").order_by("-at", "-pk")
