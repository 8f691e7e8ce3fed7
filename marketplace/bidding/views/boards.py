"""What the page of a room shows to whom: price, standing, list and form, in words for each mode and direction."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from marketplace.core import clock
from marketplace.core.event_words import label_words
from marketplace.core.money import format_yuan
from marketplace.parties.access import current_organization

from ..filters import PHASES
from ..forms import BidForm
from ..models import Auction, Bid, Bidder
from ..room import Viewer, frames_after, hides_bids, own_label, own_standing, snapshot, viewer_kind
from ..states import AuctionStatus

HISTORY = 600  # newest events of the process that a chart looks back on
HAPPENINGS = {"open", "bid", "pause", "resume", "prolong", "void", "round", "close", "fail"}


def history(auction: Auction, kind: Viewer, limit: int = HISTORY) -> list[dict[str, Any]]:
    """Return the newest frames of an auction as a viewer of `kind` may hear them, oldest first; what is not for it is left out."""
    process = auction.tender.process
    frames = frames_after(process.pk, max(process.head_number - limit, 0), kind, limit)
    return [
        {name: value for name, value in frame.items() if name != "h"} for frame in frames if frame["e"] in HAPPENINGS
    ]


def board(request: HttpRequest, auction: Auction, form: BidForm | None = None) -> dict[str, Any]:
    """Return the context of the room: a fresh form for a firm that may bid, or the one that came back, with its status."""
    organization = current_organization(request)
    own = own_label(auction, organization)
    kind = viewer_kind(request.user, auction)
    state = snapshot(auction, kind)
    now = clock.now()
    is_over, is_open = state["status"] in PHASES["ended"], state["status"] == AuctionStatus.OPEN
    is_hidden = hides_bids(auction, kind)
    own_bids = _own_bids(auction, own) if is_hidden else {}
    rows = [_row(state, bid, own, own_bids) for bid in state["bids"]]
    last = next((row["price"] for row in rows if row["own"] and not row.get("voided")), None)
    is_leading = bool(own) and own == state["label"]
    standing = own_standing(auction, own) if is_hidden and own else None
    context = {
        "state": state,
        "standing": standing,
        "kind": str(kind),
        "viewer_words": viewer_words(state, kind, own),
        "own_over_words": own_over_words(own) if own and not is_over else "",
        "room_state": {
            "snapshot": state,
            "own": own,
            "mine": last,
            "standing": standing,
            "ownBids": [{"seq": seq, "price": price} for seq, price in own_bids.items()],
            "history": history(auction, kind),
        },
        "rows": rows,
        "own": own,
        "ready_at": _ready_at(auction, own),
        "own_last": last,
        "own_behind": abs(last - state["price"]) if last and state["price"] else None,
        "leader": name_of(state, state["label"]) if state["label"] else None,
        "is_leading": is_leading,
        "is_open": is_open,
        "is_over": is_over,
        "is_up": state["direction"] == "up",
        "is_hidden": is_hidden,
        "is_paused": state["status"] == AuctionStatus.PAUSED,
        "turns": [_turn(state, turn, own, now) for turn in state["turns"]],
        "fall": abs(auction.ceiling_fen - state["price"]) if state["price"] else None,
        "line": [auction.ceiling_fen, *state["line"]],
        "now": now,
        "seconds_total": max(int((auction.ends_at - auction.opens_at).total_seconds()), 1),
        "seconds_left": max(int((auction.ends_at - now).total_seconds()), 0) if is_open else 0,
    }
    return context | _form(context, auction, form)


def _ready_at(auction: Auction, own: str) -> datetime | None:
    """Return when the firm said before the auction that it is ready."""
    if not own or auction.status != AuctionStatus.SCHEDULED:
        return None
    return Bidder.objects.filter(tender=auction.tender_id, label=own).values_list("ready_at", flat=True).first()


def _form(context: dict[str, Any], auction: Auction, form: BidForm | None) -> dict[str, Any]:
    """Return the form with the reason that closes it, or the refusal alone where nothing could be set right and sent again."""
    lock = _lock(context)
    status, refusal = form.status if form else 200, ""
    if form and (context["is_over"] or lock):
        refusal = form.first_refusal
        form = None
    if form is None and context["own"] and not context["is_over"]:
        form = BidForm.fresh()
    next_fen = _next(context, auction)
    amount = format_yuan(next_fen) if form and not form.is_bound else ""
    is_first = next_fen == auction.ceiling_fen
    shown = {"form": form, "lock": lock, "refusal": refusal, "status": status}
    return shown | {"next_fen": next_fen, "is_first": is_first, "amount": amount}


def _next(context: dict[str, Any], auction: Auction) -> int:
    """Return the least amount that counts next: over the best bid, or where each betters its own, over the firm's own."""
    state = context["state"]
    if state["mode"] == "open":
        return state["next"]
    if context["own_last"] is None:
        return auction.ceiling_fen
    return max(context["own_last"] + (1 if context["is_up"] else -1) * auction.step_fen, 0)


