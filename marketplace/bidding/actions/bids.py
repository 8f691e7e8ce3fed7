"""Bids: one serialised decision each, under the auction's lock and the database's clock; those who wait share a transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db import transaction

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.refusals import Refused
from marketplace.core.rows import fetch, marks
from marketplace.parties.models import Organization

from ..engine import Mode, Refusal, take
from ..models import Auction, Bid, Bidder, RefusedBid
from ..refusals import as_refused
from ..rights import Right, rights
from ..states import AuctionStatus
from .auctions import close_auction, open_auction
from .locked import KEY_LENGTH, Locked, Placed, take_lock
from .proxies import let_proxies_answer
from .turns import begin_round

# Nobody decided these for good: they are asked of the bidder, or say who may not even ask.
NO_OUTCOME = {"confirm_drop", "key_missing", "key_reused", "not_signed_up", "suspended"}
KNOWN = """
    SELECT 1, id FROM bidding_bid WHERE bidder_id IN ({0}) AND key IN ({1})
    UNION ALL
    SELECT 0, id FROM bidding_refusedbid WHERE bidder_id IN ({0}) AND key IN ({1})
"""


@dataclass(frozen=True, slots=True)
class BidRequest:
    """Be a bid that somebody sends: for which firm, by whom, how much in fen, and the client's key of this submit."""

    organization_id: int
    user_id: int
    amount_fen: int
    key: str
    confirmed: bool = True


def place_bid(
    *,
    auction: Auction,
    organization: Organization,
    amount_fen: int,
    key: str,
    by: User,
    confirmed: bool = True,
    now: datetime | None = None,
) -> Bid:
    """Accept a bid of `amount_fen`, or say why not.

    `key` is made by the client and unique per firm and auction: the same key with the same amount gets the same answer, an
    acceptance as a refusal (a repeated submit changes nothing); with another amount it is refused. The time that counts is
    the database's clock read after the lock was obtained (`now` is for seeds and tests). Rules: engine/, docs/bidding.md.
    Without `confirmed` a bid far from the price is not decided but asked about.

    Refuses: `auction_not_open`, `auction_paused`, `auction_closed`, `not_signed_up` (403), `suspended` (403), `no_first_offer`
    (403), `not_your_turn`, `already_leading`, `amount_invalid`, `above_ceiling`, `below_start`, `not_low_enough`, `not_high_enough`,
    `own_not_improved` (all 422), `no_lower_bid`, `confirm_drop`, `key_missing` (422), `key_reused`.
    """
    request = BidRequest(organization.pk, by.pk, amount_fen, key, confirmed)
    (answer,) = place_bids(auction_pk=auction.pk, requests=[request], now=now)
    if isinstance(answer, Refusal):
        raise as_refused(answer)
    return answer


def place_bids(*, auction_pk: int, requests: Sequence[BidRequest], now: datetime | None = None) -> list[Bid | Refusal]:
    """Decide bids that wait for the same auction, in the order given, in one transaction; return an answer to each.

    When this returns, what it accepted is committed. An error of the database leaves it unknown what became of them: the
    same requests may be sent again, for their keys keep the answers.
    """
    answers = _decided(auction_pk, requests, now)
    due = [place for place, answer in enumerate(answers) if isinstance(answer, Refusal) and answer.code == "due"]
    if due:
        # Somebody has to open or close first, and whoever notices does it; a technical failure may even prolong.
        _move(auction_pk, now)
        again = _decided(auction_pk, [requests[place] for place in due], now, is_settled=True)
        for place, answer in zip(due, again, strict=True):
            answers[place] = answer
    return answers


