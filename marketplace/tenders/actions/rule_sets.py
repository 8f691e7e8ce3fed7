"""The rules of selection: versioned data, and the copy that a need freezes at its publication."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from marketplace.core import clock
from marketplace.tenders.models import Method, RuleSet, Tender

BY_MONEY = ("minimum_bidders", "standstill_working_days")


def rules_default() -> dict[str, Any]:
    """Return the first rules of a live auction.

    Two keys are told apart by the kind of money; the rest are numbers:

    - `minimum_bidders`: fewer sign-ups end the need without an auction (public money 3, social 2);
    - `window_seconds`, `max_extensions`, `hard_end_seconds`: an improving bid in the window before the end moves
      the end to a window after it, at most so often and never later than so long after the planned end;
    - `standstill_working_days`: public notice of the proposed award;
    - `signup_working_days`: what owners are advised to leave for signing up;
    - `step_warning_percent`: a step above this part of the ceiling is pointed out to the owner;
    - `milestones`: the steps of the contract drawn up after the award, in percent of its amount.
    """
    return {
        "minimum_bidders": {"fiscal": 3, "state": 3, "social": 2},
        "standstill_working_days": {"fiscal": 2, "state": 2, "social": 1},
        "signup_working_days": 3,
        "window_seconds": 120,
        "max_extensions": 10,
        "hard_end_seconds": 3600,
        "step_warning_percent": 10,
        "milestones": [{"title": "提交成果初稿", "percent": 40}, {"title": "成果通过验收", "percent": 60}],
    }


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
