"""The story in the browser from the award on."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from payments.sandbox.robot import BUYER
from payments.sandbox.store import PAY_PASSWORD

PASSWORD = "river-copper-27"
PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n"


def eventually(page: Page, words: str) -> None:
    """Load the page again until it says the words: somebody else is at work behind it."""
    for _turn in range(40):
        if words in (page.locator("body").inner_text()):
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(f"{page.url} never said {words}")


def the_award_is_confirmed(watcher: Page, owner: Page, number: str) -> str:
    watcher.goto(f"/tenders/{number}/")
    eventually(watcher, "石港水土保持技术合作社")  # the names are public after the end
    contract = owner.locator('main a[href^="/contracts/"]')
    for _turn in range(60):
        owner.goto("/desk/")
        if contract.count():
            contract.first.click()
            return owner.url
        owner.wait_for_timeout(500)
    raise AssertionError("the award was never confirmed")


# 6. The contract


def sign(page: Page, contract: str) -> None:
    page.goto(contract)
    page.get_by_label("我已核对合同正文").check()
    page.get_by_role("button", name="签署合同").click()


# 7. and 8. Payment, delivery, acceptance


def the_owner_pays(page: Page, contract: str, picture) -> None:
    page.goto(contract)
    page.get_by_role("button", name=re.compile("^付款 ")).click()
    page.get_by_role("button", name="去支付宝付款").click()
    page.get_by_label("账号", exact=True).fill(BUYER)
    page.get_by_role("button", name="下一步").click()
    if picture:
        picture(page, "cashier")
    page.get_by_label("支付密码").fill(PAY_PASSWORD)
    page.get_by_role("button", name=re.compile("^付款")).click()
    page.get_by_role("link", name="返回商户", exact=True).click()
    expect(page.locator("#payment")).to_contain_text("款项已收到，由平台保管", timeout=20_000)


def load_until(page: Page, address: str, wanted: Locator) -> None:
    """Load a page again and again until something is on it."""
    for _turn in range(40):
        page.goto(address)
        if wanted.count():
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"{wanted} never came up on {address}")


def the_firm_delivers(page: Page, contract: str, folder) -> None:
    result = folder / "水土保持方案（送审稿）.pdf"
    result.write_bytes(PDF)
    load_until(page, contract, page.get_by_label("成果文件"))  # the contract hears of the money after it was booked
    page.get_by_label("成果文件").set_input_files(result)
    page.get_by_role("button", name="提交成果").click()
    expect(page.locator("body")).to_contain_text("文件指纹已记录")


def the_owner_accepts(page: Page, contract: str, turn: int) -> None:
    page.goto(contract)
    page.get_by_role("button", name="验收通过").click()
    load_until(page, contract, page.locator(f"#milestone-{turn}.is-done"))


# 9. The review


def the_owner_reviews(page: Page, contract: str) -> None:
    words = "方案扎实，踏勘认真，专家评审一次通过。"
    page.goto(contract)
    page.get_by_role("link", name="去评价").click()
    text = page.get_by_label("评价", exact=True)
    expect(text).to_be_visible()  # what `all` finds is what there is at this moment, it waits for nothing
    for group in page.get_by_role("group").all():
        group.get_by_role("radio").first.check()
    text.fill(words)
    page.get_by_role("button", name="公开评价").click()
    page.wait_for_url(re.compile(r"/firms/\d+/"))
    expect(page.locator("#reviews")).to_contain_text(words)
