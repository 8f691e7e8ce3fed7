"""An auction under rules of one's own, played by hand along a clock that the test holds."""

from __future__ import annotations

import itertools
from datetime import timedelta

from marketplace.bidding.actions import advance_auction, open_auction, place_bid
from marketplace.bidding.models import Auction, Bid
from marketplace.core import clock
from marketplace.tenders.models import Method, RuleSet, Tender
from tests.factories.bidding import agent_of, make_bidder, make_offer
from tests.factories.tenders import make_tender

_versions, _keys = itertools.count(100), itertools.count(1)


def set_rules(**changes):
    """Let the rules of live bidding say something else from now on."""
    long_ago = clock.now() - timedelta(days=365)
    RuleSet.objects.create(method=Method.LIVE_AUCTION, version=next(_versions), data=changes, since=long_ago)


class Course:
    """Hold an auction that has just opened at `now`; `terms` are the need's, `rules` the rules' settings that differ."""

    def __init__(self, firms=3, rules=None, offers=(), is_open=True, **terms):
        set_rules(**{"minimum_bidders": {"fiscal": 2, "state": 2, "social": 2}, **(rules or {})})
        self.tender = make_tender(**terms)
        self.bidders = [make_bidder(tender=self.tender) for _number in range(firms)]
        for bidder, amount in zip(self.bidders, offers, strict=False):
            if amount:
                make_offer(bidder=bidder, amount_fen=amount)
        self.now = self.tender.auction.opens_at
        if is_open:
            open_auction(auction=self.auction, now=self.now)

    @property
    def auction(self) -> Auction:
        return Auction.objects.select_related("tender__process", "leader").get(tender=self.tender)

    def label(self, place):
        return self.bidders[place].label

    def pass_time(self, **length):
        self.now += timedelta(**length)
        return self.now

    def place(self, place, amount_fen, key="", **more) -> Bid:
        """Let the firm in `place` bid now."""
        organization = self.bidders[place].organization
        return place_bid(
            auction=self.auction,
            organization=organization,
            amount_fen=amount_fen,
            key=key or f"key-{next(_keys)}",
            by=agent_of(organization),
            now=self.now,
            **more,
        )

    def advance(self):
        return advance_auction(auction=self.auction, now=self.now)

    def events(self, *names):
        found = self.tender.process.events.order_by("number")
        return [event.data for event in (found.filter(name__in=names) if names else found)]

    def status(self):
        return Tender.objects.get(pk=self.tender.pk).status
