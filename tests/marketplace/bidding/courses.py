"""Auctions led through their course by actions, each with much in it."""

from __future__ import annotations

import json
from datetime import timedelta

from marketplace.bidding.actions import (
    close_auction,
    confirm_void,
    open_auction,
    pause_auction,
    request_void,
    resume_auction,
    set_proxy,
)
from marketplace.bidding.actions.turns import start_due_round
from marketplace.bidding.export import auction_log
from marketplace.bidding.models import Auction, Bid
from marketplace.core.events import digest
from marketplace.core.models import Event
from tests.factories.accounts import make_admin
from tests.factories.bidding import agent_of, bid, make_bidder
from tests.factories.tenders import make_tender

REASON = "设备检修，临时暂停"


class Course:
    """Hold an auction that is led through its course by actions, and count its seconds."""

    def __init__(self, firms=3, **terms):
        self.tender = make_tender(**terms)
        self.bidders = [make_bidder(tender=self.tender) for _number in range(firms)]
        self.auction = open_auction(auction=self.tender.auction, now=self.tender.selection_at)
        self.staff, self.second = make_admin(), make_admin()

    def at(self, seconds):
        return self.tender.selection_at + timedelta(seconds=seconds)

    def before_end(self, seconds):
        return Auction.objects.get(pk=self.auction.pk).ends_at - timedelta(seconds=seconds)

    def bid(self, who, amount, now):
        return bid(self.auction, self.bidders[who], amount, now)

    def close(self):
        ended = Auction.objects.get(pk=self.auction.pk).ends_at
        self.auction = close_auction(auction=self.auction, now=ended)
        return self.auction

    def log(self, **how):
        return json.loads(json.dumps(auction_log(self.auction, **how)))


def played():
    """Play an open auction with everything in it: a limit, a void, a pause, two extensions."""
    course = Course()
    course.bid(0, 9_500_000, course.at(10))
    limit = {"limit_fen": 9_000_000, "key": "limit", "by": agent_of(course.bidders[1].organization)}
    set_proxy(auction=course.auction, organization=course.bidders[1].organization, now=course.at(20), **limit)
    course.bid(2, 9_200_000, course.at(30))
    pause_auction(auction=course.auction, reason=REASON, by=course.staff, now=course.at(40))
    resume_auction(auction=course.auction, reason=REASON, by=course.staff, now=course.at(100))
    low = course.bid(0, 8_000_000, course.before_end(60))
    request_void(bid=low, reason="金额少写一位", by=course.staff, now=course.before_end(30))
    void = getattr(low, "void", None) or Bid.objects.get(pk=low.pk).void
    if void.confirmed_at is None:
        confirm_void(void=void, by=course.second, now=course.before_end(20))
    course.bid(2, 8_900_000, course.before_end(10))
    return course


def by_rank():
    course = Course(auction_mode="rank")
    for who, amount, seconds in ((0, 9_500_000, 10), (1, 9_600_000, 20), (2, 9_000_000, 30), (1, 9_400_000, 40)):
        course.bid(who, amount, course.at(seconds))
    course.bid(0, 8_900_000, course.before_end(5))
    return course


def by_turns():
    course = Course(auction_mode="turns")
    for number in (1, 2, 3):
        turn = timedelta(seconds=120 * number + 360 * (number - 1))
        start_due_round(auction=course.auction, now=course.tender.selection_at + turn)
        auction = Auction.objects.get(pk=course.auction.pk)
        label = auction.order[0]
        (who,) = [place for place, bidder in enumerate(course.bidders) if bidder.label == label]
        course.bid(who, 9_900_000 - 100_000 * number, course.tender.selection_at + turn + timedelta(seconds=5))
    return course


def as_of_old(course):
    """Bring an auction to what databases from before the modes hold: an opening with few terms, bids with their actor."""
    process = course.tender.process
    previous = ""
    for event in Event.objects.filter(process=process).order_by("number"):
        if event.name == "auction_opened":
            event.data = {key: event.data[key] for key in ("ceiling_fen", "ends_at")}
        if event.name == "bid_placed":
            del event.data["kind"]
            event.actor_id = agent_of(course.bidders[0].organization).pk
        event.previous_hash = previous
        event.hash = previous = digest(event)
        event.save()
    type(process).objects.filter(pk=process.pk).update(head_hash=previous)
