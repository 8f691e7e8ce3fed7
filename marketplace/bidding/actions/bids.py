"""Bids: one serialised decision each, under the auction's lock and the database's clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.money import format_yuan
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.parties.models import Organization

from ..models import Auction, Bid
from ..states import AuctionStatus, BidderStatus
from .auctions import close_auction, open_auction


def place_bid(
    *, auction: Auction, organization: Organization, amount_fen: int, key: str, by: User, now: datetime | None = None
) -> Bid:
    """Accept a bid of `amount_fen`, or say why not.

    `key` is made by the client and unique per firm and auction: the same key with the same amount returns the same bid
    (a repeated submit changes nothing), with another amount it is refused. The time that counts is the database's clock
    read after the lock was obtained (`now` is for seeds and tests). A bid that is accepted within the window before the end
    moves the end to `window_seconds` after itself, at most `max_extensions` times and never beyond `hard_ends_at`
    (auction rules R1 to R4).

    Refuses: `auction_not_open`, `auction_closed`, `not_signed_up` (403), `suspended` (403), `amount_invalid` (422),
    `above_ceiling` (422), `not_low_enough` (422), `already_leading`, `key_missing` (422), `key_reused`.
    """
    auction = _opened(auction, now)
    try:
        with transaction.atomic():
            return _decide(auction, organization, amount_fen, key, by, now)
    except Refused as refused:
        if refused.code == "auction_closed":
            _close_if_due(auction, now)
        raise


def _opened(auction: Auction, now: datetime | None) -> Auction:
    """Open the auction first when its time has come and nobody has noticed yet."""
    if auction.status == AuctionStatus.SCHEDULED and (now or clock.now()) >= auction.opens_at:
        return open_auction(auction=auction, now=now)
    return auction


def _close_if_due(auction: Auction, now: datetime | None) -> None:
    try:
        close_auction(auction=auction, now=now)
    except Refused as refused:
        if refused.code != "too_early":
            raise


def _decide(
    auction: Auction, organization: Organization, amount_fen: int, key: str, by: User, now: datetime | None
) -> Bid:
    auction = Auction.objects.select_for_update(of=("self",)).select_related("tender__process").get(pk=auction.pk)
    now = now or clock.database_now()
    bidder = auction.tender.bidders.select_related("organization").filter(organization=organization).first()
    if bidder is None or bidder.status != BidderStatus.ACTIVE:
        raise Forbidden("not_signed_up", _("贵机构没有报名这项需求，不能报价。"))
    if not by.has_perm("bidding.place_bid", bidder):
        raise Forbidden("suspended", _("您目前不能代表这家机构报价。"))
    if not key or len(key) > 64:
        raise Invalid("key_missing", _("这次提交缺少编号，请刷新页面后再报。"))
    known = (
        Bid.objects.filter(bidder=bidder, key=key).order_by("pk").first()
    )  # the model's order would join the auction
    if known is not None:
        if known.amount_fen == amount_fen:
            return known
        raise Refused("key_reused", _("这次提交已经按另一个金额受理，请刷新页面后再报。"))
    _check_time(auction, now)
    _check_amount(auction, amount_fen)
    if auction.leader_id == bidder.pk:
        raise Refused("already_leading", _("目前最低价就是您的报价，无需再报。"))

    sequence = auction.sequence + 1
    ends_at = _extended_end(auction, now)
    extended = ends_at > auction.ends_at
    extensions = auction.extensions + int(extended)
    event = record(
        auction.tender.process,
        "bid_placed",
        by=by,
        now=now,
        subject=auction,
        data={
            "sequence": sequence,
            "label": bidder.label,
            "amount_fen": amount_fen,
            "ends_at": ends_at.isoformat(),
            "extended": extended,
            "extensions": extensions,
        },
    )
    bid = Bid.objects.create(
        auction=auction,
        bidder=bidder,
        sequence=sequence,
        amount_fen=amount_fen,
        key=key,
        at=now,
        placed_by=by,
        event=event,
    )
    Auction.objects.filter(pk=auction.pk).update(
        sequence=sequence, best_fen=amount_fen, leader=bidder, ends_at=ends_at, extensions=extensions
    )
    return bid


def _check_time(auction: Auction, now: datetime) -> None:
    if auction.status == AuctionStatus.SCHEDULED:
        opens = localtime(auction.opens_at).strftime("%m-%d %H:%M:%S")
        raise Refused("auction_not_open", _("竞价将于 %(time)s 开始。") % {"time": opens})
    if auction.status != AuctionStatus.OPEN or now >= auction.ends_at:
        ended = localtime(auction.ends_at).strftime("%H:%M:%S")
        raise Refused("auction_closed", _("竞价已于 %(time)s 结束，这次报价没有受理。") % {"time": ended})


def _check_amount(auction: Auction, amount_fen: int) -> None:
    if isinstance(amount_fen, bool) or not isinstance(amount_fen, int) or amount_fen <= 0:
        raise Invalid("amount_invalid", _("请填写大于零的金额，最小到分。"), field="amount")
    if amount_fen > auction.ceiling_fen:
        raise Invalid(
            "above_ceiling",
            _("报价不能高于最高限价 %(ceiling)s 元。") % {"ceiling": format_yuan(auction.ceiling_fen)},
            field="amount",
        )
    legal = auction.highest_legal_fen
    if legal <= 0:
        raise Refused("no_lower_bid", _("已经没有更低的有效报价。"))
    if amount_fen > legal:
        raise Invalid(
            "not_low_enough",
            _("目前最低价 %(best)s 元，您的报价最高为 %(legal)s 元。")
            % {"best": format_yuan(auction.best_fen or auction.ceiling_fen), "legal": format_yuan(legal)},
            field="amount",
        )


def _extended_end(auction: Auction, now: datetime) -> datetime:
    """Return the effective end after an accepted bid at `now`: never earlier than before, never after the hard end."""
    if auction.extensions >= auction.max_extensions:
        return auction.ends_at
    wanted = now + timedelta(seconds=auction.window_seconds)
    return max(auction.ends_at, min(wanted, auction.hard_ends_at))
