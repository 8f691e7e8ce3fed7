"""A person pays by a code, sees the page turn by itself, gives a part back, and reads the receipt; also without a script."""

import re

import pytest
from playwright.sync_api import Page, expect

from payments.sandbox.robot import BUYER
from payments.sandbox.store import PAY_PASSWORD

PASSWORD = "river-copper-27"
OWED = f"""
from tests.factories.payments import make_payment_intent, member_of
answer = []
for turn in range(3):
    intent = make_payment_intent()
    user = member_of(intent.payer)
    user.set_password("{PASSWORD}")
    user.save()
    answer.append([user.username, intent.pk])
"""
NOTE = "经双方商定，减少一处钻孔"


@pytest.fixture(scope="module")
def owed(demo_server):
    """Give three payers with a payment each, and the gateway that they pay through."""
    demo_server.start_neighbours()
    return demo_server.python(OWED)


def sign_in(page: Page, username: str) -> None:
    page.goto("/account/sign-in/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="登录").click()
    page.wait_for_url(lambda address: "sign-in" not in address)


def pay_on_the_phone(phone: Page) -> None:
    phone.get_by_label("账号", exact=True).fill(BUYER)
    phone.get_by_role("button", name="下一步").click()
    phone.get_by_label("支付密码").fill(PAY_PASSWORD)
    phone.get_by_role("button", name=re.compile("^付款")).click()


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("phone", [False, True], ids=["1280", "390"])
def test_by_code_then_a_part_back(new_page, owed, picture, phone):
    username, intent = owed[phone]
    page = new_page(phone=phone)
    sign_in(page, username)
    page.goto(f"/payments/{intent}/")
    page.get_by_role("button", name=re.compile("^扫码付款")).click()
    code = page.get_by_role("img", name="付款二维码")
    expect(code).to_be_visible()
    assert code.bounding_box()["width"] >= 200
    expect(page.locator(".pay-clock time")).to_have_text(re.compile(r"^(29|30):\d\d$"))
    fits(page)
    picture(page, f"pay-code-{'390' if phone else '1280'}")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="在沙箱手机页打开").click()
    pay_on_the_phone(opened.value)
    expect(page.locator("#payment")).to_contain_text("款项已收到，由平台保管", timeout=20_000)

    page.get_by_role("link", name="退回一部分款项").click()
    page.get_by_label("退款金额").fill("1200.50")
    page.get_by_label("退款原因").fill(NOTE)
    page.get_by_role("button", name="下一步，核对").click()
    expect(page.locator("main")).to_contain_text("壹仟贰佰元零伍角整")
    page.get_by_role("button", name="确认退回 1,200.50 元").click()
    expect(page.locator("#payment")).to_contain_text("退回付款账户", timeout=90_000)
    expect(page.locator("#payment")).to_contain_text(NOTE)
    fits(page)

    page.get_by_role("link", name="查看电子收据").click()
    expect(page.locator("main")).to_contain_text("叁万贰仟元整")
    expect(page.locator("main")).to_contain_text("此后已退款")
    fits(page)
    picture(page, f"receipt-{'390' if phone else '1280'}")
    page.get_by_role("link", name="核验收据").click()
    expect(page.get_by_role("status").first).to_contain_text("收据属实")


def test_without_a_script_everything_is_a_form(new_page, owed):
    username, intent = owed[2]
    page = new_page(javascript=False)
    sign_in(page, username)
    page.goto(f"/payments/{intent}/")
    page.get_by_role("button", name=re.compile("^扫码付款")).click()
    expect(page.get_by_role("img", name="付款二维码")).to_be_visible()
    page.get_by_role("button", name="我已付款，向支付宝核实").click()
    expect(page.locator("body")).to_contain_text("还没有这笔款项的付款结果")
    page.get_by_text("取消这笔付款").click()
    page.get_by_role("button", name="取消付款").click()
    expect(page.locator("#payment")).to_contain_text("这笔付款已取消")
