"""Proxy bidding: a firm leaves its limit with the system, which bids for it no more than it must."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.core.events import record
from marketplace.core.models import Event
from marketplace.core.refusals import Forbidden, Refused
from marketplace.core.rows import fetch
from marketplace.parties.models import Organization

from ..engine import Mode, Proxy, Refusal, answer, take
from ..engine.terms import HIGHEST_FEN
from ..models import Auction, ProxyBid
from ..queries import bidder_of
from ..refusals import as_refused
from ..states import AuctionStatus
from .locked import KEY_LENGTH, Locked, Placed, take_lock

ANY = """
    SELECT 1 FROM bidding_proxybid p JOIN bidding_bidder b ON b.id = p.bidder_id
    WHERE b.tender_id = %s AND p.limit_fen IS NOT NULL LIMIT 1
"""


def commitment(tender: str, label: str, limit_fen: int, nonce: str) -> str:
    """Return what the chain keeps of a limit: SHA-256 over need, label, limit and nonce, joined by line feeds."""
    return hashlib.sha256(f"{tender}\n{label}\n{limit_fen}\n{nonce}".encode()).hexdigest()


def allows_proxies(auction: Auction) -> bool:
    """Tell whether firms may leave limits here: where the need's rules say so, in open bidding only."""
    return auction.mode == Mode.OPEN and bool(auction.tender.rules.get("proxy", False))


def set_proxy(
    *,
    auction: Auction,
    organization: Organization,
    limit_fen: int | None,
    key: str,
    by: User,
    now: datetime | None = None,
) -> ProxyBid:
    """Leave a limit with the system, in place of the firm's former one, or take it back (`limit_fen` None).

    The system bids at once if the limit asks for it, and answers each better bid of another firm as long as it can, until the
    auction is over. A limit that comes later stands behind an equal earlier one. The same key with the same limit changes nothing.

    Refuses: `proxy_not_allowed`, `auction_closed`, `auction_paused`, `not_signed_up` (403), `suspended` (403), `no_first_offer` (403),
    `key_missing` (422), `limit_invalid` (422, worse than the next legal bid), `above_ceiling`, `below_start`.
    """
    with transaction.atomic():
        locked = take_lock(auction.pk, now)
        if not allows_proxies(locked.auction):
            raise Refused("proxy_not_allowed", _("这场竞价不使用代理报价。"))
        bidder = bidder_of(locked.auction.tender, organization)
        if bidder is None:
            raise as_refused(Refusal("not_signed_up"))
        if not by.has_perm("bidding.place_bid", bidder):
            raise Forbidden("suspended", _("您目前不能代表这家机构报价。"))
        if not key or len(key) > KEY_LENGTH:
            raise as_refused(Refusal("key_missing"))
        proxy = ProxyBid.objects.filter(bidder=bidder).first()
        if proxy is not None and proxy.key == key and proxy.limit_fen == limit_fen:
            return proxy
        _check(locked, bidder.label, limit_fen)
        nonce = secrets.token_hex(32)
        shown = commitment(locked.auction.tender.number, bidder.label, limit_fen, nonce) if limit_fen else ""
        proxy, _made = ProxyBid.objects.update_or_create(
            bidder=bidder,
            defaults={
                "limit_fen": limit_fen,
                "key": key,
                "nonce": nonce,
                "commitment": shown,
                "at": locked.now,
                "order": locked.head.head_number + 1,
                "set_by": by,
            },
        )
        record(
            locked.head,
            "proxy_set" if limit_fen else "proxy_withdrawn",
            organization=organization,
            now=locked.now,
            subject=locked.auction,
            data={"label": bidder.label, "commitment": shown},
            visibility=Event.Visibility.PRIVATE,
        )
        locked.head.refresh_from_db()
        if locked.auction.status == AuctionStatus.OPEN and locked.now < locked.state.ends_at:
            locked.write(let_proxies_answer(locked))
    return proxy


def _check(locked: Locked, label: str, limit_fen: int | None) -> None:
    auction, terms = locked.auction, locked.terms
    if auction.status == AuctionStatus.PAUSED:
        raise as_refused(Refusal("auction_paused"))
    is_over = auction.status != AuctionStatus.SCHEDULED and locked.now >= locked.state.ends_at
    if is_over or auction.status in {AuctionStatus.CLOSED, AuctionStatus.FAILED}:
        raise as_refused(Refusal("auction_closed", ended=locked.state.ends_at))
    if limit_fen is None:
        return
    if auction.sealed_first and auction.status == AuctionStatus.OPEN:
        locked.know_standings([label])
        if label not in locked.state.standing:
            raise as_refused(Refusal("no_first_offer"))
    is_whole = isinstance(limit_fen, int) and not isinstance(limit_fen, bool)
    if not is_whole or not 0 < limit_fen <= HIGHEST_FEN:
        raise as_refused(Refusal("amount_invalid"))
    if not terms.keeps(limit_fen, terms.ceiling_fen):
        raise as_refused(Refusal("above_ceiling" if terms.sign == 1 else "below_start", ceiling=terms.ceiling_fen))
    legal = terms.next_legal(locked.state.best_fen)
    if label != locked.state.leader and not terms.keeps(limit_fen, legal):
        raise as_refused(Refusal("limit_invalid", legal=legal))


def let_proxies_answer(locked: Locked) -> list[Placed]:
    """Decide the bids that firms' limits ask for now; the caller writes them. Ends, for each answer betters the price."""
    if not allows_proxies(locked.auction):
        return []
    if locked.proxies is None:
        locked.proxies = _read(locked)
    if not locked.proxies:
        return []
    proxies = [Proxy(label, int(row.limit_fen or 0), row.order) for label, row in locked.proxies.items()]
    placed: list[Placed] = []
    while (found := answer(locked.state, locked.terms, proxies)) is not None:
        label, amount = found
        accepted = take(locked.state, locked.terms, label=label, amount_fen=amount, at=locked.now, kind="auto")
        row = locked.proxies[label]
        placed.append(Placed(accepted, row.bidder_id, f"auto-{accepted.sequence}", row.set_by_id))
    return placed


def _read(locked: Locked) -> dict[str, ProxyBid]:
    """Return the limits of firms that may bid, by label; mostly there is none, which a plain look tells."""
    if not fetch(ANY, [locked.auction.tender_id]):
        return {}
    rows = ProxyBid.objects.filter(
        bidder__tender=locked.auction.tender_id, bidder__status="active", bidder__organization__status="active"
    ).exclude(limit_fen=None)
    by_label = {row.bidder.label: row for row in rows.select_related("bidder")}
    if not by_label or not locked.auction.sealed_first:
        return by_label
    locked.know_standings(by_label)
    return {label: row for label, row in by_label.items() if label in locked.state.standing}
