"""The public figures of the whole marketplace: computed here for every page that shows one, so that no two disagree."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from marketplace.core.models import Event
from marketplace.parties.models import Organization
from marketplace.tenders.models import AuctionDirection, Tender
from marketplace.tenders.states import TenderStatus

from ..models import Award
from ..states import AwardStatus

RUNNING = (TenderStatus.OPEN, TenderStatus.SELECTING)
ENDED_WELL = (TenderStatus.AWARDED, TenderStatus.CONTRACTED, TenderStatus.COMPLETED)
CAME_TO_NOTHING = (AwardStatus.DECLINED, AwardStatus.LAPSED, AwardStatus.REVOKED)


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
    events: int

    @property
    def saved_fen(self) -> int:
        """Give how far the awards lie below the ceilings, in fen."""
        return self.ceiling_fen - self.awarded_fen

    @property
    def has_savings(self) -> bool:
        """Tell whether there is an award yet to compare with its ceiling."""
        return self.ceiling_fen > 0


def figures() -> Figures:
    """Return today's true figures. Robots of the demo are no firms and no owners; what they buy is bought in the open."""
    organizations = (
        Organization.objects.active()
        .filter(is_robot=False)
        .aggregate(
            firms=Count("pk", filter=Q(is_intermediary=True)),
            outside=Count("pk", filter=Q(is_intermediary=True) & ~Q(region__code__startswith="3606")),
            buyers=Count("pk", filter=Q(is_buyer=True)),
        )
    )
    tenders = Tender.objects.published().aggregate(
        all=Count("pk"),
        running=Count("pk", filter=Q(status__in=RUNNING)),
        good=Count("pk", filter=Q(status__in=ENDED_WELL)),
        bad=Count("pk", filter=Q(status=TenderStatus.FAILED)),
    )
    bought = Award.objects.exclude(tender__auction_direction=AuctionDirection.UP)  # what is sold saves nobody anything
    money = bought.exclude(status__in=CAME_TO_NOTHING).aggregate(
        ceiling=Sum("tender__ceiling_fen"), amount=Sum("amount_fen")
    )
    decided = tenders["good"] + tenders["bad"]
    return Figures(
        firms=organizations["firms"],
        outside_firms=organizations["outside"],
        buyers=organizations["buyers"],
        tenders=tenders["all"],
        running=tenders["running"],
        awarded=tenders["good"],
        success_percent=round(100 * tenders["good"] / decided) if decided else None,
        ceiling_fen=money["ceiling"] or 0,
        awarded_fen=money["amount"] or 0,
        events=Event.objects.count(),
    )
