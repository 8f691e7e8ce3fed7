"""What somebody may see of an auction: snapshot, frames and own standing, for socket, stream, page and JSON alike.

Bidding by rank keeps amounts and labels from everybody but administrators until it is over; a firm is told its own standing. No
frame and no snapshot ever holds a user, an address, a key, or the order in which firms signed up.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from marketplace.core import clock
from marketplace.core.models import Event, Process
from marketplace.parties.access import organizations_of
from marketplace.parties.models import Organization

from .actions.locked import standings_of, turns_of
from .actions.proxies import allows_proxies
from .disclosure import names_are_public
from .engine import Turn
from .models import Auction, Bid
from .states import BidderStatus

LADDER_ROWS = 60
LINE_POINTS = 200
FRAME_BYTES = 350
INTERRUPTIONS = {"pause", "resume", "prolong", "void"}


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
    "auction_paused": "pause",
    "auction_prolonged": "prolong",
    "auction_resumed": "resume",
    "bid_voided": "void",
    "bids_disclosed": "disclosed",
    "round_started": "round",
    "auction_scheduled": "scheduled",
    "bidder_signed_up": "firms",
    "bidder_withdrawn": "firms",
    "bidder_ready": "ready",
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


def hides_bids(auction: Auction, kind: Viewer) -> bool:
    """Tell whether amounts and labels are kept from a viewer: in bidding by rank, from all but administrators."""
    return auction.keeps_amounts and kind != Viewer.STAFF


def frame(event: Event, kind: Viewer = Viewer.PUBLIC) -> dict[str, Any]:
    """Return what a viewer of `kind` hears of an event of the auction's process, at most 350 bytes as JSON.

    Every event gives a frame, so that numbers have no gaps; one that the viewer may not read says its number and hash only, and
    of a bid that is kept from it also its place in the order and what it does to the end. Turns and reasons that would make it
    longer are left out: who needs them asks for the state.
    """
    told: dict[str, Any] = {"n": event.number, "h": event.hash[:16], "e": "other"}
    short = KINDS.get(event.name)
    if short is None:
        return told
    data = event.data
    if event.visibility not in READS[kind]:
        return told | _of_hidden(data) if short == "bid" else told
    told |= {"e": short, "t": milliseconds(event.at)} | _figures(short, data)
    if short in {"firms", "ready"}:
        del told["t"]  # when a firm did what is nobody's business before the auction
    if ends_at := data.get("ends_at"):
        told["ends"] = milliseconds(datetime.fromisoformat(ends_at))
    for part in _long_parts(short, data):
        longer = told | part
        told = longer if len(encode(longer).encode()) <= FRAME_BYTES else told
    return told


def _long_parts(short: str, data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give what a frame tells when there is room for it."""
    if isinstance(turns := data.get("turns"), list):
        yield {"turns": _turns(Turn.of(turn) for turn in turns)}
    if short in INTERRUPTIONS:
        yield {"reason": data["reason"]}


def _figures(short: str, data: dict[str, Any]) -> dict[str, Any]:
    match short:
        case "firms":
            return {"firms": data["bidders"]}
        case "ready":
            return {"ready": data["ready"]}
        case "bid":
            told = {"price": data["amount_fen"], "label": data["label"], "seq": data["sequence"]}
            if data["extended"]:
                told |= {"extended": True, "extensions": data["extensions"]}
            return told if data.get("kind", "manual") == "manual" else told | {"kind": data["kind"]}
        case "close":
            return {"price": data["best_fen"], "label": data["label"], "seq": data["sequence"]}
        case "void":
            return {"seq": data["sequence"], "price": data["best_fen"], "label": data["leader"]}
        case "round":
            return {"round": data["round"]}
    return {}


def _of_hidden(data: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "e": "bid",
        "seq": data["sequence"],
        "ends": milliseconds(datetime.fromisoformat(data["ends_at"])),
    }
    if data["extended"]:
        told |= {"extended": True, "extensions": data["extensions"]}
    return told


def _turns(turns: Iterable[Turn]) -> list[dict[str, Any]]:
    return [
        {"label": turn.label, "from": milliseconds(turn.starts_at), "to": milliseconds(turn.ends_at)} for turn in turns
    ]


def own_standing(auction: Auction, label: str) -> dict[str, Any]:
    """Return what a firm hears of its own standing where amounts are kept: rank, of how many, and its price in fen."""
    ranked = standings_of(auction)
    place = next((place for place, (one, _amount) in enumerate(ranked, 1) if one == label), None)
    price = next((amount for one, amount in ranked if one == label), None)
    return {"rank": place, "of": len(ranked), "price": price}


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
    named, hidden = names_are_public(auction.tender), hides_bids(auction, kind)
    leader = None if hidden else auction.leader
    return {
        "n": head.head_number,
        "h": head.head_hash[:16],
        "now": milliseconds(clock.database_now()),
        "status": auction.status,
        "reason": _pause_reason(auction),
        "mode": auction.mode,
        "direction": auction.direction,
        "proxy": allows_proxies(auction),
        "leader_may_improve": auction.terms.leader_may_improve,
        "opens": milliseconds(auction.opens_at),
        "ends": milliseconds(auction.ends_at),
        "hard": milliseconds(auction.hard_ends_at),
        "ceiling": auction.ceiling_fen,
        "step": auction.step_fen,
        "price": None if hidden else auction.best_fen,
        "label": leader.label if leader else "",
        "seq": auction.sequence,
        "next": auction.ceiling_fen if hidden else auction.next_legal_fen,
        "extensions": auction.extensions,
        "round": auction.round,
        "turns": _turns(current_turns(auction)),
        "firms": len(bidders),
        "ready": sum(bidder.ready_at is not None for bidder in bidders),
        "robots": sorted(bidder.label for bidder in bidders if bidder.organization.is_robot),
        "names": {bidder.label: bidder.organization.name for bidder in bidders} if named else {},
        "bids": [_row(bid, hidden=hidden) for bid in bids[:LADDER_ROWS]],
        "line": [] if hidden else [bid.amount_fen for bid in reversed(bids) if bid.voided_at is None],
        "viewer": str(kind),
    }


def _pause_reason(auction: Auction) -> str:
    """Return why a paused auction stands still, nothing of one that does not."""
    if auction.paused_at is None:
        return ""
    event = Event.objects.filter(process=auction.tender.process_id, name="auction_paused").order_by("-number").first()
    return str(event.data["reason"]) if event is not None else ""


def _row(bid: Bid, *, hidden: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"seq": bid.sequence, "t": milliseconds(bid.at)}
    if hidden:
        return told
    told |= {"label": bid.bidder.label, "price": bid.amount_fen}
    if bid.kind != Bid.Kind.MANUAL:
        told["kind"] = bid.kind
    if bid.voided_at is not None:
        told["voided"] = True
    return told


def current_turns(auction: Auction) -> list[Turn]:
    """Return the turns of a turn-based auction's current round, none before the first."""
    if not auction.round or auction.turns_from is None:
        return []
    return turns_of(auction).of_round(auction.round, auction.order, auction.turns_from)


def frames_after(process_id: int, number: int, kind: Viewer = Viewer.PUBLIC, limit: int = 200) -> list[dict[str, Any]]:
    """Return the frames of the events after `number`, in order, at most `limit`."""
    return [frame(event, kind) for event in events_after(process_id, number, limit)]


def events_after(process_id: int, number: int, limit: int = 200) -> list[Event]:
    """Return the events of a process after `number`, in order, at most `limit`."""
    return list(Event.objects.filter(process=process_id, number__gt=number).order_by("number")[:limit])
