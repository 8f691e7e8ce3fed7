"""Reads of reviews and scores."""

from __future__ import annotations

from django.db import models
from django.db.models import QuerySet

from marketplace.parties.models import Organization

from .models import CreditScore, Review
from .scoring import START, Rating, level

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


def credit_of(organization: Organization) -> tuple[int, str, int]:
    """Return a firm's score in hundredths, its level and the number of its reviews; the start value without any."""
    row = CreditScore.objects.filter(organization=organization).first()
    score, count = (row.score, row.review_count) if row else (START, 0)
    return score, level(score), count
