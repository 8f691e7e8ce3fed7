"""The rules of selection: versioned data, and the copy that a need freezes at its publication."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from marketplace.core import clock
from marketplace.tenders.models import Method, RuleSet, Tender, rules_default

BY_MONEY = ("minimum_bidders", "standstill_working_days")


@transaction.atomic
def ensure_rule_sets(*, now: datetime | None = None) -> RuleSet:
    """Write version 1 of the rules for live auctions when there is none; return the newest version."""
    newest = RuleSet.objects.filter(method=Method.LIVE_AUCTION).order_by("-version").first()
    if newest is not None:
        return newest
    return RuleSet.objects.get_or_create(
        method=Method.LIVE_AUCTION, version=1, defaults={"data": rules_default(), "since": now or clock.now()}
    )[0]


def frozen_rules(*, tender: Tender, rule_set: RuleSet) -> dict[str, Any]:
    """Return the rules as they will hold for one need: those of its kind of money, with the version.

    `standstill_seconds` above 0 (settings.STANDSTILL_SECONDS, for demonstrations) takes the place of working days.
    """
    data = {**rules_default(), **rule_set.data}
    for key in BY_MONEY:
        value = data[key]
        data[key] = value[tender.money_kind] if isinstance(value, dict) else value
    return {**data, "version": rule_set.version, "standstill_seconds": settings.STANDSTILL_SECONDS}
