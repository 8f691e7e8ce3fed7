"""The credit score of a firm, written anew from what stands."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marketplace.parties.models import Organization

from ..models import CreditScore
from ..queries import deductions, rating, reviews_of
from ..scoring import credit_score


@transaction.atomic
def recompute_credit(*, organization: Organization, now: datetime) -> CreditScore:
    """Write a firm's score anew from all its reviews and the penalties that stand."""
    ratings = [rating(review) for review in reviews_of(organization)]
    score = credit_score(ratings, now, deductions=deductions(organization))
    values = {"score": score, "review_count": len(ratings), "updated_at": now}
    return CreditScore.objects.update_or_create(organization=organization, defaults=values)[0]
