"""The rules of selection: versioned data, and the copy that a need freezes at its publication."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from marketplace.catalog.models import Region
from marketplace.core import clock
from marketplace.core.refusals import Refused
from marketplace.tenders.models import Method, RuleSet, Tender
from marketplace.tenders.rule_data import DEFAULTS


@transaction.atomic
def ensure_rule_sets(*, now: datetime | None = None) -> None:
    """Write version 1 of the rules of every method that has none."""
    known = set(RuleSet.objects.values_list("method", flat=True))
    for method in Method:
        if method not in known:
            RuleSet.objects.get_or_create(
                method=method, version=1, defaults={"data": DEFAULTS[method], "since": now or clock.now()}
            )


def rule_set_for(*, method: str, region: Region | None, money_kind: str, now: datetime) -> RuleSet:
    """Return the version in force at `now`: of those for this region or its parents and this kind of money the most particular.

    A region nearer to the need goes before one further up, a kind of money before all kinds, a newer version before an older.
    """
    regions = []
    while region is not None:
        regions.append(region.pk)
        region = region.parent
    rows = RuleSet.objects.filter(
        Q(region__in=regions) | Q(region=None), money_kind__in=("", money_kind), method=method, since__lte=now
    )
    nearness = {pk: len(regions) - place for place, pk in enumerate(regions)}
    found = max(
        rows, key=lambda row: (nearness.get(row.region_id or 0, 0), bool(row.money_kind), row.version), default=None
    )
    if found is None:
        ensure_rule_sets(now=now)
        found = RuleSet.objects.filter(method=method).order_by("version").first()
    if found is None:
        raise Refused("rules_missing", "没有这种选取方式的规则。")
    return found


def frozen_rules(*, tender: Tender, now: datetime) -> tuple[RuleSet, dict[str, Any]]:
    """Return the rules as they will hold for one need from `now` on: those of its kind of money, with the version.

    `working_day_seconds` above 0 (settings.WORKING_DAY_SECONDS, for demonstrations) is how long a working day lasts.
    """
    found = rule_set_for(method=tender.method, region=tender.region, money_kind=tender.money_kind, now=now)
    data = {**DEFAULTS[tender.method], **found.data}
    for key, value in data.items():
        if isinstance(value, dict) and tender.money_kind in value:
            data[key] = value[tender.money_kind]
    if tender.criteria:
        data["criteria"] = tender.criteria
    return found, {**data, "version": found.version, "working_day_seconds": settings.WORKING_DAY_SECONDS}
