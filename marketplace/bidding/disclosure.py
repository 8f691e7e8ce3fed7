"""What somebody may see of a selection and of an auction: the one place that decides it, for socket, page and JSON alike.

The public reads, in this order: the notice, its amendments, how many firms signed up, the hash of the frozen list, and, once an
award is proposed, names and all prices, the proof, objections and decisions. Until then firms stand under their labels; no
frame and no snapshot ever holds a user, an address, a key, or the order in which firms signed up. A viewer's own bids are
found by comparing labels where they are shown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from marketplace.core import clock
from marketplace.core.models import Event, Process
from marketplace.parties.access import organizations_of
from marketplace.parties.models import Organization
from marketplace.tenders.models import FIXED_PRICE, Method, Tender
from marketplace.tenders.states import TenderStatus

from .models import Auction, Bid, Bidder, SealedOffer
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
    bids = Bid.objects.filter(bidder__in=bidders).order_by("sequence")
    return dict(bids.values_list("bidder", "amount_fen"))  # the last one stays


class Viewer(StrEnum):
    """Kinds of viewers; all of one kind see the same."""

    PUBLIC = "public"
    PARTY = "party"
    STAFF = "staff"


READS = {
    Viewer.PUBLIC: {Event.Visibility.PUBLIC},
    Viewer.PARTY: {Event.Visibility.PUBLIC, Event.Visibility.PARTIES},
    Viewer.STAFF: set(Event.Visibility),
}
KINDS = {
    "auction_scheduled": "scheduled",
    "bidder_signed_up": "firms",
    "bidder_withdrawn": "firms",
    "selection_started": "selection",
    "auction_opened": "open",
    "bid_placed": "bid",
    "auction_closed": "close",
    "auction_failed": "fail",
    "tender_failed": "fail",
    "tender_cancelled": "cancel",
    "tender_voided": "cancel",
    "award_proposed": "award",
    "award_confirmed": "award",
}


def milliseconds(moment: datetime) -> int:
    """Return a moment as milliseconds since 1970, UTC: how frames tell the time."""
    return round(moment.astimezone(UTC).timestamp() * 1000)


def viewer_kind(user: Any, auction: Auction) -> Viewer:
    """Tell which kind of viewer `user` is: staff, a member of the need's owner or of a firm that signed up, or anybody."""
    if getattr(user, "is_staff", False):
        return Viewer.STAFF
    mine = [organization.pk for organization in organizations_of(user)]
    if not mine:
        return Viewer.PUBLIC
    bidders = auction.tender.bidders.filter(organization__in=mine, status=BidderStatus.ACTIVE)
    return Viewer.PARTY if auction.tender.buyer_id in mine or bidders.exists() else Viewer.PUBLIC


def own_label(auction: Auction, organization: Organization | None) -> str:
    """Return the label under which `organization` bids here, or nothing."""
    if organization is None:
        return ""
    bidder = auction.tender.bidders.filter(organization=organization, status=BidderStatus.ACTIVE).first()
    return bidder.label if bidder else ""


def frame(event: Event, kind: Viewer = Viewer.PUBLIC) -> dict[str, Any]:
    """Return what a viewer of `kind` hears of an event of the auction's process, at most 350 bytes as JSON.

    Every event gives a frame, so that numbers have no gaps; one that the viewer may not read says its number and hash only.
    """
    told: dict[str, Any] = {"n": event.number, "h": event.hash[:16], "e": "other"}
    short = KINDS.get(event.name)
    if short is None or event.visibility not in READS[kind]:
        return told
    told |= {"e": short, "t": milliseconds(event.at)}
    data = event.data
    if short == "firms":
        del told["t"]  # when a firm signed up is nobody's business before the auction
        told["firms"] = data["bidders"]
    if short == "bid":
        told |= {"price": data["amount_fen"], "label": data["label"], "seq": data["sequence"]}
        if data["extended"]:
            told |= {"extended": True, "extensions": data["extensions"]}
    if short == "close":
        told |= {"price": data["best_fen"], "label": data["label"], "seq": data["sequence"]}
    if ends_at := data.get("ends_at"):
        told["ends"] = milliseconds(datetime.fromisoformat(ends_at))
    return told


def encode(told: Any) -> str:
    """Return a frame as it goes over the wire."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def snapshot(auction: Auction, kind: Viewer = Viewer.PUBLIC) -> dict[str, Any]:
    """Return all that a viewer of `kind` may see of an auction now.

    `n` and `h` are read before the rest: what is shown may be newer than they say, never older, and a frame applied twice
    changes nothing.
    """
    head = Process.objects.only("head_number", "head_hash").get(pk=auction.tender.process_id)
    auction = Auction.objects.select_related("tender", "leader").get(pk=auction.pk)
    bidders = list(auction.tender.bidders.filter(status=BidderStatus.ACTIVE).select_related("organization"))
    bids = list(auction.bids.select_related("bidder").order_by("-sequence")[:LINE_POINTS])
    named = names_are_public(auction.tender)
    leader = auction.leader
    return {
        "n": head.head_number,
        "h": head.head_hash[:16],
        "now": milliseconds(clock.database_now()),
        "status": auction.status,
        "opens": milliseconds(auction.opens_at),
        "ends": milliseconds(auction.ends_at),
        "hard": milliseconds(auction.hard_ends_at),
        "ceiling": auction.ceiling_fen,
        "step": auction.step_fen,
        "price": auction.best_fen,
        "label": leader.label if leader else "",
        "seq": auction.sequence,
        "next": max(auction.highest_legal_fen, 0),
        "extensions": auction.extensions,
        "firms": len(bidders),
        "robots": sorted(bidder.label for bidder in bidders if bidder.organization.is_robot),
        "names": {bidder.label: bidder.organization.name for bidder in bidders} if named else {},
        "bids": [
            {"seq": bid.sequence, "label": bid.bidder.label, "price": bid.amount_fen, "t": milliseconds(bid.at)}
            for bid in bids[:LADDER_ROWS]
        ],
        "line": [bid.amount_fen for bid in reversed(bids)],
        "viewer": str(kind),
    }


def frames_after(process_id: int, number: int, kind: Viewer = Viewer.PUBLIC, limit: int = 200) -> list[dict[str, Any]]:
    """Return the frames of the events after `number`, in order, at most `limit`."""
    return [frame(event, kind) for event in events_after(process_id, number, limit)]


def events_after(process_id: int, number: int, limit: int = 200) -> list[Event]:
    """Return the events of a process after `number`, in order, at most `limit`."""
    return list(Event.objects.filter(process=process_id, number__gt=number).order_by("number")[:limit])
