"""The rules of selection: versions that administrators adopt, and the copy that a need freezes at its publication."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.catalog.models import Region
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.models import Process
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.tenders.models import Method, MoneyKind, RuleSet, Tender
from marketplace.tenders.rule_data import DEFAULTS, flaws

OCID = "yt360600-rules"


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


@transaction.atomic
def adopt_rule_set(
    *,
    method: str,
    region: Region | None = None,
    money_kind: str = "",
    data: Mapping[str, Any],
    since: datetime,
    note: str = "",
    by: User,
    now: datetime | None = None,
) -> RuleSet:
    """Adopt the next version of the rules for a method: everywhere or in a region, for all or one kind of money.

    `data` has keys of rule_data.DEFAULTS; what it leaves out stays as there. Needs published before `since` keep their
    rules. Refuses with `not_allowed`, `method_unknown`, `money_unknown`, `rules_flawed` (every flaw in words),
    `since_in_past` (more than a day).
    """
    now = now or clock.now()
    if not by.has_perm("tenders.adopt_rule_set"):
        raise Forbidden("not_allowed", _("只有平台管理机构可以修订选取规则。"))
    if method not in Method.values:
        raise Invalid("method_unknown", _("没有这种选取方式。"), field="method")
    if money_kind and money_kind not in MoneyKind.values:
        raise Invalid("money_unknown", _("没有这种资金性质。"), field="money_kind")
    if found := flaws(method, data):
        raise Invalid("rules_flawed", "\n".join(found), field="data")
    if since < now - timedelta(days=1):
        raise Invalid("since_in_past", _("生效时间不能早于昨天，已发布的需求不受新规则影响。"), field="since")
    ensure_rule_sets(now=now)
    # The process row is the lock under which versions are numbered.
    process, _made = Process.objects.get_or_create(
        ocid=OCID, defaults={"kind": Process.Kind.OPERATION, "title": "选取规则", "created_at": now}
    )
    Process.objects.select_for_update().get(pk=process.pk)
    newest = RuleSet.objects.filter(method=method).aggregate(newest=Max("version"))["newest"] or 0
    row = RuleSet.objects.create(
        method=method,
        region=region,
        money_kind=money_kind,
        version=newest + 1,
        data=dict(data),
        since=since,
        note=note.strip()[:200],
        adopted_by=by,
    )
    record(
        process,
        "rules_adopted",
        by=by,
        now=now,
        subject=row,
        data={
            "method": method,
            "version": row.version,
            "region": region.name if region else "",
            "money_kind": money_kind,
            "since_at": since.isoformat(),
            "note": row.note,
            "data": row.data,
        },
    )
    return row
