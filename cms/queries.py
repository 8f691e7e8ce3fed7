"""Reads for the front page and the desks: what runs, what is new, true figures, what waits."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.cache import cache
from django.db.models import Count, F, Q, QuerySet
from wagtail.models import Page

from marketplace.awards.models import Objection
from marketplace.awards.queries.figures import RUNNING, figures
from marketplace.awards.states import ObjectionStatus
from marketplace.bidding.models import Auction, BidVoid
from marketplace.bidding.queries import live_auctions, price_lines
from marketplace.bidding.states import AuctionStatus
from marketplace.catalog.models import Region, ServiceCategory
from marketplace.contracts.due import due_contracts, dues
from marketplace.core import clock
from marketplace.core.models import Delivery, DeliveryStatus
from marketplace.parties.models import EntryClaim, PublicityObjection, Qualification, SpotCheck
from marketplace.parties.states import (
    EntryClaimStatus,
    PublicityObjectionStatus,
    QualificationStatus,
    SpotCheckStatus,
)
from marketplace.tenders.models import Tender
from payments.models import Break, Reconciliation, Transfer, WebhookEndpoint
from payments.states import TransferStatus

from .models import HelpPage, NewsPage, StandardPage

FIGURES_SECONDS, LIVE_SECONDS = 5, 1
BIDDING = (AuctionStatus.OPEN, AuctionStatus.PAUSED)
LIVE, IN_A_ROW, NEWEST, NEWS, IN_A_GROUP, TRIED = 6, 3, 10, 6, 5, 4


def live_strip() -> list[Auction]:
    """Return the auctions open now, each with `line`, its prices in fen from the ceiling on; at most a second old."""
    found: list[Auction] | None = cache.get("cms:live")
    if found is None:
        found = live_auctions(LIVE)
        found = found[: len(found) // IN_A_ROW * IN_A_ROW or len(found)]  # full rows leave no hole in the strip
        lines = price_lines(found)
        for auction in found:
            auction.line = lines[auction.pk]  # type: ignore[attr-defined]
        cache.set("cms:live", found, LIVE_SECONDS)
    return found


def newest_tenders(limit: int = NEWEST) -> list[Tender]:
    """Return the newest published needs, with what a row shows."""
    return list(Tender.objects.published().for_cards().order_by("-published_at", "-pk")[:limit])


def newest_news(limit: int = NEWS) -> list[NewsPage]:
    """Return the newest announcements."""
    return list(NewsPage.objects.live().public().order_by("-date", "-pk")[:limit])


def front() -> dict[str, Any]:
    """Return figures, services by group, districts and services to try; at most five seconds old.

    What is kept is numbers and rows, never words: those follow the reader's language.
    """
    kept: dict[str, Any] | None = cache.get("cms:front")
    if kept is None:
        services = _services()
        kept = {
            "figures": figures(),
            "groups": _groups(services),
            "districts": _districts(),
            "tries": sorted(services, key=lambda one: -one.asked)[:TRIED],  # type: ignore[attr-defined]
        }
        cache.set("cms:front", kept, FIGURES_SECONDS)
    return kept


def _services() -> list[ServiceCategory]:
    published = Q(tenders__published_at__isnull=False)
    return list(ServiceCategory.objects.open().annotate(asked=Count("tenders", filter=published)).order_by("code"))


def _groups(services: list[ServiceCategory]) -> list[dict[str, Any]]:
    """Return each group of services with its number, needs so far, and the services most asked for."""
    groups = []
    for value in ServiceCategory.Group.values:
        inside = [service for service in services if service.group == value]
        if inside:
            most = sorted(inside, key=lambda one: (-one.asked, one.code))[:IN_A_GROUP]  # type: ignore[attr-defined]
            groups.append({"group": ServiceCategory.Group(value), "count": len(inside), "services": most})
    return groups


def _districts() -> list[dict[str, Any]]:
    """Return counties and functional areas with their published and running needs, townships counted in."""
    areas = Region.objects.filter(level__in=(Region.Level.COUNTY, Region.Level.FUNCTIONAL), parent__code="360600")
    total: Counter[int] = Counter()
    running: Counter[int] = Counter()
    rows = (
        Tender.objects.published()
        .values("region", parent=F("region__parent"))
        .annotate(all=Count("pk"), now=Count("pk", filter=Q(status__in=RUNNING)))
    )
    for row in rows:
        for place in {row["region"], row["parent"]} - {None}:
            total[place] += row["all"]
            running[place] += row["now"]
    return [{"region": area, "count": total[area.pk], "running": running[area.pk]} for area in areas]


def public_pages() -> QuerySet[Page]:
    """Return the pages that anybody may read and find: announcements, help, plain words; call `.specific()` for bodies."""
    return Page.objects.live().public().type((NewsPage, HelpPage, StandardPage)).order_by("-first_published_at", "-pk")


def waiting() -> dict[str, int]:
    """Count what waits for an administrator."""
    return {
        "qualifications": Qualification.objects.filter(status=QualificationStatus.DECLARED).count(),
        "publicity_objections": PublicityObjection.objects.filter(status=PublicityObjectionStatus.FILED).count(),
        "claims": EntryClaim.objects.filter(status=EntryClaimStatus.FILED).count(),
        "spot_checks": SpotCheck.objects.filter(status=SpotCheckStatus.PENDING).count(),
        "objections": Objection.objects.filter(status=ObjectionStatus.OPEN).count(),
        "voids": BidVoid.objects.filter(confirmed_at=None, bid__auction__status__in=BIDDING).count(),
        "transfers": Transfer.objects.filter(status=TransferStatus.FAILED).count(),
        "overdue": sum(one.is_overdue for one in dues(due_contracts(), clock.now())),
        "deliveries": Delivery.objects.filter(status=DeliveryStatus.DEAD).count(),
        "breaks": Break.objects.filter(status="open").count(),
        "days": Reconciliation.objects.filter(status="failed").count(),
        "webhooks": WebhookEndpoint.objects.kept().filter(is_given_up=True).count(),
    }
