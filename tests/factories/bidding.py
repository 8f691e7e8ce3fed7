"""Bidders and auctions, led there by actions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marketplace.accounts.models import User
from marketplace.bidding.actions import open_auction, place_bid, sign_up
from marketplace.bidding.models import Auction, Bid, Bidder
from marketplace.parties.models import Organization
from marketplace.tenders.models import Tender

from .parties import make_firm
from .tenders import make_tender


def agent_of(organization: Organization) -> User:
    """Return the first member of an organization."""
    user: User = organization.memberships.select_related("user").order_by("pk")[0].user
    return user


def make_bidder(*, tender: Tender, organization: Organization | None = None, now: datetime | None = None) -> Bidder:
    """Sign a firm up, one that fits unless given."""
    organization = organization or make_firm(services=[tender.service])
    return sign_up(tender=tender, organization=organization, by=agent_of(organization), now=now)


def make_auction(*, firms: int = 3, status: str = "open", tender: Tender | None = None, **terms: Any) -> Auction:
    """Make an auction with `firms` bidders, "scheduled" or "open" (decided at its `opens_at`)."""
    tender = tender or make_tender(**terms)
    for _number in range(firms):
        make_bidder(tender=tender)
    auction = tender.auction
    return auction if status == "scheduled" else open_auction(auction=auction, now=auction.opens_at)


def bid(auction: Auction, bidder: Bidder, amount_fen: int, now: datetime, key: str = "") -> Bid:
    """Place a bid of a bidder's first member; the key follows from the amount unless given."""
    return place_bid(
        auction=auction,
        organization=bidder.organization,
        amount_fen=amount_fen,
        key=key or f"key-{amount_fen}",
        by=agent_of(bidder.organization),
        now=now,
    )
