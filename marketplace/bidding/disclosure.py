"""What somebody may see of an auction: the one place that decides it, for socket, page and JSON alike.

Firms stand under their labels until the award is published; no frame and no snapshot ever holds a user, an address, a key,
or the order in which firms signed up. A viewer's own bids are found by comparing labels where they are shown.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from marketplace.core import clock
from marketplace.core.models import Event, Process
from marketplace.parties.access import organizations_of
from marketplace.parties.models import Organization
from marketplace.tenders.states import TenderStatus

from .models import Auction
from .states import BidderStatus

LADDER_ROWS = 60
LINE_POINTS = 200
NAMES_PUBLISHED = {TenderStatus.AWARDED, TenderStatus.CONTRACTED, TenderStatus.COMPLETED}


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
    named = auction.tender.status in NAMES_PUBLISHED
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
