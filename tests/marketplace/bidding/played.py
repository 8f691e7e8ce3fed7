"""Auctions led through their course by actions, each with much in it, up to just before their end."""

from __future__ import annotations

import json

from marketplace.bidding.actions import confirm_void, pause_auction, request_void, resume_auction, set_proxy
from marketplace.bidding.export import auction_log
from marketplace.bidding.models import Auction, BidVoid
from marketplace.core.events import digest
from marketplace.core.models import Event
from tests.factories.accounts import make_admin
from tests.factories.bidding import agent_of
from tests.marketplace.bidding.course import Course

REASON = "设备检修，临时暂停"


def log_of(course, **how):
    """Return the log as whoever downloads it reads it."""
    return json.loads(json.dumps(auction_log(course.auction, **how)))


def finish(course) -> Auction:
    """Let the auction's time pass and return it as it ended."""
    course.now = course.auction.ends_at
    course.advance()
    return course.auction


def until(course, seconds):
    """Go to so many seconds before the end as it is now."""
    course.now = course.auction.ends_at
    return course.pass_time(seconds=-seconds)


def leave_limit(course, place, limit_fen):
    organization = course.bidders[place].organization
    who = {"organization": organization, "by": agent_of(organization)}
    return set_proxy(auction=course.auction, limit_fen=limit_fen, key=f"limit-{limit_fen}", now=course.now, **who)


def pause(course, **length):
    """Pause the auction for a while."""
    operator = make_admin()
    pause_auction(auction=course.auction, reason=REASON, by=operator, now=course.now)
    resume_auction(auction=course.auction, reason=REASON, by=operator, now=course.pass_time(**length))


def in_the_open():
    """Play an open auction: a limit that answers, a pause, a bid declared void by two, extensions."""
    course = Course(rules={"void_by_two": {"fiscal": True, "state": True, "social": True}})
    course.pass_time(seconds=10)
    course.place(0, 9_500_000)
    leave_limit(course, 1, 9_000_000)
    course.pass_time(seconds=10)
    course.place(2, 9_200_000)
    pause(course, seconds=60)
    until(course, 60)
    low = course.place(0, 8_000_000)
    request_void(bid=low, reason="金额少写一位", by=make_admin(), now=course.pass_time(seconds=5))
    confirm_void(void=BidVoid.objects.get(bid=low), by=make_admin(), now=course.pass_time(seconds=5))
    until(course, 10)
    course.place(2, 8_900_000)
    return course


def by_rank():
    """Play an auction by ranks: bids from behind, and one that moves the end."""
    course = Course(auction_mode="rank")
    for place, amount in ((0, 9_500_000), (1, 9_600_000), (2, 9_000_000), (1, 9_400_000)):
        course.pass_time(seconds=10)
        course.place(place, amount)
    until(course, 5)
    course.place(0, 8_900_000)
    return course


def by_turns():
    """Play three rounds in which the first firm of each bids, with a pause of the operator's in the last."""
    course = Course(auction_mode="turns")
    for number in (1, 2, 3):
        course.now = course.auction.turns_from
        course.pass_time(seconds=120 * number + 360 * (number - 1))
        course.advance()
        first = course.auction.order[0]
        (place,) = [place for place in range(3) if course.label(place) == first]
        course.pass_time(seconds=5)
        course.place(place, 9_900_000 - 100_000 * number)
    pause(course, seconds=90)
    return course


def with_first_offers():
    """Play an auction that begins with sealed offers, two of them equal; who handed in none may not bid."""
    course = Course(firms=4, rules={"sealed_first": True}, offers=(9_000_000, 9_500_000, 9_000_000))
    course.pass_time(seconds=10)
    course.place(1, 8_900_000)
    return course


def upwards():
    """Play a sale of rights in which the leader may better itself."""
    rules = {"directions": ["down", "up"], "leader_may_improve": True}
    course = Course(rules=rules, auction_direction="up", floor_fen=None)
    for place, amount in ((0, 10_000_000), (1, 10_500_000), (1, 10_900_000)):
        course.pass_time(seconds=10)
        course.place(place, amount)
    leave_limit(course, 2, 12_000_000)
    return course


PLAYS = [in_the_open, by_rank, by_turns, with_first_offers, upwards]


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
