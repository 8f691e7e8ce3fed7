"""Bidding with the keyboard alone: the next legal price stands in the field, a slip is asked about, no key gets in the way."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.room_stage import Stage
from tests.browser.test_room import SCENE, enter
from tests.browser.test_room_modes import NOTHING, amount


@pytest.fixture(scope="module")
def scene(demo_server):
    return demo_server.python(SCENE + "\nanswer += [bidder.label for bidder in bidders]")


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()")


def test_a_firm_bids_confirms_and_cancels_without_a_mouse(new_page, scene):
    page = enter(new_page(), scene[0], scene[1])
    expect(page.locator("[data-room-connection]")).to_contain_text("已连接")
    expect(amount(page)).to_have_value("100,000.00")
    page.keyboard.press("b")
    assert focused(page) == "amount"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none" or page.evaluate(
        "document.activeElement.matches(':focus-visible')"
    )
    # While one types, B is a letter; the field was selected, so typing replaces what stood in it.
    page.keyboard.type("b5")
    expect(amount(page)).to_have_value("b5")
    page.keyboard.press("Control+A")
    page.keyboard.type("50000")
    expect(page.locator("[data-room-capitals]")).to_have_text("伍万元整")
    page.keyboard.press("Enter")
    sure = page.locator("[data-room-confirm]")
    expect(sure).to_contain_text("50,000.00 元（伍万元整）与目前价格相差很大")
    assert focused(page) == "确认按 50,000.00 元报价"
    page.keyboard.press("Escape")
    expect(sure).to_be_hidden()
    expect(page.locator("[data-room-answer]")).to_have_text("已取消，没有报价。")
    assert focused(page) == "amount"
    page.keyboard.press("Enter")
    expect(sure).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("[data-room-answer]")).to_have_text("您的报价 50,000.00 元已受理，是第 1 次报价。")
    page.keyboard.press("b")  # the form is closed now: the key leads to the reason
    expect(page.locator("[data-room-why]")).to_be_focused()
    # Every control of the room can be reached with the tab key.
    seen = set()
    for _step in range(60):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.getAttribute('name') ?? document.activeElement.className"))
    assert {"announce", "room-ladder-scroll", "room-announcements-list"} <= seen


def test_the_key_can_be_switched_off_and_stays_off(new_page, scene):
    page = enter(new_page(), scene[0], scene[2])
    page.get_by_label("快捷键 B").uncheck()
    page.reload()
    expect(page.get_by_label("快捷键 B")).not_to_be_checked()
    page.keyboard.press("b")
    assert focused(page) != "amount"


def test_sound_is_off_until_asked_for_and_then_remembered(new_page, scene):
    page = new_page()
    page.add_init_script(
        """window.tones = 0; const make = AudioContext.prototype.createOscillator;
        AudioContext.prototype.createOscillator = function () { window.tones += 1; return make.call(this); };"""
    )
    enter(page, scene[0], scene[1])
    stage = Stage(page, scene[0], NOTHING, own=scene[3])
    lose = [{"seq": 1, "label": scene[3], "price": 9_900_000}, {"seq": 2, "label": scene[4], "price": 9_800_000}]
    for bid in lose:
        stage.happen("bid", **bid)
    expect(page.locator("[data-room-price]")).to_contain_text("98,000.00")
    assert page.evaluate("window.tones") == 0
    page.get_by_label("声音提示").check()
    assert page.evaluate("window.tones") == 1  # so that one hears what one has chosen
    stage.happen("bid", seq=3, label=scene[3], price=9_700_000)
    stage.happen("bid", seq=4, label=scene[4], price=9_600_000)
    expect(page.locator("[data-room-price]")).to_contain_text("96,000.00")
    assert page.evaluate("window.tones") > 2
    page.reload()
    expect(page.get_by_label("声音提示")).to_be_checked()


def test_a_price_that_changes_under_the_finger_is_not_bid(new_page, scene):
    page = new_page()
    enter(page, scene[0], scene[1])
    stage = Stage(page, scene[0], NOTHING, own=scene[3])
    expect(page.locator("[data-room-connection]")).to_contain_text("已连接")
    stage.answers.append(lambda given: {"ack": given["key"], "seq": 2, "n": stage.n, "amount_fen": given["amount_fen"]})
    page.evaluate(
        """() => new MutationObserver(() => document.querySelector("[data-room-button]").click()).observe(
          document.querySelector("[data-room-next] .money"), { characterData: true, childList: true, subtree: true })"""
    )
    stage.happen("bid", seq=1, label=scene[4], price=9_000_000)
    expect(page.locator("[data-room-answer]")).to_contain_text("价格刚刚变化，金额已改为 89,500.00 元")
    assert not stage.bids()
    page.wait_for_timeout(1_000)
    page.get_by_role("button", name="报价", exact=True).click()
    expect(page.locator("[data-room-answer]")).to_contain_text("已受理")
    assert [given["amount_fen"] for given in stage.bids()] == [8_950_000]
    # What a person typed is never replaced.
    amount(page).fill("80000")
    stage.happen("bid", seq=3, label=scene[4], price=8_800_000)
    expect(page.locator("[data-room-price]")).to_contain_text("88,000.00")
    expect(amount(page)).to_have_value("80000")


def test_elder_mode_fits_and_shows_the_whole_form(new_page, scene):
    page = new_page(phone=True)
    page.goto("/auctions/")
    page.context.add_cookies([{"name": "elder", "value": "1", "url": page.url}])
    enter(page, scene[0], scene[2])
    Stage(page, scene[0], NOTHING | {"extensions": 2}, own=scene[4])
    expect(page.locator("[data-room-connection]")).to_contain_text("已连接")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('[data-room-button]')).fontSize)") >= 24
    expect(page.locator("[data-room-steps]")).to_be_visible()
