"""The robots play every way to select a firm, and join what visitors post."""

import random
from datetime import timedelta

import pytest

from marketplace.awards.models import Award, Selection
from marketplace.awards.queries import finished_selections, replay
from marketplace.bidding.models import Auction, Bid, RefusedBid
from marketplace.catalog.actions import load_catalog
from marketplace.core import clock
from marketplace.core.models import Event
from marketplace.core.worker import run_round
from marketplace.demo.robots import OTHER, Robots
from marketplace.tenders.models import Method, Tender
from tests.factories.accounts import make_admin
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db


@pytest.fixture
def time(monkeypatch, settings):
    """Give a clock moved by hand; a working day lasts two seconds, as in a demonstration."""
    settings.WORKING_DAY_SECONDS, settings.DEMO = 2, True
    moment = [clock.now()]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    monkeypatch.setattr(clock, "database_now", lambda: moment[0])
    return moment


@pytest.fixture
def robots(time):
    make_admin()
    load_catalog(now=clock.now())
    return Robots(rng=random.Random(7))


def play(robots, time, *, seconds, until=lambda: False, step=5):
    said = []
    for _step in range(seconds // step):
        said += robots.round()
        assert -1 not in run_round(clock.now()).values()
        time[0] += timedelta(seconds=step)
        if until():
            break
    return said


def test_every_method_is_played_to_an_award_that_replays(robots, time):
    def all_chosen():
        done = set(Award.objects.filter(status="confirmed").values_list("tender__method", flat=True))
        return set(OTHER) <= done

    said = play(robots, time, seconds=3600, until=all_chosen)
    assert all_chosen(), said[-20:]
    assert [fault for selection in finished_selections() for fault in replay(selection)] == []
    assert Tender.objects.filter(method=Method.LIVE_AUCTION).exists()


def test_robots_join_the_need_of_a_visitor_and_one_of_them_wins(robots, time):
    tender = make_tender(
        method=Method.DRAW,
        now=time[0],
        signup_ends_at=time[0] + timedelta(seconds=30),
        selection_at=time[0] + timedelta(seconds=40),
    )
    play(robots, time, seconds=60)
    assert tender.bidders.count() == 3
    assert all(bidder.organization.is_robot for bidder in tender.bidders.select_related("organization"))
    assert Selection.objects.get(tender=tender).status == "decided"


def test_every_kind_of_live_auction_is_played_to_an_award_and_a_plain_one_is_always_there(robots, time):
    def ended():
        return set(
            Auction.objects.filter(status="closed", tender__buyer=robots.owner).values_list(
                "mode", "direction", "sealed_first"
            )
        )

    wanted = {("rank", "down", False), ("turns", "down", False), ("open", "down", True), ("open", "up", False)}
    said = []
    for _step in range(3600 // 5):
        said += robots.round()
        assert -1 not in run_round(clock.now()).values()
        going = Auction.objects.filter(status__in=("scheduled", "open"), mode="open", direction="down")
        assert going.filter(sealed_first=False).exists()
        time[0] += timedelta(seconds=5)
        if wanted <= ended():
            break
    assert wanted <= ended(), said[-20:]
    codes = {
        "own_not_improved",
        "not_your_turn",
        "already_leading",
        "not_low_enough",
        "not_high_enough",
        "no_first_offer",
    }
    assert [line for line in said if line.partition(": ")[2] in codes] == []
    assert not RefusedBid.objects.exists()
    for kind in ("manual", "initial", "auto"):
        assert Bid.objects.filter(kind=kind).exists(), kind
    assert [fault for selection in finished_selections() for fault in replay(selection)] == []
    assert not Event.objects.filter(name="selection_committed", process__tender__method=Method.LIVE_AUCTION).exists()


@pytest.mark.parametrize("mode", ["open", "rank", "turns"])
def test_robots_bid_in_the_auction_of_a_visitor_in_every_mode(robots, time, mode):
    tender = make_tender(
        auction_mode=mode,
        now=time[0],
        signup_ends_at=time[0] + timedelta(seconds=30),
        selection_at=time[0] + timedelta(seconds=40),
        auction_ends_at=time[0] + timedelta(seconds=240),
    )
    play(robots, time, seconds=150)
    assert len(set(Bid.objects.filter(auction__tender=tender).values_list("bidder", flat=True))) == 3
