"""When things of a need fall: the times that owners are offered, the shortest sign-up, the record of an emergency."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings

from marketplace.core.workdays import SHANGHAI, add_working_days, deadline
from marketplace.tenders.models import NAMED, Method, RuleSet, Tender
from marketplace.tenders.rule_data import DEFAULTS

AFTER_OFFICE = timedelta(hours=7)  # from 17:00, when offices close, to the end of the day


def earliest_end(since: datetime, days: int, rules: Mapping[str, Any]) -> datetime:
    """Return the earliest end of a period that leaves `days` working days: 17:00 of the last of them."""
    ends_at = deadline(since, days, rules)
    return ends_at if rules.get("working_day_seconds") or days <= 0 else ends_at - AFTER_OFFICE


def sign_up_days(tender: Tender, rules: Mapping[str, Any]) -> int:
    """Return how many working days the rules ask an owner to leave for signing up."""
    return int(rules["urgent_signup_working_days" if tender.is_urgent else "signup_working_days"])


def default_times(now: datetime, *, method: str = Method.LIVE_AUCTION, days: int = 3) -> dict[str, datetime]:
    """Return sane times for a new need: minutes ahead in the demonstration, else `days` working days and a morning."""
    start = now.replace(second=0, microsecond=0)
    if method in NAMED:
        return {"signup_ends_at": now, "selection_at": now}
    if settings.DEMO:
        times = {"signup_ends_at": start + timedelta(minutes=10), "selection_at": start + timedelta(minutes=12)}
        lasts = timedelta(minutes=10)
    else:
        signup_ends = add_working_days(now, max(days, 1)) - AFTER_OFFICE
        day = (add_working_days(signup_ends, 1) - timedelta(minutes=1)).astimezone(SHANGHAI).date()
        times = {"signup_ends_at": signup_ends, "selection_at": datetime.combine(day, time(9, 30), tzinfo=SHANGHAI)}
        lasts = timedelta(hours=1)
    if method == Method.LIVE_AUCTION:
        times["auction_ends_at"] = times["selection_at"] + lasts
    return times


def record_due(tender: Tender, rules: Mapping[str, Any]) -> datetime | None:
    """Return until when an emergency is to be recorded, None for other needs."""
    if tender.method != Method.EMERGENCY or tender.happened_at is None:
        return None
    return deadline(tender.happened_at, int(rules["record_working_days"]), rules)


def is_late_record(tender: Tender, rules: Mapping[str, Any], now: datetime) -> bool:
    """Tell whether an emergency was, or at `now` would be, recorded later than the rules ask."""
    due = record_due(tender, rules)
    return due is not None and (tender.published_at or now) > due


def months_before(now: datetime, months: int) -> datetime:
    """Return the same day so many months ago, or that month's last day."""
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    return now.replace(year=year, month=month + 1, day=min(now.day, monthrange(year, month + 1)[1]))


def offered(method: str, setting: str) -> list[str]:
    """Return what a listing setting of a method offers anywhere, in the order of the default.

    In which region a need will be nobody knows while its form is filled in; the action holds it to the rules there.
    """
    versions = [DEFAULTS[method], *RuleSet.objects.filter(method=method).values_list("data", flat=True)]
    found: list[str] = []
    for data in versions:
        found += [value for value in data.get(setting, []) if value not in found]
    return found
