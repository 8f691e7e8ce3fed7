"""The room in each mode, direction and moment, played by the contract of docs/realtime.md: what a firm sees and may do."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.room_stage import Stage, now_ms
from tests.browser.test_room import SCENE, bid, enter

NOTHING = {"price": None, "label": "", "seq": 0, "bids": [], "line": [], "extensions": 0}


@pytest.fixture(scope="module")
def scene(demo_server):
    labels = "\nanswer += [bidder.label for bidder in bidders]"
    return demo_server.python(SCENE + labels)


@pytest.fixture
def firm(new_page, scene):
    """Return a window of the first firm, outside the room yet."""
    page = new_page()
    enter(page, scene[0], scene[1])
    return page


def amount(page: Page):
    return page.get_by_label("您的报价", exact=False).and_(page.locator("input"))


def fits(page: Page) -> None:
    """Nothing may be wider than the window."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_in_a_rank_auction_a_firm_sees_its_rank_and_nobody_elses_price(firm, scene):
    own, rows = scene[3], [{"seq": seq, "t": now_ms() - 40_000 + 10_000 * seq} for seq in (3, 2, 1)]
    mine = [{"seq": 2, "price": 9_600_000}]
    stage = Stage(
        firm, scene[0], NOTHING | {"mode": "rank", "seq": 3, "bids": rows}, own=own, mine=9_600_000, ownBids=mine
    )
    stage.tell({"own": {"rank": 2, "of": 3, "price": 9_600_000}, "n": stage.n})
    expect(firm.locator("[data-room-rank]")).to_have_text("第 2 名")
    expect(firm.locator("[data-room-price]")).to_be_hidden()
    expect(firm.locator("[data-room-fall]")).to_have_text("您的报价 96,000.00 元")
    expect(firm.locator("[data-room-ladder] .money")).to_have_text(["¥96,000.00"])
    expect(amount(firm)).to_have_value("95,500.00")
    # Another's bid tells that it was, and the own rank what it did; the fall is said at once.
    stage.happen("bid", seq=4, ends=now_ms() + 700_000, extended=True, extensions=1)
    stage.tell({"own": {"rank": 3, "of": 3, "price": 9_600_000}, "n": stage.n})
    expect(firm.locator("[data-room-rank]")).to_have_text("第 3 名")
    expect(firm.locator("[data-room-assertive]")).to_have_text("您的名次降到第 3，共 3 家。")
    expect(firm.locator("[data-room-clock]")).to_have_attribute("data-extended", re.compile("已延长至"))
    expect(firm.locator("[data-room-ladder] tr").first).to_contain_text("结束后公开")
    # The own bid is taken: its row gets its amount, the rank comes with the next message.
    stage.answers.append(
        lambda given: {"ack": given["key"], "seq": 5, "n": stage.n + 1, "amount_fen": given["amount_fen"]}
    )
    bid(firm, "90000")
    stage.happen("bid", seq=5)
    stage.tell({"own": {"rank": 1, "of": 3, "price": 9_000_000}, "n": stage.n})
    expect(firm.locator("[data-room-standing]")).to_contain_text("您目前排第 1")
    expect(firm.locator("[data-room-ladder] tr.is-own")).to_have_count(2)
    expect(amount(firm)).to_be_enabled()  # who leads may better its own bid
    expect(amount(firm)).to_have_value("89,500.00")


