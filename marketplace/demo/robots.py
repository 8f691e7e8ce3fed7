"""Robots that play every way to select a firm: they post needs, join those of visitors, and do what is asked of them.

Labelled as robots everywhere, and using people's actions alone. At least one live auction is always going.
"""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import cycle

from marketplace.bidding.actions import advance_auction, place_bid, sign_up
from marketplace.bidding.models import Auction, Bidder
from marketplace.bidding.states import AuctionStatus, BidderStatus
from marketplace.core import clock
from marketplace.core.refusals import Refused
from marketplace.tenders.models import NAMED, Method, Tender
from marketplace.tenders.states import TenderStatus

from . import cast, duties, needs
from .history import agent

OVERLAP = timedelta(minutes=3)  # the next auction is ready before the last one ends
REST = timedelta(seconds=90)  # between two needs with another way to choose
JOINING = 3  # robots that sign up for a visitor's need
OTHER = tuple(method for method in Method if method != Method.LIVE_AUCTION)
UNDECIDED = (TenderStatus.OPEN, TenderStatus.SELECTING)


@dataclass
class Robots:
    """Hold the robots and do one round of their work at a time."""

    rng: random.Random = field(default_factory=lambda: random.Random(secrets.randbits(64)))
    next_bid: dict[int, datetime] = field(default_factory=dict)
    turned_away: set[tuple[int, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.owner, self.firms, self.scorers = cast.owner(), cast.firms(), cast.scorers()
        self.methods = cycle(OTHER)
        self.next_need = clock.now()

    def round(self) -> list[str]:
        """Publish when nothing is coming, join, bid where it is time, and do what is asked; return it in words."""
        now = clock.now()
        said = [*self._keep_one_auction(now), *self._post_another(now), *self._join(now)]
        live = Auction.objects.filter(status=AuctionStatus.OPEN, tender__bidders__organization__in=self.firms)
        said += filter(None, (self._bid(auction, now) for auction in live.distinct()))
        return said + duties.do_all(self.owner, self.firms, self.scorers, self.rng, now)

    def _keep_one_auction(self, now: datetime) -> list[str]:
        mine = list(
            Auction.objects.filter(tender__buyer=self.owner, status__in=(AuctionStatus.SCHEDULED, AuctionStatus.OPEN))
            .select_related("tender__process", "leader")
            .order_by("ends_at")
        )
        for auction in mine:
            advance_auction(auction=auction)
        if any(auction.ends_at - now > OVERLAP for auction in mine):
            return []
        return [self._post(Method.LIVE_AUCTION, now)]

    def _post_another(self, now: datetime) -> list[str]:
        """Post a need with the next way to choose when the one before is decided and a while has passed."""
        waiting = Tender.objects.filter(buyer=self.owner, status__in=UNDECIDED).exclude(method=Method.LIVE_AUCTION)
        if now < self.next_need or waiting.exists():
            return []
        self.next_need = now + REST
        return [self._post(next(self.methods), now)]

    def _post(self, method: Method, now: datetime) -> str:
        tender = needs.post(self.owner, self.firms, method, self.rng, now)
        if method not in NAMED:
            for firm in self.rng.sample(self.firms, 4):
                sign_up(tender=tender, organization=firm, by=agent(firm))
        return f"published {tender.number} {method}"

    def _join(self, now: datetime) -> list[str]:
        """Sign up for what visitors post, so that nobody waits alone; not for the seeded needs, which are older."""
        said = []
        fresh = Tender.objects.filter(
            status=TenderStatus.OPEN,
            signup_ends_at__gt=now,
            signup_ends_at__lt=now + timedelta(hours=2),
            published_at__gt=now - timedelta(hours=2),
        )
        for tender in fresh.exclude(buyer=self.owner).exclude(method__in=NAMED).select_related("service", "buyer"):
            joined = set(tender.bidders.filter(status=BidderStatus.ACTIVE).values_list("organization", flat=True))
            free = [
                firm for firm in self.firms if firm.pk not in joined and (tender.pk, firm.pk) not in self.turned_away
            ]
            if not free or len(joined & {firm.pk for firm in self.firms}) >= JOINING:
                continue
            firm = free[0]
            try:
                sign_up(tender=tender, organization=firm, by=agent(firm))
            except Refused as refused:
                self.turned_away.add((tender.pk, firm.pk))
                said.append(f"{tender.number}: {refused.code}")
            else:
                said.append(f"{tender.number}: joined")
        return said

    def _bid(self, auction: Auction, now: datetime) -> str:
        """Bid when this auction's turn has come: quicker near the end, and never below 70 % of the ceiling."""
        due = self.next_bid.setdefault(auction.pk, now + timedelta(seconds=self.rng.uniform(1, 4)))
        if now < due or auction.ends_at <= now:
            return ""
        pause = self.rng.uniform(4, 16)
        self.next_bid[auction.pk] = now + timedelta(seconds=pause)
        amount = auction.next_legal_fen - self.rng.choice((0, 0, 0, 1, 2)) * auction.step_fen
        bidders = self._bidders(auction)
        if amount < auction.ceiling_fen * 7 // 10 or not bidders:
            return ""
        bidder = self.rng.choice(bidders)
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

    def _bidders(self, auction: Auction) -> list[Bidder]:
        rows = auction.tender.bidders.select_related("organization").filter(
            organization__in=self.firms, status=BidderStatus.ACTIVE
        )
        return [row for row in rows if row.pk != auction.leader_id]