def _decided(
    auction_pk: int, requests: Sequence[BidRequest], now: datetime | None, *, is_settled: bool = False
) -> list[Bid | Refusal]:
    with transaction.atomic():
        locked = take_lock(auction_pk, now)
        begin_round(locked)
        may = rights(locked.auction.tender_id, {(one.user_id, one.organization_id) for one in requests})
        known = _known(
            (right.bidder_id for right in may.values() if isinstance(right, Right)), (one.key for one in requests)
        )
        if locked.terms.mode != Mode.OPEN or locked.auction.sealed_first:
            locked.know_standings(right.label for right in may.values() if isinstance(right, Right))
        placed: list[Placed] = []
        refused: list[RefusedBid] = []
        answers: list[Any] = []
        for one in requests:
            right = may[one.user_id, one.organization_id]
            if isinstance(right, Refusal):
                answers.append(right)
                continue
            if not one.key or len(one.key) > KEY_LENGTH:
                answers.append(Refusal("key_missing"))
                continue
            before = known.get((right.bidder_id, one.key))
            if before is not None:
                amount, answer = before
                answers.append(answer if amount == one.amount_fen else Refusal("key_reused"))
                continue
            try:
                accepted = _decide(locked, right, one, is_settled=is_settled)
            except Refusal as refusal:
                answers.append(refusal)
                if refusal.code not in NO_OUTCOME | {"due"} and _is_storable(one.amount_fen):
                    refused.append(_kept(right, one, refusal, locked.now))
                    known[right.bidder_id, one.key] = one.amount_fen, refusal
            else:
                answers.append(accepted)
                placed.append(accepted)
                known[right.bidder_id, one.key] = one.amount_fen, accepted
                placed += let_proxies_answer(locked)
        bids = dict(zip(map(id, placed), locked.write(placed), strict=True))
        if refused:
            RefusedBid.objects.bulk_create(refused)
        return [bids[id(answer)] if isinstance(answer, Placed) else answer for answer in answers]


def _decide(locked: Locked, right: Right, one: BidRequest, *, is_settled: bool) -> Placed:
    auction, state, terms = locked.auction, locked.state, locked.terms
    if auction.status == AuctionStatus.SCHEDULED:
        raise Refusal(
            "auction_not_open" if is_settled or locked.now < auction.opens_at else "due", opens=auction.opens_at
        )
    if auction.status == AuctionStatus.PAUSED:
        raise Refusal("auction_paused")
    if auction.status != AuctionStatus.OPEN:
        raise Refusal("auction_closed", ended=state.ends_at)
    if locked.now >= state.ends_at and not is_settled:
        raise Refusal("due")
    if auction.sealed_first and right.label not in state.standing:
        raise Refusal("no_first_offer")
    accepted = take(state, terms, label=right.label, amount_fen=one.amount_fen, at=locked.now, confirmed=one.confirmed)
    return Placed(accepted, right.bidder_id, one.key, one.user_id)


def _known(bidders: Iterable[int], keys: Iterable[str]) -> dict[tuple[int, str], tuple[int, Bid | Refusal | Placed]]:
    """Return what these sign-ups' keys were decided to be: the amount, and the bid or the refusal."""
    rows: dict[tuple[int, str], tuple[int, Bid | Refusal | Placed]] = {}
    bidders, keys = set(bidders), set(keys)
    if not bidders:
        return rows
    asked = [*bidders, *keys]
    for is_bid, pk in fetch(KNOWN.format(marks(bidders), marks(keys)), asked + asked):
        if is_bid:
            bid = Bid.objects.select_related("event").get(pk=pk)
            rows[bid.bidder_id, bid.key] = bid.amount_fen, bid
        else:
            row = RefusedBid.objects.get(pk=pk)
            rows[row.bidder_id, row.key] = row.amount_fen, Refusal(row.code, **row.data)
    return rows


def _is_storable(amount_fen: Any) -> bool:
    return isinstance(amount_fen, int) and not isinstance(amount_fen, bool) and abs(amount_fen) < 2**63


def _kept(right: Right, one: BidRequest, refusal: Refusal, now: datetime) -> RefusedBid:
    data = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in refusal.data.items()}
    return RefusedBid(
        bidder_id=right.bidder_id,
        key=one.key,
        amount_fen=one.amount_fen,
        code=refusal.code,
        data=data,
        at=now,
        placed_by_id=one.user_id,
    )


def outcome_of(*, auction_pk: int, organization: Organization, key: str) -> Bid | Refusal | None:
    """Return what became of a firm's submit: its bid, why it was refused, or None when nobody decided about it."""
    bidder = Bidder.objects.filter(tender__auction=auction_pk, organization=organization).first()
    found = _known([bidder.pk], [key]).get((bidder.pk, key)) if bidder is not None else None
    return cast("Bid | Refusal", found[1]) if found is not None else None


def _move(auction_pk: int, now: datetime | None) -> None:
    auction = Auction.objects.select_related("tender__process").get(pk=auction_pk)
    moment = now or clock.now()
    steps = (open_auction,) if auction.status == AuctionStatus.SCHEDULED and moment >= auction.opens_at else ()
    for step in (*steps, close_auction):
        try:
            step(auction=auction, now=now)
        except Refused as refused:
            if refused.code != "too_early":
                raise
