"""The bid form of the room follows the price: closed to who leads, open again when outbid, no words of an old price."""

import pytest
from playwright.sync_api import Page, expect

from tests.factories.accounts import PASSWORD

SCENE = """
from datetime import timedelta
from marketplace.bidding.actions import open_auction
from marketplace.core import clock
from tests.factories.bidding import agent_of, make_bidder
from tests.factories.tenders import make_tender
began = clock.now() - timedelta(minutes=45)
tender = make_tender(now=began)
bidders = [make_bidder(tender=tender, now=began + timedelta(minutes=1)) for _number in range(2)]
open_auction(auction=tender.auction, now=tender.selection_at)
answer = [f"/auctions/{tender.number}/", *(agent_of(bidder.organization).username for bidder in bidders)]
"""
WHY = "目前最低价就是您的报价，不用再报。"


@pytest.fixture(scope="module")
def scene(demo_server):
    return demo_server.python(SCENE)


def enter(page: Page, room: str, username: str) -> Page:
    page.goto(f"/account/sign-in/?next={room}")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="登录").click()
    page.wait_for_url(f"**{room}")
    return page


def bid(page: Page, amount: str) -> None:
    page.get_by_label("您的报价").fill(amount)
    page.get_by_role("button", name="报价", exact=True).click()


def test_the_form_follows_the_price(new_page, scene):
    room, *people = scene
    first, second = (enter(new_page(), room, username) for username in people)
    for page in (first, second):
        expect(page.locator("[data-room-connection]")).to_contain_text("已连接")
    bid(first, "95000")
    expect(first.locator("[data-room-why]")).to_contain_text(WHY)
    expect(first.get_by_label("您的报价")).to_be_disabled()
    expect(first.get_by_role("button", name="报价", exact=True)).to_be_disabled()
    expect(first.locator("[data-room-why]")).to_be_focused()  # whoever types does not lose the place
    # A refusal that the price decides goes when the price changes; whoever is outbid may bid again.
    bid(second, "94999")
    expect(second.locator("[data-room-field-error]")).to_contain_text("您的报价最高为 94,500.00 元")
    bid(second, "94000")
    expect(second.locator("[data-room-why]")).to_contain_text(WHY)
    expect(first.get_by_label("您的报价")).to_be_enabled()
    expect(first.get_by_label("您的报价")).to_be_focused()
    expect(first.locator("[data-room-why]")).to_be_hidden()
    bid(first, "93999")
    expect(first.locator("[data-room-field-error]")).to_contain_text("您的报价最高为 93,500.00 元")
    third = enter(new_page(phone=True, javascript=False), room, people[1])
    expect(third.locator("body")).to_contain_text(WHY)
    expect(third.locator("input[name=amount]")).to_be_disabled()
    other = enter(new_page(phone=True), room, people[0])
    bid(other, "93000")
    expect(first.locator("[data-room-field-error]")).to_be_empty()
    expect(first.get_by_label("您的报价")).not_to_have_attribute("aria-invalid", "true")
    third.reload()
    expect(third.locator("input[name=amount]")).to_be_enabled()
