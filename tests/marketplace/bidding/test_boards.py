"""What the room's page says to whom, in each mode; the replay of a finished auction, and the exercise."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from marketplace.bidding.actions import close_auction
from marketplace.bidding.models import Auction
from marketplace.bidding.room import milliseconds, snapshot
from marketplace.bidding.views import boards
from marketplace.core import clock
from tests.factories.accounts import make_user
from tests.factories.bidding import bid
from tests.marketplace.bidding.conftest import Scene

pytestmark = pytest.mark.django_db


def state_of(page: str, name: str = "room-state") -> dict:
    found = re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def ended() -> Scene:
    scene = Scene(ended=True)
    auction = scene.auction
    bid(auction, scene.bidders[0], 9_900_000, auction.opens_at + timedelta(minutes=1))
    bid(auction, scene.bidders[1], 9_800_000, auction.ends_at - timedelta(seconds=10))
    auction.refresh_from_db()
    close_auction(auction=auction, now=auction.ends_at)
    return scene


def as_mode(monkeypatch, **changes):
    """Let the snapshot say what an engine of that mode says; frames say nothing."""

    def told(auction, kind):
        return snapshot(auction, kind) | changes

    monkeypatch.setattr(boards, "snapshot", told)
    monkeypatch.setattr(boards, "frames_after", lambda *_given: [])


def test_the_page_says_whose_view_it_is(client, scene):
    assert "您以公众身份观看" in client.get(scene.room).content.decode()
    client.force_login(scene.owner)
    assert "您以业主身份观看，不能报价。" in client.get(scene.room).content.decode()
    client.force_login(scene.agents[0])
    page = client.get(scene.room).content.decode()
    assert f"您是{scene.bidders[0].label}，可以报价。" in page
    client.force_login(make_user(is_staff=True))
    page = client.get(scene.room).content.decode()
    assert "您以工作人员身份观看，不能报价。" in page
    assert 'name="amount"' not in page


def test_the_field_holds_the_next_legal_price(client, scene):
    client.force_login(scene.agents[0])
    assert 'value="100,000.00" data-auto' in client.get(scene.room).content.decode()
    bid(scene.auction, scene.bidders[1], 9_000_000, clock.now())
    assert 'value="89,500.00" data-auto' in client.get(scene.room).content.decode()


def test_a_chart_looks_back_on_what_the_viewer_may_hear(client, scene):
    bid(scene.auction, scene.bidders[0], 9_000_000, clock.now())
    history = state_of(client.get(scene.room).content.decode())["history"]
    assert [frame["e"] for frame in history] == ["open", "bid"]
    assert history[1]["price"] == 9_000_000
    assert not {"user", "key", "h"} & set(history[1])


def test_in_a_rank_auction_a_firm_finds_its_own_bids_and_no_others(client, db):
    scene = Scene(auction_mode="rank")
    bid(scene.auction, scene.bidders[0], 9_600_000, clock.now())
    bid(scene.auction, scene.bidders[1], 9_123_400, clock.now())
    client.force_login(scene.agents[0])
    page = client.get(scene.room).content.decode()
    assert "91,234.00" not in page
    assert "9123400" not in page
    assert "只看得到自己的名次和报价" in page
    assert "自己的报价 96,000.00 元" in page
    assert state_of(page)["ownBids"] == [{"seq": 1, "price": 9_600_000}]
    assert 'value="95,500.00" data-auto' in page  # one step better than its own
    client.logout()
    page = client.get(scene.room).content.decode()
    assert "96,000.00" not in page
    assert "已报价 2 次，报价和名次在结束后公开。" in page


def test_in_turns_who_must_wait_reads_why(client, scene, monkeypatch):
    now = milliseconds(clock.now())
    turns = [
        {"label": scene.bidders[1].label, "from": now - 1_000, "to": now + 60_000},
        {"label": scene.bidders[0].label, "from": now + 60_000, "to": now + 120_000},
    ]
    as_mode(monkeypatch, mode="turns", round=2, turns=turns)
    client.force_login(scene.agents[0])
    page = client.get(scene.room).content.decode()
    assert "第 2 轮" in page
    assert "还没轮到您" in page
    assert "data-room-lock disabled>" in page
    client.force_login(scene.agents[1])
    assert "data-room-lock>" in client.get(scene.room).content.decode()


def test_a_paused_room_is_closed_and_says_what_it_means(client, scene, monkeypatch):
    as_mode(monkeypatch, status="paused")
    client.force_login(scene.agents[0])
    page = client.get(scene.room).content.decode()
    assert "恢复后会补足暂停的时间" in page
    assert "data-room-lock disabled>" in page
    assert "已暂停" in page


def test_where_prices_rise_the_words_do(client, scene, monkeypatch):
    bid(scene.auction, scene.bidders[0], 9_000_000, clock.now())
    as_mode(monkeypatch, direction="up", price=11_000_000, next=11_050_000)
    page = client.get(scene.room).content.decode()
    assert "当前最高价" in page
    assert "比起始价高 10,000.00 元" in page
    assert "最高者为中选候选人" in page
    assert "最高限价" not in page.split('<template id="room-words">')[0]


def test_a_running_auction_has_no_replay(client, scene):
    answer = client.get(scene.room + "replay/")
    assert (answer.status_code, answer.url) == (302, scene.room)


def test_a_replay_holds_every_bid_and_no_name_before_the_award(client, db):
    scene = ended()
    assert scene.room + "replay/" in client.get(scene.room).content.decode()
    page = client.get(scene.room + "replay/").content.decode()
    told = state_of(page, "replay-state")
    assert [row["price"] for row in told["bids"]] == [9_900_000, 9_800_000]
    assert [frame["e"] for frame in told["history"]] == ["open", "bid", "bid", "close"]
    assert told["history"][2]["extended"] is True
    assert page.count("data-seq=") == 2  # the plain list, for those without scripts
    auction = Auction.objects.get(pk=scene.auction.pk)
    if not auction.tender.disclosed_at:
        assert not [name for name in scene.names() if escape(name) in page]


def test_the_exercise_is_for_everybody_and_writes_nothing(client, db):
    with CaptureQueriesContext(connection) as queries:
        page = client.get("/auctions/practice/").content.decode()
    assert all(query["sql"].startswith("SELECT") for query in queries.captured_queries)
    assert "模拟竞价需要 JavaScript" in page
    assert 'method="dialog"' in page  # the form has nowhere to go
    assert state_of(page, "practice-terms")["seconds"] == 60
    assert client.post("/auctions/practice/").status_code == 405
    assert "/auctions/practice/" in client.get("/auctions/").content.decode()