def _lock(context: dict[str, Any]) -> str:
    """Say why the firm's form is closed now, or nothing."""
    state = context["state"]
    if context["is_paused"]:
        return _("竞价已暂停，暂时不能报价。恢复后会补足暂停的时间。")
    if not context["is_open"]:
        return ""
    if state["mode"] == "turns" and not any(turn["is_now"] and turn["own"] for turn in context["turns"]):
        return _("还没轮到您，轮到时才能报价。")
    if state["mode"] == "open" and context["is_leading"] and not state["leader_may_improve"]:
        if context["is_up"]:
            return _("目前最高价就是您的报价，不用再报。有机构报得更高时，您可以继续报价。")
        return _("目前最低价就是您的报价，不用再报。有机构报得更低时，您可以继续报价。")
    return ""


def viewer_words(state: dict[str, Any], kind: Viewer, own: str) -> str:
    """Say in one sentence whose view this is and what it leaves out."""
    if own and state["status"] in PHASES["ended"]:
        return own_over_words(own)
    if own and state["mode"] == "rank":
        return _("您是%(label)s，可以报价。只看得到自己的名次和报价；别家的报价在结束后公开。") % {
            "label": label_words(own)
        }
    if own:
        return _("您是%(label)s，可以报价。只有您自己知道这个代号是您。") % {"label": label_words(own)}
    if kind == Viewer.STAFF:
        return _("您以工作人员身份观看，不能报价。看到的内容请勿外传。")
    if kind == Viewer.PARTY and state["names"]:
        return _("您以业主身份观看。结果已公布，机构显示名称。")
    if kind == Viewer.PARTY:
        return _("您以业主身份观看，不能报价。机构以代号显示，在中选结果公布前对您也不公开名称。")
    if state["names"]:
        return _("您以公众身份观看。结果已公布，机构显示名称。")
    return _("您以公众身份观看，不用登录。机构以代号显示，名称在中选结果公布后公开。")


def own_over_words(own: str) -> str:
    """Say to a firm whose view it is when the auction is over."""
    return _("您是%(label)s。竞价已经结束。") % {"label": label_words(own)}


def name_of(state: dict[str, Any], label: str) -> dict[str, str]:
    """Say a firm: its label, marked when it is a robot of the demo, or its name once that is public."""
    if name := state["names"].get(label):
        return {"name": name}
    words = label_words(label)
    return {"name": _("%(label)s（机器人）") % {"label": words} if label in state["robots"] else words}


def moment(milliseconds: int) -> datetime:
    """Return a moment that a frame tells in milliseconds."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _own_bids(auction: Auction, own: str) -> dict[int, int]:
    """Return a firm's own amounts by their sequence: in a hidden auction the snapshot leaves them out."""
    bids = Bid.objects.filter(auction=auction, bidder__label=own).order_by("-sequence") if own else Bid.objects.none()
    return dict(bids.values_list("sequence", "amount_fen"))


def _row(state: dict[str, Any], bid: dict[str, Any], own: str, own_bids: dict[int, int]) -> dict[str, Any]:
    price, label = bid.get("price"), bid.get("label", "")
    if bid["seq"] in own_bids:
        price, label = own_bids[bid["seq"]], own
    row = bid | {"at": moment(bid["t"]), "price": price, "own": bool(own) and label == own}
    return row | (name_of(state, label) if label else {"name": _("不公开")})


def _turn(state: dict[str, Any], turn: dict[str, Any], own: str, now: datetime) -> dict[str, Any]:
    starts_at, ends_at = moment(turn["from"]), moment(turn["to"])
    times = {
        "starts_at": starts_at,
        "ends_at": ends_at,
        "is_now": starts_at <= now < ends_at,
        "is_past": ends_at <= now,
    }
    return {**times, "own": bool(own) and turn["label"] == own, **name_of(state, turn["label"])}
