"""What the public reads of the whole marketplace: districts, suppliers, newest steps, what failed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, Sum

from marketplace.awards.models import Award
from marketplace.awards.states import AwardStatus
from marketplace.catalog.models import Region
from marketplace.core.models import Event
from marketplace.tenders.models import Tender
from marketplace.tenders.states import TenderStatus

# Steps too many or too technical for the short list of newest ones; timelines show them all.
QUIET = (
    "bid_placed", "bidder_signed_up", "auction_scheduled", "state_pushed", "service_pushed", "result_pushed",
    "nonce_set", "offer_sealed", "offer_box_created", "selection_committed", "scorer_appointed", "scores_locked",
)  # fmt: skip


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
