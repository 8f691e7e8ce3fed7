"""The rules of live bidding in the demo: rights may be sold, one district opens sealed offers first, turns are short."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marketplace.accounts.models import User
from marketplace.catalog.models import Region
from marketplace.tenders.actions import adopt_rule_set
from marketplace.tenders.models import Method, MoneyKind, RuleSet

SEALED_REGION, SEALED_MONEY = "360681", MoneyKind.STATE  # here sealed offers are opened first
BOTH: dict[str, Any] = {"directions": ["down", "up"]}
SHORT: dict[str, Any] = {"turns": {"rounds": 3, "turn_seconds": 20, "pause_seconds": 10}}


def sealed_region() -> Region:
    """Return the district in which bidding for state money begins with sealed offers."""
    return Region.objects.get(code=SEALED_REGION)


def adopt_pilots(*, by: User, now: datetime) -> None:
    """Adopt what the seeded history needs: rights are sold, and in one district sealed offers come first."""
    adopt_rule_set(method=Method.LIVE_AUCTION, data=BOTH, since=now, note="试行权益出让竞价，价高者得", by=by, now=now)
    _adopt_sealed(BOTH, by, now, "贵溪市国有资金项目试行先密封报价、再竞价")


def shorten_turns(*, by: User, now: datetime) -> None:
    """Adopt what a demonstration needs besides, once: turns so short that a visitor sees all rounds; harmless when it was done."""
    newest = RuleSet.objects.filter(method=Method.LIVE_AUCTION).order_by("-version").first()
    if newest is not None and newest.data.get("turns") == SHORT["turns"]:
        return
    note = "演示环境：缩短轮流报价的时间"
    adopt_rule_set(method=Method.LIVE_AUCTION, data=BOTH | SHORT, since=now, note=note, by=by, now=now)
    _adopt_sealed(BOTH | SHORT, by, now, note)


def ensure(*, by: User, now: datetime) -> None:
    """Adopt both where the database is older than they are: robots play under them."""
    if not RuleSet.objects.filter(method=Method.LIVE_AUCTION, region__code=SEALED_REGION).exists():
        adopt_pilots(by=by, now=now)
    shorten_turns(by=by, now=now)


def _adopt_sealed(data: dict[str, Any], by: User, now: datetime, note: str) -> None:
    adopt_rule_set(
        method=Method.LIVE_AUCTION,
        region=sealed_region(),
        money_kind=SEALED_MONEY,
        data=data | {"sealed_first": True},
        since=now,
        note=note,
        by=by,
        now=now,
    )
