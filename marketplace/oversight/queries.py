"""Figures for the public, computed from what is there now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, Sum

from marketplace.awards.models import Award
from marketplace.awards.states import AwardStatus
from marketplace.catalog.models import Region
from marketplace.core.models import Event
from marketplace.parties.models import Organization
from marketplace.tenders.models import Tender
from marketplace.tenders.states import TenderStatus

# Steps too many or too technical for the short list of newest ones; timelines show them all.
QUIET = (
    "bid_placed", "bidder_signed_up", "auction_scheduled", "state_pushed", "service_pushed", "result_pushed",
    "nonce_set", "offer_sealed", "offer_box_created", "selection_committed", "scorer_appointed", "scores_locked",
)  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """Hold the public figures; money in fen, shares in whole percent (None while there is nothing to divide by)."""

    firms: int
    outside_firms: int
    buyers: int
    tenders: int
    running: int
    awarded: int
    success_percent: int | None
    ceiling_fen: int
    awarded_fen: int
    saved_percent: int | None
    events: int

    @property
    def saved_fen(self) -> int:
        """Give how far the awards lie below the ceilings, in fen."""
        return self.ceiling_fen - self.awarded_fen


def figures() -> Figures:
    """Return today's true figures of the whole marketplace."""
    organizations = (
        Organization.objects.active()
        .filter(is_robot=False)
        .aggregate(
            firms=Count("pk", filter=Q(is_intermediary=True)),
            outside=Count("pk", filter=Q(is_intermediary=True) & ~Q(region__code__startswith="3606")),
            buyers=Count("pk", filter=Q(is_buyer=True)),
        )
    )
    ended = (TenderStatus.AWARDED, TenderStatus.CONTRACTED, TenderStatus.COMPLETED)
    tenders = Tender.objects.published().aggregate(
        all=Count("pk"),
        running=Count("pk", filter=Q(status__in=(TenderStatus.OPEN, TenderStatus.SELECTING))),
        good=Count("pk", filter=Q(status__in=ended)),
        bad=Count("pk", filter=Q(status=TenderStatus.FAILED)),
    )
    money = Award.objects.exclude(status=AwardStatus.REVOKED).aggregate(
        ceiling=Sum("tender__ceiling_fen"), amount=Sum("amount_fen")
    )
    ceiling, amount = money["ceiling"] or 0, money["amount"] or 0
    decided = tenders["good"] + tenders["bad"]
    return Figures(
        firms=organizations["firms"],
        outside_firms=organizations["outside"],
        buyers=organizations["buyers"],
        tenders=tenders["all"],
        running=tenders["running"],
        awarded=tenders["good"],
        success_percent=round(100 * tenders["good"] / decided) if decided else None,
        ceiling_fen=ceiling,
        awarded_fen=amount,
        saved_percent=round(100 * (ceiling - amount) / ceiling) if ceiling else None,
        events=Event.objects.count(),
    )


def by_district() -> list[dict[str, Any]]:
    """Return per county and functional area: published needs, running ones, and their ceilings in fen."""
    rows = (
        Tender.objects.published()
        .values("region__code")
        .annotate(
            tenders=Count("pk"),
            running=Count("pk", filter=Q(status__in=(TenderStatus.OPEN, TenderStatus.SELECTING))),
            ceiling_fen=Sum("ceiling_fen"),
        )
    )
    areas = {
        region.code: region
        for region in Region.objects.filter(level__in=(Region.Level.COUNTY, Region.Level.FUNCTIONAL))
    }
    result: dict[str, dict[str, Any]] = {
        code: {"region": region, "tenders": 0, "running": 0, "ceiling_fen": 0} for code, region in areas.items()
    }
    for row in rows:
        code = row["region__code"]
        area = result.get(code) or result.get(code[:6])
        if area is not None:
            for key in ("tenders", "running", "ceiling_fen"):
                area[key] += row[key]
    return sorted(result.values(), key=lambda area: -area["tenders"])


def busiest_suppliers(limit: int = 10) -> list[dict[str, Any]]:
    """Return the firms with most confirmed awards: who wins how often is for all to see."""
    rows = (
        Award.objects.filter(status=AwardStatus.CONFIRMED)
        .values("organization_id", name=F("organization__name"))
        .annotate(awards=Count("pk"), amount_fen=Sum("amount_fen"), owners=Count("tender__buyer", distinct=True))
        .order_by("-awards", "-amount_fen")[:limit]
    )
    return [dict(row) for row in rows]


def latest_events(limit: int = 20) -> list[Event]:
    """Return the newest public events of all contracting processes."""
    return list(
        Event.objects.filter(visibility=Event.Visibility.PUBLIC, process__kind="contracting")
        .exclude(name__in=QUIET)
        .select_related("process__tender")
        .order_by("-at", "-pk")[:limit]
    )


def failed_since(moment: datetime, limit: int = 10) -> list[Tender]:
    """Return needs that came to nothing, newest first, with their reasons."""
    return list(
        Tender.objects.for_cards()
        .filter(status=TenderStatus.FAILED, published_at__gte=moment)
        .order_by("-published_at")[:limit]
    )
