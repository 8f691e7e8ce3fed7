"""Robots that keep a live auction going: a robot owner and robot firms, labelled so everywhere, using people's actions."""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from marketplace.accounts.actions import create_account
from marketplace.accounts.models import User
from marketplace.bidding.actions import advance_auction, place_bid, sign_up
from marketplace.bidding.models import Auction, Bidder
from marketplace.bidding.states import AuctionStatus
from marketplace.catalog.models import Region, ServiceCategory
from marketplace.core import clock
from marketplace.core.refusals import Refused
from marketplace.parties.actions import enter_buyer
from marketplace.parties.models import Organization
from marketplace.tenders.actions import publish_tender, save_draft
from marketplace.tenders.models import Tender

from . import names
from .history import agent
from .people import check_qualifications, enter_one_firm

FIRMS = 5
SIGN_UP, LASTS = timedelta(seconds=25), timedelta(minutes=12)
OVERLAP = timedelta(minutes=3)  # the next auction is ready before the last one ends
NUMBER = 90_000  # robots' numbers begin where no seeded firm is
NAME = "演示机器人业主（鹰潭）"


@dataclass
class Robots:
    """Hold the robots and do one round of their work at a time."""

    rng: random.Random = field(default_factory=lambda: random.Random(secrets.randbits(64)))
    next_bid: dict[int, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.owner = self._owner()
        self.firms = self._firms()

    def round(self) -> list[str]:
        """Publish when nothing is coming, bid where it is time; return what was done, in words."""
        now, said = clock.now(), []
        mine = list(
            Auction.objects.filter(tender__buyer=self.owner, status__in=(AuctionStatus.SCHEDULED, AuctionStatus.OPEN))
            .select_related("tender__process", "leader")
            .order_by("ends_at")
        )
        for auction in mine:
            advance_auction(auction=auction)
        if not any(auction.ends_at - now > OVERLAP for auction in mine):
            said.append(f"published {self._publish(now).number}")
        live = Auction.objects.filter(status=AuctionStatus.OPEN, tender__bidders__organization__in=self.firms)
        said += filter(None, (self._bid(auction, now) for auction in live.distinct()))
        return said

    def _owner(self) -> Organization:
        known = Organization.objects.filter(is_robot=True, is_buyer=True).first()
        if known:
            return known
        user = create_account(username="robot-owner", password=None, display_name="演示机器人", is_robot=True)
        return enter_buyer(
            user=user,
            uscc=names.firm_code(NUMBER, area="360600"),
            name=NAME,
            kind=Organization.Kind.ENTERPRISE,
            region=Region.objects.get(code="360602"),
            contact_name="演示机器人",
            phone=names.phone(9000),
            committed=True,
            is_robot=True,
            by=user,
            now=clock.now(),
        )

    def _firms(self) -> list[Organization]:
        known = list(Organization.objects.filter(is_robot=True, is_intermediary=True).order_by("pk"))
        admin = User.objects.filter(is_superuser=True).order_by("pk").first()
        return known + [self._enter(NUMBER + 1 + turn, admin) for turn in range(len(known), FIRMS)]

    def _enter(self, number: int, admin: User | None) -> Organization:
        user = create_account(username=f"robot-{number}", password=None, display_name="演示机器人", is_robot=True)
        rng = random.Random(number)
        firm = enter_one_firm(number, user=user, at=clock.now(), rng=rng, is_robot=True, group="planning")
        if admin is not None:
            check_qualifications(firm, admin=admin, at=clock.now())
        return firm

    def _publish(self, now: datetime) -> Tender:
        """Publish a need of the robot owner and sign the robots up, so that it opens in half a minute."""
        service = self.rng.choice(self._services())
        ceiling = self.rng.randint(80, 500) * 100_000
        opens = now + SIGN_UP + timedelta(seconds=5)
        place = self.rng.choice(names.FIRST_NAMES)
        tender = save_draft(
            buyer=self.owner,
            values={
                "title": f"【演示】{place}片区{service.name}",
                "service": service,
                "region": Region.objects.get(code="360602"),
                "money_kind": Tender.MoneyKind.SOCIAL,
                "description": "由演示机器人发布和竞价，供您观看现场竞价。内容均为虚构。",
                "delivery_days": 30,
                "ceiling_fen": ceiling,
                "step_fen": max(10_000, ceiling // 400 // 10_000 * 10_000),
                "contact_name": "演示机器人",
                "contact_phone": names.phone(9000),
                "complaint_phone": "0701-6009999",
                "signup_ends_at": now + SIGN_UP,
                "selection_at": opens,
                "auction_ends_at": opens + LASTS,
            },
            by=agent(self.owner),
            now=now,
        )
        tender = publish_tender(tender=tender, by=agent(self.owner), now=now)
        for firm in self.rng.sample(self.firms, 4):
            sign_up(tender=tender, organization=firm, by=agent(firm))
        return tender

    def _services(self) -> list[ServiceCategory]:
        offered = ServiceCategory.objects.filter(
            offerings__organization__in=self.firms, offerings__status="live", requirement={}
        )
        return list(offered.distinct().order_by("code"))

    def _bid(self, auction: Auction, now: datetime) -> str:
        """Bid when this auction's turn has come: quicker near the end, and never below 70 % of the ceiling."""
        due = self.next_bid.setdefault(auction.pk, now + timedelta(seconds=self.rng.uniform(1, 4)))
        if now < due or auction.ends_at <= now:
            return ""
        pause = self.rng.uniform(4, 16)
        self.next_bid[auction.pk] = now + timedelta(seconds=pause)
        amount = auction.highest_legal_fen - self.rng.choice((0, 0, 0, 1, 2)) * auction.step_fen
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
        rows = auction.tender.bidders.select_related("organization").filter(organization__in=self.firms)
        return [row for row in rows if row.pk != auction.leader_id]
