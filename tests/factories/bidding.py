"""Bidders, auctions and sealed offers, led there by actions."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from marketplace.accounts.models import User
from marketplace.bidding.actions import open_auction, place_bid, sign_up, submit_offer
from marketplace.bidding.models import Auction, Bid, Bidder, SealedOffer
from marketplace.parties.models import Organization
from marketplace.tenders.models import Tender

from .parties import make_firm
from .tenders import make_tender

_numbers = count(1)


def agent_of(organization: Organization) -> User:
    """Return the first member of an organization."""
    user: User = organization.memberships.select_related("user").order_by("pk")[0].user
    return user


def make_stranger(tender: Tender, **values: Any) -> Organization:
    """Let a firm in that fits a need and shares nothing with anybody, not even a telephone."""
    return make_firm(**{"services": [tender.service], "phone": f"138{next(_numbers):08d}", **values})


def make_bidder(*, tender: Tender, organization: Organization | None = None, now: datetime | None = None) -> Bidder:
    """Sign a firm up, one that fits unless given."""
    organization = organization or make_stranger(tender)
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


def make_plan(name: str = "服务方案.pdf", content: bytes = b"%PDF-1.7 a plan of work") -> SimpleUploadedFile:
    """Make a plan as it comes from a browser."""
    return SimpleUploadedFile(name, content)


def make_offer(
    *, bidder: Bidder, amount_fen: int | None = 9_000_000, now: datetime | None = None, **values: Any
) -> SealedOffer:
    """Seal an offer of a bidder's first member; with `discount_points` give no amount."""
    if "discount_points" in values:
        amount_fen = None
    offer, _receipt = submit_offer(
        bidder=bidder, amount_fen=amount_fen, by=agent_of(bidder.organization), now=now, **values
    )
    return offer
