"""When to ask the provider again about what is not final: after 1, 2, 5, 10 and 30 minutes, then every hour."""

from __future__ import annotations

from datetime import datetime, timedelta

MINUTES = (1, 2, 5, 10, 30, 60)
GRACE = timedelta(minutes=5)


def next_time(attempts: int, now: datetime) -> datetime:
    """Return when to ask next, `attempts` questions having been asked."""
    return now + timedelta(minutes=MINUTES[min(attempts, len(MINUTES) - 1)])
