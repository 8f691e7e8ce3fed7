"""Reads of reviews, penalties and scores."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q, QuerySet

from marketplace.parties.models import Organization

from .models import CreditScore, Penalty, Review
from .penalty_codes import GIVE_UP
from .scoring import START, Deduction, Rating, level
from .states import PenaltyStatus

DIMENSIONS = ("quality", "timeliness", "attitude", "price", "conduct")


def reviews_of(organization: Organization) -> QuerySet[Review]:
    """Return the reviews of a firm, newest first, with the words of who gave them."""
    return (
        Review.objects.filter(supplier=organization).select_related("contract__tender", "buyer").order_by("-at", "-pk")
    )


def dimensions(review: Review) -> list[tuple[str, int]]:
    """Return the five dimensions of a review: their name and stars."""
    return [(dimension_name(name), getattr(review, name)) for name in DIMENSIONS]


def dimension_name(name: str) -> str:
    """Return how people call a dimension, in the reader's language."""
    field = Review._meta.get_field(name)
    assert isinstance(field, models.Field)
    return str(field.verbose_name)


def rating(review: Review) -> Rating:
    """Return a review as the score's function takes it."""
    return Rating(review.quality, review.timeliness, review.attitude, review.price, review.conduct, review.at)


def penalties_of(organization: Organization) -> QuerySet[Penalty]:
    """Return all penalties of a party, newest first, withdrawn ones too: what became of them is public."""
    return organization.penalties.select_related("award__tender").order_by("-at", "-pk")


def deductions(organization: Organization) -> list[Deduction]:
    """Return the penalties that stand as the score's function takes them."""
    return [Deduction(row.points, row.at) for row in organization.penalties.filter(status=PenaltyStatus.ACTIVE)]


def give_ups(organization: Organization, now: datetime) -> int:
    """Count the give-ups that stand and still count at `now`."""
    rows = organization.penalties.filter(code=GIVE_UP, status=PenaltyStatus.ACTIVE, counts_until__gt=now)
    return rows.count()


def aged_scores(now: datetime) -> QuerySet[Organization]:
    """Return the firms whose score still lacks points for a penalty that no longer counts at `now`."""
    aged = Q(
        penalties__status=PenaltyStatus.ACTIVE,
        penalties__counts_until__lte=now,
        penalties__counts_until__gt=F("credit__updated_at"),
    )
    return Organization.objects.filter(aged).distinct()


def credit_of(organization: Organization) -> tuple[int, str, int]:
    """Return a firm's score in hundredths, its level and the number of its reviews; the start value without any."""
    row = CreditScore.objects.filter(organization=organization).first()
    score, count = (row.score, row.review_count) if row else (START, 0)
    return score, level(score), count
