"""The clock: one place that tells the time, ours and the database's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

from django.db import connection
from django.db.models import DateTimeField, Func, Model
from django.utils import timezone

T = TypeVar("T", bound=Model)


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


def locked_with_clock(model: type[T], pk: int) -> tuple[T, datetime]:
    """Lock a row and read the database's clock in one statement, for who holds the lock that decides already."""
    rows = model._default_manager.select_for_update()
    if connection.vendor != "postgresql":
        return rows.get(pk=pk), datetime.now(UTC)
    row = rows.annotate(clock=Func(function="clock_timestamp", output_field=DateTimeField())).get(pk=pk)
    moment: datetime = row.clock  # type: ignore[attr-defined]
    return row, moment.astimezone(UTC)
