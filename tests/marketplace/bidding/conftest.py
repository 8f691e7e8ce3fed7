"""Auctions that run now, and people who look at them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.bidding.actions import open_auction
from marketplace.core import clock
from tests.factories.bidding import agent_of, make_bidder
from tests.factories.tenders import make_tender


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
