"""Searching as a visitor does: keys and suggestions, facets without a new page, on a phone, and without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

WORLD = """
from search.documents import Document
from search.engine import connect
shown = {"number": "YT1", "buyer": "鹰潭市滨江建设", "region": "360602", "service": ""}
rest = {"status": "open", "method": "live_auction", "money_fen": 1234500, "date": "2026-05-01T08:00:00+00:00", "shown": shown}
place = {"360602": (28.24, 117.03), "360681": (28.29, 117.25)}
def need(number, title, region, **more):
    return Document("tender", number, 1, title, "编制报告", f"/tenders/YT{number}/", (region, "360600"), place=place[region], **{**rest, **more})
firm = Document("firm", 1, 1, "江西丹霞造价咨询有限公司", "工程造价", "/firms/", ("360602", "360600"), credit=9150,
    credit_level="A", place=place["360602"], shown={"region": "360602", "services": "3"})
connect().index([
    need(1, "滨江路改造工程造价咨询", "360602"), need(2, "贵溪大道改造工程造价咨询", "360681", status="awarded"), firm,
    *(need(number, f"月湖新城第 {number} 标段监理", "360602") for number in range(10, 40)),
])
"""


@pytest.fixture(scope="module", autouse=True)
def world(demo_server) -> None:
    demo_server.manage("load_catalog")
    demo_server.manage("shell", "-v0", "-c", WORLD)


def box(page: Page):
    return page.get_by_role("combobox").last


def test_keys_lead_through_the_suggestions(new_page) -> None:
    page = new_page()
    page.goto("/search/")
    page.keyboard.press("/")
    expect(box(page)).to_be_focused()
    box(page).press_sequentially("zaojia", delay=20)
    options = page.get_by_role("option")
    expect(page.get_by_role("group", name="中介机构").get_by_role("option")).to_have_text(["江西丹霞造价咨询有限公司"])
    expect(page.get_by_role("group", name="采购公告").get_by_role("option")).to_have_count(2)
    expect(box(page)).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#live")).to_have_text(f"{options.count()} 条建议，用上下箭头选择")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box(page)).to_have_attribute("aria-activedescendant", options.first.get_attribute("id"))
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    expect(box(page)).to_have_value("zaojia")
    expect(box(page)).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search/\?q=zaojia$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("“zaojia”的搜索结果")


def test_an_option_that_is_chosen_opens(new_page) -> None:
    page = new_page()
    page.goto("/search/")
    box(page).press_sequentially("danxia", delay=20)
    expect(page.get_by_role("option")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/firms/$"))
    page.goto("/search/")
    box(page).press_sequentially("danxia", delay=20)
    page.get_by_role("option").first.click()
    expect(page).to_have_url(re.compile(r"/firms/$"))


def test_a_choice_renews_the_results_and_the_address(new_page) -> None:
    page = new_page()
    page.goto("/search/?q=造价&kind=tender")
    page.evaluate("window.stays = true")
    facets = page.get_by_role("complementary", name="筛选")
    facets.get_by_role("link", name="报名中").click()
    expect(page).to_have_url(re.compile("status=open"))
    expect(page.get_by_text("共 1 条结果")).to_be_visible()
    assert page.evaluate("window.stays"), "the page was loaded anew"
    page.locator(".chips").get_by_role("link", name="报名中").click()
    expect(page.get_by_text("共 2 条结果")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("共 1 条结果")).to_be_visible()


def test_a_result_and_the_way_to_save_lead_to_pages_of_their_own(new_page) -> None:
    page = new_page()
    page.goto("/search/?q=丹霞造价")
    page.get_by_role("link", name="江西丹霞造价咨询有限公司").click()
    expect(page).to_have_url(re.compile(r"/firms/$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("中介机构")
    page.go_back()
    page.get_by_role("link", name="保存这个搜索").click()
    expect(page).to_have_url(re.compile("/account/sign-in/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")


def test_own_searches_come_back_and_are_forgotten(new_page) -> None:
    page = new_page()
    page.goto("/search/")
    box(page).fill("标段监理")
    page.keyboard.press("Enter")
    expect(page.get_by_text("共 30 条结果")).to_be_visible()
    page.goto("/search/")
    box(page).click()
    expect(page.get_by_role("group", name="最近搜索").get_by_role("option")).to_have_text(["标段监理"])
    page.get_by_role("group", name="最近搜索").get_by_role("button", name="清空").click()
    expect(page.get_by_role("option")).to_have_count(0)
    page.reload()
    expect(page.get_by_text("最近搜索")).to_have_count(0)


def test_the_nearest_first_from_where_one_is(new_page) -> None:
    page = new_page(permissions=["geolocation"], geolocation={"latitude": 28.2912, "longitude": 117.2499})
    page.goto("/search/?q=造价咨询&kind=tender")
    page.get_by_text("距离", exact=True).click()
    page.get_by_role("button", name="我的位置").click()
    expect(page).to_have_url(re.compile(r"near=28\.29(%2C|,)117\.25"))
    expect(page.locator(".row-title a").first).to_have_text("贵溪大道改造工程造价咨询")
    expect(page.get_by_text("约 22 公里")).to_be_visible()


def test_a_phone_opens_the_facets_as_a_sheet(new_page) -> None:
    page = new_page(phone=True)
    page.goto("/search/?q=造价")
    link = page.get_by_role("link", name="报名中")
    expect(link).to_be_hidden()
    page.locator(".facets > details > summary").click()
    expect(link).to_be_visible()
    link.click()
    expect(page.get_by_text("共 1 条结果")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_scripts_all_of_it_is_forms_and_links(new_page) -> None:
    page = new_page(javascript=False)
    page.goto("/search/")
    page.locator("#q-page").fill("月湖区监理")
    page.locator("#q-page").press("Enter")
    expect(page.get_by_text("只看 月湖区 的结果")).to_be_visible()
    page.get_by_role("link", name="下一页").click()
    expect(page.locator(".row-title")).to_have_count(10)
    page.get_by_role("link", name="即将截止").click()
    expect(page).to_have_url(re.compile("sort=ending"))
    page.get_by_text("距离", exact=True).click()
    page.get_by_role("link", name="贵溪市").last.click()
    expect(page.get_by_text("约 22 公里").first).to_be_visible()
