"""Spans: the values of the facet `date`, which depend on today, as the moments that a query carries along."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from marketplace.core.workdays import SHANGHAI

SPANS = (
    ("7d", _("最近 7 天")),
    ("30d", _("最近 30 天")),
    ("90d", _("最近 90 天")),
    ("year", _("今年")),
    ("earlier", _("今年以前")),
)


def written(moment: datetime) -> str:
    """Write a moment as documents do: ISO 8601, UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def spans(now: datetime) -> dict[str, tuple[str, str]]:
    """Return the moments from and until of each span; years are those of China's clocks.

    `now` counts to the minute, so that the same search asks the same of the index for a while.
    """
    now = now.replace(second=0, microsecond=0)
    year = written(now.astimezone(SHANGHAI).replace(month=1, day=1, hour=0, minute=0))
    days = {f"{count}d": (written(now - timedelta(days=count)), "") for count in (7, 30, 90)}
    return {**days, "year": (year, ""), "earlier": ("", year)}
