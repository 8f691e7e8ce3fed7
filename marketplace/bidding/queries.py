"""Reads of auctions, bidders and offers for pages, the hub and the worker."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet

from marketplace.parties.models import Organization
from marketplace.tenders.models import AuctionMode, Tender

from .models import PREVIEW, Auction, Bid, Bidder, SealedOffer
from .states import AuctionStatus, BidderStatus, OfferStatus


def keeping_amounts(path: str = "") -> Q:
    """Return Auction.keeps_amounts as a condition on rows; `path` leads from them to their auction, as "auction__" does."""
    return Q(**{f"{path}mode": AuctionMode.RANK}) & ~Q(**{f"{path}status": AuctionStatus.CLOSED})


def auctions() -> QuerySet[Auction]:
    """Return auctions with what a card shows: need, owner, service, number of firms (`bidder_count`)."""
    active = Count("tender__bidders", filter=Q(tender__bidders__status=BidderStatus.ACTIVE), distinct=True)
    return Auction.objects.select_related(
        "tender__buyer", "tender__service", "tender__region", "tender__process", "leader"
    ).annotate(bidder_count=active)


def live_auctions(limit: int = 6) -> list[Auction]:
    """Return the auctions that are open now, the one that ends first first."""
    return list(auctions().filter(status=AuctionStatus.OPEN).order_by("ends_at")[:limit])


def due_auctions(now: datetime, limit: int = 100) -> QuerySet[Auction]:
    """Return auctions in which something has fallen due."""
    return (
        Auction.objects.select_related("tender__process")
        .filter(
            Q(status=AuctionStatus.SCHEDULED, opens_at__lte=now)
            | Q(status=AuctionStatus.OPEN, ends_at__lte=now)
            | Q(status=AuctionStatus.OPEN, next_round_at__lte=now)
        )
        .order_by("ends_at")[:limit]
    )


def previews(now: datetime, limit: int = 100) -> QuerySet[Auction]:
    """Return auctions whose preview has begun and whose firms do not know it yet."""
    rows = Auction.objects.filter(status=AuctionStatus.SCHEDULED, called_at=None, opens_at__gt=now)
    return rows.filter(opens_at__lte=now + PREVIEW).order_by("opens_at")[:limit]


def bidder_of(tender: Tender, organization: Organization | None) -> Bidder | None:
    """Return the firm's active sign-up for a need, or None."""
    if organization is None:
        return None
    return (
        tender.bidders.select_related("organization")
        .filter(organization=organization, status=BidderStatus.ACTIVE)
        .first()
    )


def price_line(auction: Auction, limit: int = 200) -> list[int]:
    """Return the accepted prices in fen, oldest first, at most the newest `limit`."""
    amounts = auction.bids.order_by("-sequence").values_list("amount_fen", flat=True)[:limit]
    return list(reversed(amounts))


def price_lines(auctions: Iterable[Auction], limit: int = 60) -> dict[int, list[int]]:
    """Return the newest valid prices in fen of several auctions by their keys, the ceiling first, oldest first: one query.

    Of an auction that keeps its amounts there is the ceiling alone.
    """
    auctions = list(auctions)
    lines = {auction.pk: [auction.ceiling_fen] for auction in auctions}
    shown = [auction.pk for auction in auctions if not auction.keeps_amounts]
    wanted = Q(auction__in=shown, voided_at=None, sequence__gt=F("auction__sequence") - limit)
    for pk, amount in Bid.objects.filter(wanted).order_by("sequence").values_list("auction", "amount_fen"):
        lines[pk].append(amount)
    return lines


def offer_of(bidder: Bidder) -> SealedOffer | None:
    """Return the firm's offer that holds, or the one that was found invalid at the opening; None without any."""
    held = (OfferStatus.SEALED, OfferStatus.OPENED, OfferStatus.INVALID)
    return bidder.sealed_offers.filter(status__in=held).order_by("-number").first()


def opened_offers(tender: Tender) -> QuerySet[SealedOffer]:
    """Return the offers that were opened and hold, with their firms, by label: the order tells nothing."""
    rows = SealedOffer.objects.filter(bidder__tender=tender, status=OfferStatus.OPENED)
    return rows.select_related("bidder__organization").order_by("bidder__label")
