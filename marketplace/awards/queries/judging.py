"""Reads for those who judge: what is judged, by which criteria, and how far the scoring is."""

from __future__ import annotations

from typing import Any

from marketplace.bidding.models import Bidder
from marketplace.bidding.queries import opened_offers
from marketplace.tenders.models import Tender


def criteria_by(tender: Tender, kind: str) -> list[dict[str, Any]]:
    """Return the frozen criteria that `kind` ("owner", "scorers", "price", "credit") gives points for."""
    return [criterion for criterion in tender.rules.get("criteria", []) if criterion["by"] == kind]


def judged_bidders(tender: Tender) -> list[Bidder]:
    """Return the sign-ups whose opened offers lie within floor and ceiling, by label: those that get marks."""
    low = tender.floor_fen or 1
    rows = [
        offer.bidder
        for offer in opened_offers(tender).select_related("bidder")
        if low <= int(offer.amount_fen or 0) <= tender.ceiling_fen
    ]
    return sorted(rows, key=lambda bidder: str(bidder.label))
