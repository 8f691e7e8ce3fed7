"""What somebody may see of a selection and of an auction: the one place that decides it, for socket, page and JSON alike.

The public reads, in this order: the notice, its amendments, how many firms signed up, the hash of the frozen list, and, once an
award is proposed, names and all prices, the proof, objections and decisions. Until then firms stand under their labels; no
frame and no snapshot ever holds a user, an address, a key, or the order in which firms signed up. A viewer's own bids are
found by comparing labels where they are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marketplace.parties.access import organizations_of
from marketplace.tenders.models import FIXED_PRICE, Method, Tender
from marketplace.tenders.states import TenderStatus

from .models import Bid, Bidder, SealedOffer
from .states import BidderStatus, OfferStatus

LADDER_ROWS = 60
LINE_POINTS = 200
NAMES_PUBLISHED = {TenderStatus.AWARDED, TenderStatus.CONTRACTED, TenderStatus.COMPLETED}


@dataclass(frozen=True)
class Row:
    """Be one firm as somebody may see it: what is not disclosed is blank. `amount_fen` is what it asks for the work."""

    label: str
    name: str = ""
    organization: int | None = None
    amount_fen: int | None = None
    commitment: str = ""
    status: str = ""
    is_own: bool = False


@dataclass(frozen=True)
class Disclosed:
    """Be what somebody may see of a selection now. `offers` are rows by label, empty while nothing may be shown."""

    count: int
    pool_hash: str
    names: bool
    prices: bool
    offers: tuple[Row, ...]
    proof: bool
    objections: bool


def names_are_public(tender: Tender) -> bool:
    """Tell whether names and prices are public: from the proposal of an award on (and with awards from before that rule)."""
    return tender.disclosed_at is not None or tender.status in NAMES_PUBLISHED


def disclosed(tender: Tender, user: Any = None) -> Disclosed:
    """Return what `user`, or anybody, may see of a selection: the one answer for pages, exports and interfaces.

    Before names are public a firm sees its own row and nobody another's, owner, administrators and scorers included (plans by
    label are rules.plan_access, points are the awards chapter's). Prices of a live auction are public under labels while it
    runs, but as bids of the room, not here.
    """
    public = names_are_public(tender)
    selection = getattr(tender, "selection", None)
    mine = {organization.pk for organization in organizations_of(user)} if user is not None else set()
    bidders = list(tender.bidders.filter(status=BidderStatus.ACTIVE).select_related("organization").order_by("label"))
    shown = [bidder for bidder in bidders if public or bidder.organization_id in mine]
    return Disclosed(
        count=len(bidders),
        pool_hash=selection.pool_hash if selection is not None else "",
        names=public,
        prices=public,
        offers=tuple(_rows(tender, shown, mine, with_prices=public)),
        proof=public and selection is not None and selection.drawn_at is not None,
        objections=public,
    )


def _rows(tender: Tender, bidders: list[Bidder], mine: set[int], *, with_prices: bool) -> list[Row]:
    offers, amounts = _held_offers(bidders), _amounts(tender, bidders)
    rows = []
    for bidder in bidders:
        offer = offers.get(bidder.pk)
        amount = offer.amount_fen if offer is not None else amounts.get(bidder.pk)
        is_own = bidder.organization_id in mine
        rows.append(
            Row(
                label=bidder.label,
                name=bidder.organization.public_name,
                organization=bidder.organization_id,
                amount_fen=amount if with_prices or is_own else None,
                commitment=offer.commitment if offer is not None else "",
                status=offer.status if offer is not None else "",
                is_own=is_own,
            )
        )
    return rows


def _held_offers(bidders: list[Bidder]) -> dict[int, SealedOffer]:
    held = (OfferStatus.SEALED, OfferStatus.OPENED, OfferStatus.INVALID)
    rows = SealedOffer.objects.filter(bidder__in=bidders, status__in=held).defer("sealed")
    return {row.bidder_id: row for row in rows.order_by("number")}


def _amounts(tender: Tender, bidders: list[Bidder]) -> dict[int, int]:
    """Return what each firm asks where no sealed offer says it: the fixed price, or its last bid."""
    if tender.method in FIXED_PRICE:
        return {bidder.pk: tender.ceiling_fen for bidder in bidders}
    if tender.method != Method.LIVE_AUCTION:
        return {}
    bids = Bid.objects.filter(bidder__in=bidders, voided_at=None).order_by("sequence")
    return dict(bids.values_list("bidder", "amount_fen"))  # the last one stays