def test_in_turns_the_form_opens_in_ones_own_turn_alone(firm, scene):
    own, other, now = scene[3], scene[4], now_ms()
    turns = [
        {"label": other, "from": now - 5_000, "to": now + 6_000},
        {"label": own, "from": now + 6_000, "to": now + 60_000},
    ]
    rows = [{"seq": 1, "label": own, "price": 9_800_000, "t": now - 30_000}]
    first = {"mode": "turns", "round": 2, "turns": turns, "seq": 1, "bids": rows, "price": 9_800_000, "label": own}
    stage = Stage(firm, scene[0], NOTHING | first, own=own, mine=9_800_000)
    expect(firm.locator("[data-room-round]")).to_have_text("第 2 轮")
    expect(firm.locator(".room-turn.is-now")).to_contain_text("正在报价")
    expect(firm.locator("[data-room-why]")).to_contain_text("还没轮到您")
    expect(amount(firm)).to_be_disabled()
    expect(firm.locator("[data-room-turn-left]")).to_contain_text("剩余 00:0")
    expect(amount(firm)).to_be_enabled(timeout=8_000)
    expect(firm.locator("[data-room-turn-left]")).to_contain_text("轮到您报价，剩余 00:5")
    expect(amount(firm)).to_have_value("97,500.00")
    # A bid that is worse than the best stands in the list and leaves the price.
    stage.happen("bid", seq=2, label=other, price=9_900_000)
    expect(firm.locator("[data-room-ladder] tr")).to_have_count(2)
    expect(firm.locator("[data-room-price]")).to_contain_text("98,000.00")
    later = [{"label": own, "from": now_ms() + 60_000, "to": now_ms() + 90_000}]
    stage.happen("round", round=3, turns=later)
    expect(firm.locator("[data-room-round]")).to_have_text("第 3 轮")
    expect(amount(firm)).to_be_disabled()


def test_where_rights_are_sold_prices_rise(firm, scene):
    own, other = scene[3], scene[4]
    stage = Stage(firm, scene[0], NOTHING | {"direction": "up"}, own=own)
    expect(firm.locator("[data-room-price-label]")).to_have_text("起始价，等待首次报价")
    stage.happen("bid", seq=1, label=own, price=10_000_000)
    expect(firm.locator("[data-room-standing]")).to_have_text("目前最高价是您的报价。")
    stage.happen("bid", seq=2, label=other, price=11_000_000)
    expect(firm.locator("[data-room-price-label]")).to_have_text("当前最高价")
    expect(firm.locator("[data-room-fall]")).to_contain_text("比起始价高 10,000.00 元")
    expect(firm.locator("[data-room-standing]")).to_have_text("您上次报 100,000.00 元，比最高价低 10,000.00 元。")
    expect(amount(firm)).to_have_value("110,500.00")
    expect(firm.locator("[data-room-steps] button").nth(1)).to_have_text("报 111,000.00")
    expect(firm.locator("svg.room-chart")).to_have_attribute(
        "aria-label", re.compile("从起始价 100,000.00 元升到 110,000.00 元")
    )


def test_a_pause_closes_the_form_and_says_what_it_means(firm, scene):
    stage = Stage(firm, scene[0], NOTHING, own=scene[3])
    stage.happen("pause")
    expect(firm.locator("[data-room-phase]")).to_contain_text("已暂停")
    expect(firm.locator("[data-room-left]")).to_have_text("暂停中")
    expect(firm.locator("[data-room-standing]")).to_contain_text("恢复后会补足暂停的时间")
    expect(amount(firm)).to_be_disabled()
    stage.happen("resume", ends=now_ms() + 3_605_000)
    expect(firm.locator("[data-room-phase]")).to_contain_text("竞价中")
    expect(amount(firm)).to_be_enabled()
    expect(firm.locator("[data-room-left]")).to_contain_text("01:00:0")
    expect(firm.locator(".chart-pause")).to_have_count(1)
    stage.happen("prolong", ends=now_ms() + 7_205_000)
    expect(firm.locator("[data-room-left]")).to_contain_text("02:00:0")
    expect(firm.locator("[data-room-announcements]")).to_contain_text("因平台故障，结束时间延长至")


def test_a_void_gives_the_lead_back_to_the_bid_before(firm, scene):
    own, other = scene[3], scene[4]
    stage = Stage(firm, scene[0], NOTHING, own=own)
    stage.happen("bid", seq=1, label=own, price=9_500_000)
    stage.happen("bid", seq=2, label=other, price=5_000_000)
    expect(firm.locator("[data-room-price]")).to_contain_text("50,000.00")
    stage.happen("void", seq=2, label=own, price=9_500_000)
    expect(firm.locator("[data-room-price]")).to_contain_text("95,000.00")
    expect(firm.locator("[data-room-standing]")).to_have_text("目前最低价是您的报价。")
    expect(firm.locator("tr.is-void")).to_contain_text("作废")
    expect(amount(firm)).to_be_disabled()
    expect(firm.locator(".chart-void")).to_have_count(1)


