"""Robots that play every way to select a firm: they post needs, join those of visitors, and do what is asked of them.

Labelled as robots everywhere, and using people's actions alone. At least one live auction whose price everybody sees fall is always going.
"""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import cycle

from marketplace.accounts.models import User
from marketplace.bidding.actions import advance_auction, sign_up
from marketplace.bidding.models import Auction
from marketplace.bidding.states import AuctionStatus, BidderStatus
from marketplace.core import clock
from marketplace.core.refusals import Refused
from marketplace.tenders.models import NAMED, AuctionDirection, AuctionMode, Method, Tender
from marketplace.tenders.states import TenderStatus

from . import bids, cast, duties, needs, rules
from .history import agent

OVERLAP = timedelta(minutes=3)  # the next auction is ready before the last one ends
REST = timedelta(seconds=90)  # between two needs with another way to choose
JOINING = 3  # robots that sign up for a visitor's need
OTHER = tuple(method for method in Method if method != Method.LIVE_AUCTION)
UNDECIDED = (TenderStatus.OPEN, TenderStatus.SELECTING)


def is_plain(auction: Auction) -> bool:
    """Tell whether everybody sees the price of an auction fall from the start."""
    return (auction.mode, auction.direction, auction.sealed_first) == (AuctionMode.OPEN, AuctionDirection.DOWN, False)


@dataclass
class Robots:
    """Hold the robots and do one round of their work at a time."""

    rng: random.Random = field(default_factory=lambda: random.Random(secrets.randbits(64)))
    next_bid: dict[int, datetime] = field(default_factory=dict)
    turned_away: set[tuple[int, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.owner, self.firms, self.scorers = cast.owner(), cast.firms(), cast.scorers()
        admin = User.objects.filter(is_superuser=True).order_by("pk").first()
        if admin is not None:
            rules.ensure(by=admin, now=clock.now())
        self.methods, self.kinds = cycle(OTHER), cycle(needs.SPECIAL)
        self.next_need = self.next_special = clock.now()

    def round(self) -> list[str]:
        """Publish when nothing is coming, join, bid where it is time, and do what is asked; return it in words."""
        now = clock.now()
        said = [*self._keep_one_auction(now), *self._post_another(now), *self._post_special(now), *self._join(now)]
        live = Auction.objects.filter(status=AuctionStatus.OPEN, tender__bidders__organization__in=self.firms)
        for auction in live.select_related("tender__process", "leader").distinct():
            said += self._bid(auction, now)
        return said + duties.do_all(self.owner, self.firms, self.scorers, self.rng, now)

    def _keep_one_auction(self, now: datetime) -> list[str]:
        """Move on what is the robots', and post another open auction before the last one ends: one whose price falls is always there."""
        mine = list(
            Auction.objects.filter(tender__buyer=self.owner, status__in=(AuctionStatus.SCHEDULED, AuctionStatus.OPEN))
            .select_related("tender__process", "leader")
            .order_by("ends_at")
        )
        for auction in mine:
            advance_auction(auction=auction)
        if any(auction.ends_at - now > OVERLAP and is_plain(auction) for auction in mine):
            return []
        return [self._post(Method.LIVE_AUCTION, now)]

    def _post_special(self, now: datetime) -> list[str]:
        """Post a live auction of the next other kind when the one before is decided and a while has passed."""
        waiting = Tender.objects.filter(buyer=self.owner, status__in=UNDECIDED, method=Method.LIVE_AUCTION)
        if now < self.next_special or waiting.filter(title__contains=needs.MARK_OF_SPECIAL).exists():
            return []
        self.next_special = now + REST
        return [self._post(Method.LIVE_AUCTION, now, next(self.kinds))]

    def _post_another(self, now: datetime) -> list[str]:
        """Post a need with the next way to choose when the one before is decided and a while has passed."""
        waiting = Tender.objects.filter(buyer=self.owner, status__in=UNDECIDED).exclude(method=Method.LIVE_AUCTION)
        if now < self.next_need or waiting.exists():
            return []
        self.next_need = now + REST
        return [self._post(next(self.methods), now)]

    def _post(self, method: Method, now: datetime, kind: str = "open") -> str:
        tender = needs.post(self.owner, self.firms, method, self.rng, now, kind)
        if method not in NAMED:
            for firm in self.rng.sample(self.firms, 4):
                sign_up(tender=tender, organization=firm, by=agent(firm))
        return f"published {tender.number} {method} {kind}"

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

    def _bid(self, auction: Auction, now: datetime) -> list[str]:
        """Bid when this auction's turn has come, in turns more often, for each of them is short."""
        due = self.next_bid.setdefault(auction.pk, now + timedelta(seconds=self.rng.uniform(1, 4)))
        if now < due or auction.ends_at <= now:
            return []
        is_quick = auction.mode == AuctionMode.TURNS
        self.next_bid[auction.pk] = now + timedelta(seconds=self.rng.uniform(*((3, 9) if is_quick else (4, 16))))
        said = bids.leave_limits(auction, self.firms, self.rng) if needs.PROXY_MARK in auction.tender.title else []
        if said:
            auction.refresh_from_db()  # the system has bid for them at once
        return [*said, *filter(None, [bids.bid_once(auction, self.firms, self.rng, now)])]
