"""The minutes before an auction: firms are told, look at clock and rules, and say that they are ready (rule R10)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.accounts.models import Message
from marketplace.bidding.actions import mark_ready, open_auction, schedule_auction, withdraw_sign_up
from marketplace.bidding.handlers import call
from marketplace.bidding.models import Auction
from marketplace.bidding.room import encode, frames_after, snapshot
from marketplace.core import clock
from marketplace.core.models import Event
from marketplace.core.refusals import Forbidden, Refused
from tests.factories.bidding import agent_of, bid, make_bidder
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db


@pytest.fixture
def tender():
    """Give a need whose auction opens in three minutes."""
    tender = make_tender(now=clock.now() - timedelta(minutes=40))
    opens = clock.now() + timedelta(minutes=3)
    Auction.objects.filter(tender=tender).update(opens_at=opens)
    for _number in range(2):
        make_bidder(tender=tender, now=tender.published_at + timedelta(minutes=1))
    tender.refresh_from_db()
    return tender


def ready(bidder, **values):
    auction = bidder.tender.auction
    return mark_ready(
        auction=auction, organization=bidder.organization, **{"by": agent_of(bidder.organization), **values}
    )


def test_a_firm_says_that_it_is_ready_once_and_nobody_learns_which(tender):
    first, second = tender.bidders.order_by("pk")
    assert ready(first).ready_at is not None
    ready(first)
    ready(second)
    events = Event.objects.filter(process=tender.process, name="bidder_ready").order_by("number")
    assert [event.data for event in events] == [{"ready": 1, "bidders": 2}, {"ready": 2, "bidders": 2}]
    assert {(event.actor_id, event.organization_id) for event in events} == {(None, None)}
    frames = [frame for frame in frames_after(tender.process_id, 0) if frame["e"] == "ready"]
    assert [(frame["ready"], "t" in frame) for frame in frames] == [(1, False), (2, False)]
    assert not [label for label in (first.label, second.label) if label in encode(frames)]
    assert snapshot(tender.auction)["ready"] == 2


def test_who_may_not_say_it(tender):
    bidder = tender.bidders.order_by("pk")[0]
    stranger = make_bidder(tender=make_tender())
    with pytest.raises(Forbidden, match="报名"):
        mark_ready(auction=tender.auction, organization=stranger.organization, by=agent_of(stranger.organization))
    with pytest.raises(Forbidden):
        ready(bidder, by=agent_of(stranger.organization))
    with pytest.raises(Refused) as refused:
        ready(bidder, now=tender.auction.opens_at - timedelta(minutes=6))
    assert refused.value.code == "preview_not_begun"
    auction = open_auction(auction=tender.auction, now=tender.auction.opens_at)
    with pytest.raises(Refused) as refused:
        mark_ready(auction=auction, organization=bidder.organization, by=agent_of(bidder.organization))
    assert refused.value.code == "auction_begun"


def test_the_log_says_how_many_were_ready_and_the_others_bid_all_the_same(tender):
    first, second = tender.bidders.order_by("pk")
    ready(first)
    auction = open_auction(auction=tender.auction, now=tender.auction.opens_at)
    assert Event.objects.get(process=tender.process, name="auction_opened").data["ready"] == 1
    assert bid(auction, second, 9_000_000, auction.opens_at + timedelta(seconds=1)).sequence == 1


def test_new_terms_and_a_new_sign_up_take_the_mark_back():
    tender = make_tender()
    first, second = (make_bidder(tender=tender) for _number in range(2))
    for bidder in (first, second):
        ready(bidder, now=tender.auction.opens_at - timedelta(minutes=1))
    withdraw_sign_up(bidder=first, by=agent_of(first.organization))
    assert make_bidder(tender=tender, organization=first.organization).ready_at is None
    assert snapshot(tender.auction)["ready"] == 1
    Auction.objects.filter(tender=tender).update(opens_at=tender.auction.opens_at - timedelta(minutes=2))
    schedule_auction(tender=tender, now=clock.now())  # back to the need's own hour
    assert snapshot(tender.auction)["ready"] == 0


def test_firms_are_told_once_when_the_preview_begins(tender):
    opens = tender.auction.opens_at
    assert call(opens - timedelta(minutes=5, seconds=1)) == 0
    assert call(opens - timedelta(minutes=5)) == 1
    assert call(opens - timedelta(minutes=4)) == 0
    told = Message.objects.filter(title__contains=tender.title, title__startswith="竞价将于")
    assert {message.user_id for message in told} == {agent_of(one.organization).pk for one in tender.bidders.all()}
    assert {message.url for message in told} == {tender.auction.get_absolute_url()}


def test_the_room_offers_the_mark_to_firms_before_the_start(client, tender):
    room = tender.auction.get_absolute_url()
    words = "我已核对时钟和规则"
    assert words not in client.get(room).content.decode()
    assert client.post(room + "ready/").status_code == 403
    client.force_login(agent_of(tender.bidders.order_by("pk")[0].organization))
    assert words in client.get(room).content.decode()
    answer = client.post(room + "ready/", follow=True)
    page = answer.content.decode()
    assert "您已确认就绪" in page
    assert "已有 1 家确认就绪，共 2 家" in page
    assert words not in page
    assert client.get(room + "ready/").status_code == 405
