"""The practice auction: a minute against robots in the page alone, with the live room's rules, and what to do better."""

import itertools

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_room_modes import amount


def started(page: Page) -> Page:
    page.clock.install()
    page.goto("/auctions/practice/")
    page.get_by_role("button", name="开始练习").click()
    return page


def bid(page: Page) -> None:
    page.clock.run_for(1_000)  # longer than the moment in which a changed amount is not sent
    page.get_by_role("button", name="报价", exact=True).click()


def test_a_minute_against_robots_sends_nothing_and_ends_with_advice(new_page):
    page = new_page()
    started(page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    expect(page.locator("[data-room-phase]")).to_contain_text("竞价中")
    expect(page.locator("main")).to_contain_text("不发送、不记录")
    expect(amount(page)).to_have_value("30,000.00")
    bid(page)
    expect(page.locator("[data-room-answer]")).to_contain_text("已受理")
    expect(page.locator("[data-room-standing]")).to_have_text("目前最低价是您的报价。")
    expect(amount(page)).to_be_disabled()
    page.clock.run_for(20_000)
    expect(page.locator("[data-room-ladder] tr").first).to_contain_text("机器人")
    expect(page.locator("[data-room-standing]")).to_contain_text("您上次报")
    expect(amount(page)).to_be_enabled()
    page.clock.run_for(75_000)  # a minute and as many extensions as there may be
    result = page.locator("[data-practice-result]")
    expect(result).to_be_focused()
    expect(result).to_contain_text("练习结束：别家报价最低")
    expect(result.locator("li").first).to_be_visible()
    expect(page.locator("[data-room-phase]")).to_contain_text("已结束")
    assert not sent
    # Again: everything begins anew.
    page.get_by_role("button", name="再练一次").click()
    expect(result).to_be_hidden()
    expect(page.locator("[data-room-nothing]")).to_be_visible()
    expect(amount(page)).to_have_value("30,000.00")
    bid(page)
    expect(page.locator("[data-room-answer]")).to_contain_text("是第 1 次报价")


def test_the_rules_are_those_of_the_room(new_page):
    page = started(new_page())
    page.clock.run_for(500)
    for typed, words in (("30000.01", "报价不能高于最高限价 30,000.00 元。"), ("abc", "请填写金额")):
        amount(page).fill(typed)
        page.get_by_role("button", name="报价", exact=True).click()
        expect(page.locator("[data-room-field-error]")).to_contain_text(words)
    amount(page).fill("20000")
    page.keyboard.press("Enter")
    expect(page.locator("[data-room-confirm]")).to_contain_text("20,000.00 元（贰万元整）与目前价格相差很大")
    page.keyboard.press("Enter")
    expect(page.locator("[data-room-answer]")).to_contain_text("您的报价 20,000.00 元已受理")
    page.clock.run_for(65_000)  # below every robot's limit: nobody answers
    result = page.locator("[data-practice-result]")
    expect(result).to_contain_text("练习结束：您报价最低")
    expect(result).to_contain_text("您亏 1,500.00 元")
    expect(result).to_contain_text("报到了成本以下")


def test_a_late_bid_moves_the_end_and_robots_keep_to_step_and_limit(new_page):
    page = started(new_page())
    page.clock.run_for(95_000)
    rows = page.locator("[data-room-ladder] tr[data-seq] .money").all_text_contents()
    prices = [round(float(text.lstrip("¥").replace(",", "")) * 100) for text in rows]
    assert len(prices) > 8
    assert all(later <= earlier - 20_000 for later, earlier in itertools.pairwise(prices))
    assert min(prices) >= 2_040_000 - 20_000
    expect(page.locator("[data-practice-result]")).to_contain_text("您没有报价")
    expect(page.locator("[data-practice-result]")).to_contain_text("结束时间延长了")


@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_and_is_found(new_page, width):
    page = new_page()
    page.set_viewport_size({"width": width, "height": 760})
    page.goto("/auctions/")
    page.get_by_role("link", name="先用 60 秒模拟一场").click()
    page.wait_for_url("**/auctions/practice/")
    page.get_by_role("button", name="开始练习").click()
    expect(page.locator("[data-room-phase]")).to_contain_text("竞价中")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_scripts_a_sentence_says_what_it_needs(new_page):
    page = new_page(javascript=False)
    page.goto("/auctions/practice/")
    expect(page.get_by_text("模拟竞价需要 JavaScript")).to_be_visible()
    expect(page.get_by_role("button", name="开始练习")).to_be_hidden()
    expect(page.locator("input[name=amount]")).to_be_hidden()
