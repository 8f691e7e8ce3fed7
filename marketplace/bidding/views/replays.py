"""The replay of a finished auction: every event that the viewer may see, to be gone through one by one, and the plain list."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from ..filters import PHASES
from ..models import Auction
from ..room import Viewer, hides_bids, milliseconds
from .boards import board, history, moment, name_of
from .rooms import find

LIMIT = 5000  # events that one replay holds; an auction with more shows its newest


@never_cache
@require_GET
def replay(request: HttpRequest, number: str) -> HttpResponse:
    """Show a finished auction step by step; one that still runs is in its room."""
    auction = find(number)
    if auction.status not in PHASES["ended"]:
        return redirect(auction)
    context = board(request, auction)
    state = context["state"]
    bids = _bids(auction, state)
    rows = [
        bid | {"at": moment(bid["t"]), "own": bid["label"] == context["own"], **name_of(state, bid["label"])}
        for bid in bids
    ]
    context |= {
        "auction": auction,
        "tender": auction.tender,
        "rows": rows[::-1],
        "replay_state": {
            "snapshot": state,
            "own": context["own"],
            "history": history(auction, context["kind"], LIMIT),
            "bids": bids,
        },
        "crumbs": [(_("正在竞价"), "/auctions/"), (auction.tender.number, auction.get_absolute_url()), (_("回放"), "")],
    }
    return render(request, "bidding/room_replay.html", context)


def _bids(auction: Auction, state: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all bids in order, as the snapshot tells them; those of a failed bidding by rank stay what they were."""
    if hides_bids(auction, Viewer(state["viewer"])):
        return []
    told = {bid["seq"]: bid for bid in state["bids"]}
    rows = auction.bids.select_related("bidder").order_by("sequence")
    return [
        {"seq": bid.sequence, "label": bid.bidder.label, "price": bid.amount_fen, "t": milliseconds(bid.at)}
        | told.get(bid.sequence, {})
        for bid in rows
    ]
