"""What the methods and the draw are given: gathered from the rows of bidding, and gathered again for a replay."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from marketplace.bidding.models import Bid, Bidder
from marketplace.bidding.queries import opened_offers
from marketplace.bidding.states import BidderStatus
from marketplace.parties.models import Organization
from marketplace.tenders.models import SEALED, Method, Tender

from ..methods import tickets
from ..models import Score, Selection


def code_of(organization: Organization) -> str:
    """Return what stands for a firm in a draw: its 统一社会信用代码, which nobody here can choose."""
    return organization.uscc or f"party-{organization.pk}"


def credits_of(tender: Tender) -> dict[int, int]:
    """Return the credit in hundredths of a point of every firm that takes part, by the key of its sign-up."""
    start = int(tender.rules["credit_without_reviews"])
    rows = _taking_part(tender).values_list("pk", "organization__credit__score")
    return {pk: start if score is None else int(score) for pk, score in rows}


def gather_pool(tender: Tender) -> list[dict[str, Any]]:
    """Return the list that is frozen at the end of the sign-up, sorted by code, in the form of draw.pool_hash."""
    known = credits_of(tender)
    entries = [
        {
            "code": code_of(row.organization),
            "firm": row.label,
            "nonce": row.nonce,
            "tickets": tickets(tender.method, known[row.pk]),
        }
        for row in _taking_part(tender).select_related("organization")
    ]
    return sorted(entries, key=lambda entry: entry["code"])


def gather(tender: Tender, selection: Selection) -> dict[str, Any]:
    """Return the inputs of methods.rank() as the rows say now: firms, credit, offers, points, pick.

    The credit is that of the moment at which the inputs were first gathered; asked again it is taken from them.
    """
    earlier = {row["firm"]: row["credit"] for row in selection.inputs.get("firms", [])}
    known = credits_of(tender)
    offers, points = _offers(tender), _points(tender)
    firms = [
        {
            "firm": row.label,
            "code": code_of(row.organization),
            "credit": earlier.get(row.label, known[row.pk]),
            "offers": offers.get(row.pk, []),
            "points": points.get(row.pk, {}),
        }
        for row in _taking_part(tender).select_related("organization")
    ]
    inputs = {
        "tender": tender.number,
        "ceiling_fen": tender.ceiling_fen,
        "floor_fen": tender.floor_fen,
        "pick": selection.picked.label if selection.picked else None,
        "firms": sorted(firms, key=lambda firm: str(firm["code"])),
    }
    return {**inputs, "direction": "up"} if tender.is_upward else inputs


def valid_count(inputs: dict[str, Any]) -> int:
    """Return how many firms made an offer between floor and ceiling."""
    low, high = inputs["floor_fen"] or 1, inputs["ceiling_fen"]
    return sum(any(low <= offer["amount_fen"] <= high for offer in firm["offers"]) for firm in inputs["firms"])


def _taking_part(tender: Tender) -> Any:
    return Bidder.objects.filter(tender=tender, status=BidderStatus.ACTIVE).order_by("pk")


def _offers(tender: Tender) -> dict[int, list[dict[str, int]]]:
    found: dict[int, list[dict[str, int]]] = defaultdict(list)
    if tender.method == Method.LIVE_AUCTION:
        bids = Bid.objects.filter(auction__tender=tender, voided_at=None).order_by("sequence")
        for pk, amount, sequence in bids.values_list("bidder", "amount_fen", "sequence"):
            found[pk].append({"amount_fen": amount, "sequence": sequence})
    elif tender.method in SEALED:
        for offer in opened_offers(tender):
            found[offer.bidder_id].append({"amount_fen": int(offer.amount_fen or 0), "sequence": 1})
    return found


def _points(tender: Tender) -> dict[int, dict[str, list[int]]]:
    """Return the locked scores by sign-up and criterion, scorers always in the same order."""
    found: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    rows = Score.objects.filter(scorer__tender=tender, scorer__locked_at__isnull=False).order_by("scorer", "pk")
    for pk, criterion, hundredths in rows.values_list("bidder", "criterion", "hundredths"):
        found[pk][criterion].append(hundredths)
    return {pk: dict(points) for pk, points in found.items()}
