"""Keep what happened to an account."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest

from ..models import AccountRecord, User


def record(
    *, user: User, what: AccountRecord.What, request: HttpRequest | None, how: str = "", now: datetime
) -> AccountRecord:
    """Write one row: who, what, how, from which address and device; without a request the last two stay empty."""
    seen = request.META if request is not None else {}
    return AccountRecord.objects.create(
        user=user,
        what=what,
        how=str(how)[:200],
        address=seen.get("REMOTE_ADDR") or None,
        device=str(seen.get("HTTP_USER_AGENT", ""))[:200],
        at=now,
    )
