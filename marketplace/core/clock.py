"""The clock: one place that tells the time, ours and the database's."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection
from django.utils import timezone


def now() -> datetime:
    """Return this process's time, aware, UTC."""
    return timezone.now()


def database_now() -> datetime:
    """Return the database's clock, aware, UTC: the only time that decides whether a bid came in time.

    PostgreSQL answers with `clock_timestamp()`, the time now and not the start of the transaction; SQLite lives in
    this process and shares its clock.
    """
    if connection.vendor != "postgresql":
        return datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment.astimezone(UTC)
