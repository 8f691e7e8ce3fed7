"""Auctions that run now, sealed offers whose hour has come, and people who look at them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from marketplace.bidding.actions import end_sign_up, open_auction, open_offers
from marketplace.bidding.commitments import Content, context
from marketplace.bidding.models import SealedOffer
from marketplace.bidding.states import OfferStatus
from marketplace.core import clock
from marketplace.core.sealing import seal
from marketplace.tenders.models import Method
from tests.factories.bidding import agent_of, make_bidder, make_offer, make_plan
from tests.factories.tenders import make_tender

AMOUNTS = (9_000_000, 8_800_000, 9_123_456)


class Round:
    """Hold a need whose offers lie sealed and whose hour of opening has just come."""

    def __init__(self, method=Method.BEST_PRICE, firms=3, **terms):
        self.tender = make_tender(method=method, **terms)
        self.bidders = [make_bidder(tender=self.tender) for _number in range(firms)]
        plan = {"plan": None} if method == Method.BEST_PRICE else {}
        self.offers = [
            make_offer(bidder=bidder, amount_fen=amount, **(plan or {"plan": make_plan()}))
            for bidder, amount in zip(self.bidders, AMOUNTS, strict=False)
        ]
        end_sign_up(tender=self.tender, now=self.tender.signup_ends_at)
        self.tender.refresh_from_db()

    def open(self, now: datetime | None = None) -> list[SealedOffer]:
        return open_offers(tender=self.tender, now=now or self.tender.selection_at)

    def replace_content(self, place: int, **changes) -> None:
        """Put another content into a row, sealed as the service itself would."""
        offer, bidder = self.offers[place], self.bidders[place]
        given = {"amount_fen": AMOUNTS[place], "discount_points": None, "nonce": "a" * 64} | changes
        bound = context(tender=self.tender.number, bidder=bidder.label, number=offer.number, part="price")
        sealed = seal(self.tender.offer_box.public_key, Content(**given).packed(), bound)
        SealedOffer.objects.filter(pk=offer.pk).update(sealed=sealed)

    def reason(self, place: int) -> str:
        offer = SealedOffer.objects.get(pk=self.offers[place].pk)
        assert offer.status == OfferStatus.INVALID
        assert (offer.amount_fen, offer.nonce) == (None, "")
        return offer.reason


class Scene:
    """Hold an open auction, its firms' sign-ups, and the people of each."""

    def __init__(self, firms=2, ended=False, **terms):
        began = clock.now() - timedelta(minutes=80 if ended else 45)
        self.tender = make_tender(now=began, **terms)
        signed = began + timedelta(minutes=1)
        self.bidders = [make_bidder(tender=self.tender, now=signed) for _number in range(firms)]
        self.auction = open_auction(auction=self.tender.auction, now=self.tender.selection_at)
        self.tender.refresh_from_db()
        self.agents = [agent_of(bidder.organization) for bidder in self.bidders]
        self.owner = agent_of(self.tender.buyer)
        self.room = f"/auctions/{self.tender.number}/"

    def names(self):
        return [bidder.organization.name for bidder in self.bidders]


@pytest.fixture
def scene(db):
    return Scene()
