"""The robots play every way to select a firm, and join what visitors post."""

import random
from datetime import timedelta

import pytest

from marketplace.awards.models import Award, Selection
from marketplace.awards.queries import finished_selections, replay
from marketplace.catalog.actions import load_catalog
from marketplace.core import clock
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