def test_an_answer_that_nobody_knows_is_asked_for_and_the_same_key_sent_again(firm, scene):
    stage = Stage(firm, scene[0], NOTHING, own=scene[3])
    asked: list[str] = []
    firm.route("**/outcome/**", lambda route: (asked.append(route.request.url), route.fulfill(json={"unknown": "k"})))
    firm.route(
        "**/bid/",
        lambda route: route.fulfill(
            json={"ack": stage.bids()[0]["key"], "seq": 1, "n": stage.n + 1, "amount_fen": 9_500_000}
        ),
    )
    stage.answers.append(lambda given: {"unknown": given["key"]})
    bid(firm, "95000")
    expect(firm.locator("[data-room-answer]")).to_have_text("您的报价 95,000.00 元已受理，是第 1 次报价。")
    assert len(stage.bids()) == 1
    assert len(asked) == 1
    assert stage.bids()[0]["key"] in asked[0]


def test_who_is_cut_off_is_told_and_nothing_reconnects(firm, scene):
    stage = Stage(firm, scene[0], NOTHING, own=scene[3])
    expect(firm.locator("[data-room-connection]")).to_contain_text("已连接")
    stage.sockets[-1].close(code=4403)
    expect(firm.locator("[data-room-connection]")).to_have_text("登录已失效或机构已暂停，请刷新页面")
    expect(firm.get_by_role("link", name="刷新", exact=True)).to_be_visible()
    firm.wait_for_timeout(1_500)
    assert len(stage.sockets) == 1


def test_a_browser_without_a_network_says_so(firm, scene):
    Stage(firm, scene[0], NOTHING, own=scene[3])
    expect(firm.locator("[data-room-connection]")).to_contain_text("已连接")
    firm.context.set_offline(True)
    expect(firm.locator("[data-room-connection]")).to_contain_text("本机没有网络")
    firm.context.set_offline(False)


def test_at_most_one_sentence_in_three_seconds_but_a_lost_lead_at_once(firm, scene):
    own, other = scene[3], scene[4]
    stage = Stage(firm, scene[0], NOTHING, own=own)
    expect(firm.locator("[data-room-connection]")).to_contain_text("已连接")
    firm.evaluate(
        """() => { window.said = [];
        for (const name of ["polite", "assertive"]) new MutationObserver(() => window.said.push(
          [name, performance.now(), document.querySelector(`[data-room-${name}]`).textContent],
        )).observe(document.querySelector(`[data-room-${name}]`), { childList: true }); }"""
    )
    for step in range(10):
        stage.happen("bid", seq=step + 1, label=other, price=9_900_000 - 50_000 * step)
    firm.wait_for_timeout(3_600)
    said = firm.evaluate("window.said")
    assert 1 <= len(said) <= 2, said
    assert "94,500.00" in said[-1][2]  # the newest, not the ones between
    stage.happen("bid", seq=11, label=own, price=9_000_000)
    stage.happen("bid", seq=12, label=other, price=8_900_000)
    expect(firm.locator("[data-room-assertive]")).to_have_text(
        "您的报价已被超过，目前最低价 89,000.00 元。", timeout=1_000
    )


@pytest.mark.parametrize("width", [360, 390])
def test_no_mode_is_wider_than_a_phone(new_page, scene, width):
    own, other, now = scene[3], scene[4], now_ms()
    page = new_page(phone=True)
    page.set_viewport_size({"width": width, "height": 740})
    enter(page, scene[0], scene[1])
    turns = [
        {"label": other, "from": now - 5_000, "to": now + 50_000},
        {"label": own, "from": now + 50_000, "to": now + 90_000},
    ]
    rows = [{"seq": 1, "label": other, "price": 9_800_000, "t": now - 30_000}]
    for snapshot in (
        {"mode": "rank", "seq": 1, "bids": [{"seq": 1, "t": now - 30_000}], "extensions": 3},
        {"mode": "turns", "round": 1, "turns": turns, "seq": 1, "bids": rows, "price": 9_800_000, "label": other},
        {"direction": "up", "status": "paused", "seq": 1, "bids": rows, "price": 9_800_000, "label": other},
    ):
        page.unroute_all()
        Stage(page, scene[0], NOTHING | snapshot, own=own)
        expect(page.locator("[data-room-connection]")).to_contain_text("已连接")
        fits(page)
