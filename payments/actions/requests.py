"""What /v1 remembers of requests under an Idempotency-Key is forgotten after a day (Stripe; facts 4.4)."""

from __future__ import annotations

from datetime import datetime, timedelta

from payments.models.api import ApiRequest

KEPT = timedelta(hours=24)


def forget_api_requests(*, now: datetime) -> int:
    """Delete requests that are older than a day, and return how many; their keys may be used anew."""
    return ApiRequest.objects.filter(created_at__lt=now - KEPT).delete()[0]
