"""The replay of a finished auction: step by step price, list and clock as they stood, with the keyboard and without scripts."""

import re

import pytest
from playwright.sync_api import expect

ENDED = """
from datetime import timedelta
from marketplace.bidding.actions import close_auction, open_auction
from marketplace.core import clock
from tests.factories.bidding import bid, make_bidder
from tests.factories.tenders import make_tender
began = clock.now() - timedelta(minutes=120)
tender = make_tender(now=began)
bidders = [make_bidder(tender=tender, now=began + timedelta(minutes=1)) for _number in range(3)]
auction = open_auction(auction=tender.auction, now=tender.selection_at)
start, end = auction.opens_at, auction.ends_at
for place, (amount, at) in enumerate([(9_900_000, start + timedelta(minutes=1)), (9_800_000, start + timedelta(minutes=2)),
                                      (9_000_000, end - timedelta(seconds=30)), (8_900_000, end + timedelta(seconds=20))]):
    bid(auction, bidders[place % 3], amount, at)
auction.refresh_from_db()
close_auction(auction=auction, now=auction.ends_at)
answer = {"number": tender.number, "labels": [bidder.label for bidder in bidders]}
"""


@pytest.fixture(scope="module")
def ended(demo_server):
    return demo_server.python(ENDED)


def test_every_step_shows_what_stood_then(new_page, ended):
    page = new_page()
    page.goto(f"/auctions/{ended['number']}/")
    page.get_by_role("link", name="看回放").click()
    page.wait_for_url("**/replay/")
    slider, price, rows = (
        page.locator("[data-replay-slider]"),
        page.locator("[data-room-price]"),
        page.locator("[data-room-ladder] tr[data-seq]"),
    )
    expect(slider).to_have_value("6")  # before, opened, four bids, closed
    expect(price).to_contain_text("89,000.00")
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator("[data-room-phase]")).to_contain_text("未开始")
    expect(rows).to_have_count(0)
    expect(page.locator("[data-room-price-label]")).to_have_text("最高限价，等待首次报价")
    for _step in range(2):
        page.keyboard.press("ArrowRight")
    expect(price).to_contain_text("99,000.00")
    expect(rows).to_have_count(1)
    expect(page.locator("[data-room-left]")).to_have_text("29:00")
    expect(slider).to_have_attribute(
        "aria-valuetext", re.compile("第 2 步，共 6 步。.*报价 99,000.00 元，是第 1 次报价")
    )
    expect(page.locator("[data-room-clock]")).not_to_have_class(re.compile("is-extended"))
    for _step in range(2):
        page.keyboard.press("ArrowRight")
    expect(page.locator("[data-room-left]")).to_have_text("02:00")  # the bid moved the end
    expect(page.locator("[data-room-clock]")).to_have_attribute("data-extended", re.compile("第 1 次"))
    expect(page.locator("[data-replay-step]")).to_contain_text("结束时间延长至")
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="下一步").click()
    expect(page.locator("[data-room-phase]")).to_contain_text("已结束")
    expect(page.get_by_role("button", name="下一步")).to_be_disabled()
    expect(page.locator(".chart-moved")).to_have_count(2)
    page.get_by_role("button", name="上一步").click()
    expect(page.locator("[data-room-standing]")).to_contain_text("目前报价最低")


def test_it_plays_by_itself_and_stops_at_the_end(new_page, ended):
    page = new_page(phone=True)
    page.goto(f"/auctions/{ended['number']}/replay/")
    page.get_by_label("速度").select_option("300")
    page.get_by_role("button", name="重新播放").click()
    expect(page.get_by_role("button", name="暂停")).to_be_visible()
    expect(page.locator("[data-replay-slider]")).to_have_value("6")
    expect(page.get_by_role("button", name="重新播放")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_scripts_the_whole_list_stands_there(new_page, ended):
    page = new_page(javascript=False)
    page.goto(f"/auctions/{ended['number']}/replay/")
    expect(page.locator("[data-room-ladder] tr")).to_have_count(4)
    expect(page.locator("[data-replay]")).to_be_hidden()
    expect(page.get_by_text("逐步回放需要 JavaScript")).to_be_visible()
    expect(page.locator("[data-room-standing]")).to_contain_text("竞价已结束，最低报价 89,000.00 元")
