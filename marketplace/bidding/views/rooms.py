"""Pages of bidding: the list of auctions, the room, a bid as a plain form, and the room as JSON for those without a socket."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from marketplace.accounts.models import User
from marketplace.catalog.models import Region
from marketplace.core import clock
from marketplace.core.money import format_yuan
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.parties.access import current_organization
from marketplace.parties.models import Organization

from .. import queries
from ..actions import advance_auction, outcome_of, place_bid
from ..engine import Direction, Refusal
from ..filters import PHASES, AuctionFilter
from ..forms import BidForm
from ..models import Auction, Bid
from ..pace import may_bid
from ..refusals import as_refused
from ..room import frames_after, milliseconds, snapshot, viewer_kind
from ..states import AuctionStatus
from .boards import board
from .limits import proxy_context

FEED_LIMIT = 200


def wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def auctions(request: HttpRequest) -> HttpResponse:
    """List auctions: running ones as cards, then coming, then ended."""
    chosen = AuctionFilter(request.GET, queryset=queries.auctions())
    found = chosen.qs
    live = list(found.filter(status=AuctionStatus.OPEN).order_by("ends_at")[:24])
    coming = list(found.filter(status=AuctionStatus.SCHEDULED).order_by("opens_at")[:20])
    page = Paginator(found.filter(status__in=PHASES["ended"]).order_by("-ends_at", "-pk"), 20).get_page(
        request.GET.get("page")
    )
    lines = queries.price_lines([*live, *page.object_list])
    for auction in [*live, *page.object_list]:
        auction.line = lines[auction.pk]
    context = {
        "filter": chosen,
        "live": live,
        "coming": coming,
        "page": page,
        "regions": Region.objects.filter(level__in=[Region.Level.COUNTY, Region.Level.FUNCTIONAL]),
        "now": clock.now(),
    }
    return render(request, "bidding/auctions.html", context)


@never_cache
@require_GET
def live(request: HttpRequest) -> JsonResponse:
    """Answer with price and end of the running auctions, for cards that move as one watches; one query."""
    rows = Auction.objects.filter(status=AuctionStatus.OPEN).order_by("ends_at")[:100]
    return JsonResponse({"now": milliseconds(clock.now()), "auctions": {one.pk: _card(one) for one in rows}})


def _card(auction: Auction) -> dict[str, Any]:
    price = auction.ceiling_fen if auction.best_fen is None else auction.best_fen
    share = f"{100 * auction.fall_fen / auction.ceiling_fen:.1f}%"
    words = _("比起始价高 %(share)s") if auction.direction == Direction.UP else _("比限价低 %(share)s")
    fall = words % {"share": share} if auction.best_fen else _("等待首次报价")
    if auction.keeps_amounts:
        price, fall = auction.ceiling_fen, _("只见名次，结束后公开报价")
    return {"price": format_yuan(price), "fall": fall, "ends": auction.ends_at.isoformat()}


def find(number: str) -> Auction:
    """Return the auction of a need by its number, moved on when something has fallen due: whoever comes first does it."""
    rows = Auction.objects.select_related("tender__process", "tender__buyer", "tender__service", "leader")
    auction = get_object_or_404(rows, tender__number=number)
    now = clock.now()
    is_due = (auction.status == AuctionStatus.SCHEDULED and now >= auction.opens_at) or (
        auction.status == AuctionStatus.OPEN and now >= auction.ends_at
    )
    if not is_due:
        return auction
    advance_auction(auction=auction)
    return rows.get(pk=auction.pk)


def firm_of(request: HttpRequest, words: str) -> tuple[Organization, User]:
    """Return for which firm somebody acts, and who; refuses everybody else with `words`."""
    organization = current_organization(request)
    if organization is None or not request.user.is_authenticated:
        raise Forbidden("not_signed_up", words)
    return organization, request.user


@never_cache
@require_GET
def room(request: HttpRequest, number: str) -> HttpResponse:
    """Show the room; a firm that signed up finds the form in it."""
    return show_room(request, find(number))


def show_room(request: HttpRequest, auction: Auction, form: BidForm | None = None) -> HttpResponse:
    """Show the room with a fresh form, or with one that came back."""
    context = board(request, auction, form)
    crumbs = [(_("正在竞价"), "/auctions/"), (auction.tender.number, "")]
    context |= {"auction": auction, "tender": auction.tender, "crumbs": crumbs}
    context |= proxy_context(auction, current_organization(request))
    return render(request, "bidding/room.html", context, status=context["status"])


@require_POST
def bid(request: HttpRequest, number: str) -> HttpResponse:
    """Take a bid from a plain form, or from a script that asks for JSON."""
    auction = find(number)
    organization = current_organization(request)
    if organization is None:
        if not request.user.is_authenticated and not wants_json(request):
            return redirect_to_login(auction.get_absolute_url())
        raise Forbidden("not_signed_up", _("只有报名的中介机构可以报价。"))
    assert request.user.is_authenticated  # nobody else has an organization
    form = BidForm(request.POST)
    try:
        if not form.is_valid():
            return _refused(request, auction, form)
        amount_fen, key = form.cleaned_data["amount"], form.cleaned_data["key"]
        if not may_bid(request.user.pk):
            raise Refused("too_many_bids", _("报价太频繁，请稍等一秒再报。"), status=HTTPStatus.TOO_MANY_REQUESTS)
        placed = place_bid(
            auction=auction,
            organization=organization,
            amount_fen=amount_fen,
            key=key,
            by=request.user,
            confirmed=form.cleaned_data["confirm"],
        )
    except Refused as refused:
        form.add_refusal(refused)
        if refused.code != "confirm_drop":  # the key keeps this answer: the next try is another submit
            form.with_new_key()
        return _refused(request, auction, form, refused)
    if wants_json(request):
        return JsonResponse(_ack(placed))
    words = {"amount": format_yuan(placed.amount_fen), "sequence": placed.sequence}
    messages.success(request, _("您的报价 %(amount)s 元已受理，是第 %(sequence)s 次报价。") % words)
    return redirect(auction)


def _ack(placed: Bid) -> dict[str, Any]:
    return {"ack": placed.key, "seq": placed.sequence, "n": placed.event.number, "amount_fen": placed.amount_fen}


def _refused(request: HttpRequest, auction: Auction, form: BidForm, refused: Refused | None = None) -> HttpResponse:
    if not wants_json(request):
        return show_room(request, Auction.objects.select_related("tender", "leader").get(pk=auction.pk), form)
    field, errors = next(iter(form.errors.get_json_data().items()))
    answer = {"refused": form.data.get("key", ""), "field": None if field == "__all__" else field, **errors[0]}
    return JsonResponse(answer, status=refused.status if refused else 422)


@never_cache
@require_GET
def feed(request: HttpRequest, number: str) -> JsonResponse:
    """Answer with the frames after event `after`, or with the whole state when that is too long ago or was not said."""
    auction = find(number)
    kind = viewer_kind(request.user, auction)
    after = request.GET.get("after", "")
    if after and not after.isdecimal():
        raise Invalid("after_invalid", _("参数 after 应为事件序号。"), field="after")
    process = auction.tender.process
    answer = {"n": process.head_number, "h": process.head_hash[:16], "t": milliseconds(clock.now())}
    if not after or int(after) < process.head_number - FEED_LIMIT:
        return JsonResponse(answer | {"snapshot": snapshot(auction, kind)})
    return JsonResponse(answer | {"frames": frames_after(process.pk, int(after), kind, FEED_LIMIT)})


@never_cache
@require_GET
def outcome(request: HttpRequest, number: str) -> JsonResponse:
    """Say what became of the submit with key `key`: the firm's own bid, why it was refused, or that nobody decided it."""
    auction = find(number)
    organization, _user = firm_of(request, _("只有报名的中介机构可以查询自己的报价。"))
    key = request.GET.get("key", "")
    answer = outcome_of(auction_pk=auction.pk, organization=organization, key=key)
    if answer is None:
        return JsonResponse({"unknown": key})
    if isinstance(answer, Refusal):
        refused = as_refused(answer)
        told = {"refused": key, "code": refused.code, "message": refused.message, "field": refused.field}
        return JsonResponse(told | {"status": int(refused.status)})
    return JsonResponse(_ack(answer))
