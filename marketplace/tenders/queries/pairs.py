"""Reads across needs that the rules for naming a firm ask for: how often the same pair, how often it failed before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marketplace.parties.models import Organization
from marketplace.tenders.models import Method, Tender
from marketplace.tenders.states import TenderStatus

from .schedule import months_before

# Needs that led to nothing do not count as one more for the same firm.
ENDED_WITHOUT = (TenderStatus.FAILED, TenderStatus.CANCELLED, TenderStatus.VOID, TenderStatus.SCRAPPED)


def pair_count(tender: Tender, rules: Mapping[str, Any], now: datetime) -> int:
    """Return the how many-th direct need of this owner for this firm the need is within the rules' `pair_months`."""
    rows = Tender.objects.filter(
        buyer_id=tender.buyer_id,
        chosen_firm_id=tender.chosen_firm_id,
        method=Method.DIRECT,
        published_at__gte=months_before(now, int(rules["pair_months"])),
    )
    return rows.exclude(pk=tender.pk).exclude(status__in=ENDED_WITHOUT).count() + 1


def failed_formers(tender: Tender) -> list[Tender]:
    """Return the needs in the chain before this one that ended without a result, the newest first."""
    found, seen, former = [], {tender.pk}, tender.former
    while former is not None and former.pk not in seen:
        seen.add(former.pk)
        if former.status in {TenderStatus.FAILED, TenderStatus.SCRAPPED}:
            found.append(former)
        former = former.former
    return found


def signed_up_before(tender: Tender, firm: Organization) -> bool:
    """Tell whether a firm had signed up for one of the failed needs before this one and not taken it back."""
    return any(
        former.bidders.filter(organization=firm).exclude(status="withdrawn").exists()
        for former in failed_formers(tender)
    )


def direct_grounds(tender: Tender, rules: Mapping[str, Any]) -> list[str]:
    """Return the grounds on which the owner may name a firm at this price; none is needed where there is no limit."""
    limit = rules.get("direct_limit_fen")
    if limit is None or tender.ceiling_fen <= int(limit):
        return [str(ground) for ground in Tender.Ground.values]
    return [ground for ground in Tender.Ground.values if ground in rules["grounds_above_limit"]]
