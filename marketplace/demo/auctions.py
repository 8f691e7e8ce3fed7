"""Finished and running auctions of the seeded world: the firms bid as each mode lets them, by people's own actions."""

from __future__ import annotations

from datetime import datetime, timedelta

from marketplace.bidding.actions import advance_auction, place_bid
from marketplace.bidding.engine import Turns
from marketplace.bidding.models import Auction, Bidder
from marketplace.tenders.models import AuctionMode

from .history import World, agent


def play(world: World, auction: Auction, bidders: list[Bidder], bids: int, until: datetime) -> None:
    """Let the firms bid: about `bids` times, evenly until `until`; in turns as the rounds go, whatever these say."""
    auction.refresh_from_db()
    if auction.status != "open":
        return
    if auction.sealed_first:
        able = set(auction.bids.values_list("bidder", flat=True))
        bidders = [bidder for bidder in bidders if bidder.pk in able]
    if auction.mode == AuctionMode.TURNS:
        _take_turns(world, auction, bidders)
        return
    begin = auction.opens_at
    for turn in range(bids):
        auction.refresh_from_db()
        free = [bidder for bidder in bidders if bidder.pk != auction.leader_id]
        if free:
            _bid(world, auction, world.rng.choice(free), begin + (until - begin) * (turn + 1) / (bids + 1))


def _take_turns(world: World, auction: Auction, bidders: list[Bidder]) -> None:
    """Let most firms bid once in each of their turns."""
    by_label = {bidder.label: bidder for bidder in bidders}
    turns = Turns.of(auction.tender.rules["turns"])
    while auction.next_round_at is not None and auction.turns_from is not None:
        auction = advance_auction(auction=auction, now=world.at(auction.next_round_at))
        auction.refresh_from_db()
        for turn in turns.of_round(auction.round, auction.order, auction.turns_from):  # type: ignore[arg-type]
            if world.rng.random() < 0.85:
                _bid(world, auction, by_label[turn.label], turn.starts_at + (turn.ends_at - turn.starts_at) / 2)


def _bid(world: World, auction: Auction, bidder: Bidder, moment: datetime) -> None:
    """Let one firm better the price that it must better, by a step or more: the best one, or by rank and in turns its own."""
    terms = auction.terms
    standing = auction.best_fen if auction.mode == AuctionMode.OPEN else own_fen(auction, bidder)
    spread = int((standing or auction.ceiling_fen) * world.rng.uniform(0.0, 0.025))
    further = 0 if standing is None and auction.mode == AuctionMode.OPEN else spread // 100_00 * 100_00
    place_bid(
        auction=auction,
        organization=bidder.organization,
        amount_fen=terms.next_legal(standing) - terms.sign * further,
        key=f"seed-{auction.pk}-{moment:%Y%m%d%H%M%S%f}",
        by=agent(bidder.organization),
        now=world.at(moment),
    )


def own_fen(auction: Auction, bidder: Bidder) -> int | None:
    """Return a firm's standing bid: its newest valid one, for each betters the one before."""
    bids = auction.bids.filter(bidder=bidder, voided_at=None).order_by("-sequence")
    return bids.values_list("amount_fen", flat=True).first()


def until_near_end(world: World, auction: Auction) -> datetime:
    """Return when the last bid falls: sometimes within the window that extends."""
    return auction.ends_at - timedelta(seconds=world.rng.choice((20, 70, 400)))
