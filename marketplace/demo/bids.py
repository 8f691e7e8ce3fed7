"""How robots bid live: legally in every mode, by the engine's own terms, and never further than a third from the start."""

from __future__ import annotations

import random
import secrets
from datetime import datetime

from marketplace.bidding.actions import allows_proxies, place_bid, set_proxy
from marketplace.bidding.engine import Turns, whose_turn
from marketplace.bidding.models import Auction, Bidder, ProxyBid
from marketplace.bidding.states import BidderStatus
from marketplace.core.refusals import Refused
from marketplace.parties.models import Organization
from marketplace.tenders.models import AuctionMode

from .auctions import own_fen
from .history import agent

FURTHEST = 30  # percent from the start price


def bid_once(auction: Auction, firms: list[Organization], rng: random.Random, now: datetime) -> str:
    """Let one of the robots bid where one may now; return it in words, nothing when none can or wants to."""
    able = _able(auction, firms, now)
    if not able:
        return ""
    bidder = rng.choice(able)
    amount = _amount(auction, bidder, rng)
    if amount is None:
        return ""
    try:
        bid = place_bid(
            auction=auction,
            organization=bidder.organization,
            amount_fen=amount,
            key=secrets.token_hex(8),
            by=agent(bidder.organization),
        )
    except Refused as refused:
        return f"{auction.tender.number}: {refused.code}"
    return f"{auction.tender.number}: bid {bid.sequence}"


def leave_limits(auction: Auction, firms: list[Organization], rng: random.Random) -> list[str]:
    """Let two robots leave a limit with the system, where they may and none has."""
    if not allows_proxies(auction) or ProxyBid.objects.filter(bidder__tender=auction.tender).exists():
        return []
    said, terms = [], auction.terms
    for bidder in _bidders(auction, firms)[:2]:
        limit = auction.ceiling_fen * (100 - terms.sign * rng.randint(12, 24)) // 100 // 100_00 * 100_00
        try:
            set_proxy(
                auction=auction,
                organization=bidder.organization,
                limit_fen=limit,
                key=secrets.token_hex(8),
                by=agent(bidder.organization),
            )
        except Refused as refused:
            said.append(f"{auction.tender.number}: {refused.code}")
        else:
            said.append(f"{auction.tender.number}: limit left")
    return said


def _bidders(auction: Auction, firms: list[Organization]) -> list[Bidder]:
    rows = auction.tender.bidders.select_related("organization").filter(
        organization__in=firms, status=BidderStatus.ACTIVE
    )
    if auction.sealed_first:
        rows = rows.filter(bids__kind="initial").distinct()
    return list(rows.order_by("pk"))


def _able(auction: Auction, firms: list[Organization], now: datetime) -> list[Bidder]:
    """Return the robots that may bid now: not the one that leads, in turns the one whose turn it is."""
    bidders = _bidders(auction, firms)
    if auction.mode != AuctionMode.TURNS:
        return [bidder for bidder in bidders if bidder.pk != auction.leader_id]
    if not auction.round or auction.turns_from is None:
        return []
    turns = Turns.of(auction.tender.rules["turns"]).of_round(auction.round, auction.order, auction.turns_from)
    label = whose_turn(turns, now)
    return [bidder for bidder in bidders if bidder.label == label]


def _amount(auction: Auction, bidder: Bidder, rng: random.Random) -> int | None:
    """Return what a robot bids: the least that counts, or some steps better; None when that would be too far."""
    terms = auction.terms
    standing = auction.best_fen if auction.mode == AuctionMode.OPEN else own_fen(auction, bidder)
    amount = terms.next_legal(standing) - terms.sign * rng.choice((0, 0, 0, 1, 2)) * terms.step_fen
    furthest = auction.ceiling_fen * (100 - terms.sign * FURTHEST) // 100
    return amount if terms.sign * amount >= terms.sign * furthest else None
