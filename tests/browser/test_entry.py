"""Entry in a real window, at a desk and on a phone: what a firm that the library knows has to type is counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from marketplace.licences.sandbox.invented import newcomers
from marketplace.parties.uscc import make_uscc

PASSWORD = "river-copper-27"
FIRM = {True: newcomers()[1], False: newcomers()[0]}  # on a phone another one: a code enters once
UNKNOWN = {True: make_uscc("91360602MTB000091"), False: make_uscc("91360602MTB000090")}
PLAIN = "生产建设项目水土保持方案编制"
# Typed: what one writes into a field or chooses in a list; a tick and a press are none.
COUNT = """
window.touched = new Set();
for (const name of ["input", "change"]) {
  addEventListener(name, (event) => {
    const field = event.target;
    if (!field.name && !field.id) return;
    if (["checkbox", "radio", "submit", "hidden"].includes(field.type)) return;
    window.touched.add(field.name || field.id);
  }, true);
}
"""


@pytest.fixture(scope="module", autouse=True)
def world(demo_server) -> None:
    demo_server.manage("load_catalog")
    demo_server.start_neighbours()


class Counted:
    """A window that counts the fields that a person fills in and the pages that the person sees."""

    def __init__(self, page: Page) -> None:
        self.page, self.fields, self.pages = page, [], []
        page.add_init_script(COUNT)
        page.on("framenavigated", lambda frame: self.pages.append(frame.url) if frame == page.main_frame else None)

    def press(self, name: str) -> None:
        """Press a button, counting before what was typed on the page that goes."""
        self.note()
        self.page.get_by_role("button", name=name, exact=True).click()

    def note(self) -> None:
        self.fields += self.page.evaluate("[...window.touched]")
        self.page.evaluate("window.touched.clear()")


def fits(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url}: {wide} px too wide"


def name_of(phone: bool, who: str) -> str:
    return f"{who}{'-phone' if phone else ''}"


@pytest.mark.parametrize("phone", [False, True])
def test_a_firm_that_the_library_knows(new_page, picture, phone):
    firm, page = FIRM[phone], new_page(phone=phone)
    counted = Counted(page)
    page.goto("/entry/")
    fits(page)
    code = page.get_by_label("统一社会信用代码")
    code.press_sequentially(f" {firm.code.lower()}")
    expect(page.locator(".code-answer")).to_contain_text("代码正确")
    page.get_by_label("用户名").fill(name_of(phone, "known"))
    page.get_by_label("密码").fill(PASSWORD)
    counted.press("下一步：机构信息")
    expect(page.get_by_role("heading", name="已从证照库取得，不用再填")).to_be_visible()
    expect(page.locator(".facts")).to_contain_text(firm.name)
    fits(page)
    picture(page, name_of(phone, "entry-known"), full=True)
    page.get_by_label("联系人").fill("虞明远")
    page.get_by_label("联系电话").fill("0701-6001001")
    page.get_by_label("在服务里查找").fill("水土保持方案")
    page.get_by_role("checkbox", name=PLAIN).check()
    expect(page.locator("[data-choices-count]")).to_have_text("1")
    counted.press("下一步")
    expect(page.get_by_role("heading", name="核对")).to_be_visible()
    expect(page.locator(".origin-authority").first).to_be_visible()
    fits(page)
    page.get_by_label("我已阅读并代表本单位作出以上承诺").check()
    counted.press("提交并入驻")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{firm.name}已入驻")
    fits(page)
    fields = set(counted.fields)
    assert fields == {"uscc", "username", "password", "contact_name", "phone", "q"}
    assert len(counted.fields) <= 6, counted.fields
    assert len(counted.pages) <= 5, counted.pages


@pytest.mark.parametrize("phone", [False, True])
def test_a_firm_that_nobody_knows_leaves_and_comes_back(new_page, phone):
    page = new_page(phone=phone)
    page.goto("/entry/")
    page.get_by_label("统一社会信用代码").fill(UNKNOWN[phone])
    page.get_by_label("用户名").fill(name_of(phone, "unknown"))
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="下一步：机构信息").click()
    expect(page.get_by_text("证照库里没有这个代码的资料")).to_be_visible()
    page.get_by_label("机构名称").fill("青矶水利工程咨询有限公司")
    page.get_by_role("button", name="保存并退出").click()
    page.wait_for_url("**/desk/")

    other = new_page(phone=not phone)  # another device
    other.goto("/account/sign-in/")
    other.get_by_label("用户名").fill(name_of(phone, "unknown"))
    other.get_by_label("密码").fill(PASSWORD)
    other.locator("main").get_by_role("button", name="登录").click()
    other.goto("/desk/")
    other.get_by_role("link", name="继续办理").click()
    expect(other.get_by_label("机构名称")).to_have_value("青矶水利工程咨询有限公司")
    other.get_by_role("button", name="下一步：选择服务").click()
    summary = other.locator(".error-summary")
    expect(summary).to_contain_text("请填写联系人姓名")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="联系人：").click()
    expect(other.get_by_label("联系人")).to_be_focused()
    fits(other)
    other.get_by_label("联系人").fill("单文博")
    other.get_by_label("联系电话").fill("13900001234")
    other.get_by_role("button", name="下一步：选择服务").click()
    other.get_by_label("在服务里查找").fill("水土保持方案")
    other.get_by_role("checkbox", name=PLAIN).check()
    other.get_by_role("button", name="下一步", exact=True).click()
    other.get_by_label("我已阅读并代表本单位作出以上承诺").check()
    other.get_by_role("button", name="提交并入驻").click()
    expect(other.get_by_role("heading", level=1)).to_contain_text("青矶水利工程咨询有限公司已入驻")


def test_an_engineer_is_named_on_a_phone(new_page, picture):
    page = new_page(phone=True)
    page.goto("/entry/")
    page.get_by_label("统一社会信用代码").fill(make_uscc("91360602MTB000094"))
    page.get_by_label("用户名").fill("engineer")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="下一步：机构信息").click()
    page.get_by_label("机构名称").fill("青矶环境咨询有限公司")
    page.get_by_label("联系人").fill("单文博")
    page.get_by_label("联系电话").fill("13900001234")
    page.get_by_role("button", name="下一步：选择服务").click()
    with page.expect_response("**/entry/services/find/**"):
        page.get_by_label("在服务里查找").press_sequentially("环境影响报告书")
    expect(page.get_by_role("checkbox", name="不动产测绘")).to_be_hidden()
    page.get_by_role("checkbox", name="建设项目环境影响报告书").check()
    page.get_by_role("button", name="下一步", exact=True).click()
    page.get_by_label("证书编号").first.fill("信用 0001")
    page.get_by_label("姓名").fill("温若川")
    page.get_by_label("证件号码").fill("12345")
    page.get_by_role("button", name="再加一名").click()
    expect(page.get_by_label("姓名")).to_have_count(2)
    expect(page.get_by_label("姓名").first).to_have_value("温若川")
    page.get_by_label("姓名").first.press("Enter")  # goes on, adds nobody
    summary = page.locator(".error-summary")
    expect(summary).to_contain_text("居民身份证号码是 18 位数字")
    expect(page.get_by_label("姓名")).to_have_count(2)
    fits(page)
    picture(page, "entry-people-phone", full=True)
    summary.get_by_role("link", name="证件号码").click()
    expect(page.get_by_label("证件号码").first).to_be_focused()
    page.get_by_label("证件号码").first.fill("999999199003071234")
    page.get_by_role("group", name="第 1 名").get_by_label("证书编号").fill("环评 0001")
    page.get_by_role("button", name="下一步：承诺", exact=True).last.click()
    expect(page.get_by_role("heading", name="核对")).to_be_visible()
    expect(page.locator("main")).to_contain_text("环评 0001")
    fits(page)
    page.get_by_label("我已阅读并代表本单位作出以上承诺").check()
    page.get_by_role("button", name="提交并入驻").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("青矶环境咨询有限公司已入驻")
    fits(page)


@pytest.mark.parametrize("phone", [False, True])
def test_a_natural_person_as_owner(new_page, phone):
    page = new_page(phone=phone)
    page.goto("/entry/owner/")
    fits(page)
    page.get_by_label("用户名").fill(name_of(phone, "person"))
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_label("您是").select_option("person")
    page.get_by_label("单位名称或姓名").fill("孙晓明")
    page.get_by_label("联系人").fill("孙晓明")
    page.get_by_label("联系电话").fill("13900005678")
    page.get_by_label("我已阅读并作出以上承诺").check()
    page.get_by_role("button", name="提交登记").click()
    page.wait_for_url("**/desk/")


def test_entry_without_scripts(new_page):
    page = new_page(javascript=False)
    page.goto("/entry/")
    page.get_by_label("统一社会信用代码").fill(newcomers()[2].code)
    page.get_by_label("用户名").fill("plain")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="下一步：机构信息").click()
    page.get_by_label("联系人").fill("虞明远")
    page.get_by_label("联系电话").fill("0701-6001001")
    page.get_by_label("在服务里查找").fill("水土保持方案")
    page.get_by_role("button", name="查找").last.click()
    expect(page.get_by_label("联系人")).to_have_value("虞明远")
    expect(page.get_by_role("checkbox", name="不动产测绘")).to_have_count(0)
    page.get_by_role("checkbox", name=PLAIN).check()
    page.get_by_role("button", name="下一步", exact=True).click()
    page.get_by_label("我已阅读并代表本单位作出以上承诺").check()
    page.get_by_role("button", name="提交并入驻").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已入驻")


def test_a_list_runs_while_one_watches(new_page, tmp_path: Path):
    page = new_page()
    page.goto("/entry/owner/")
    page.get_by_label("用户名").fill("association")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_label("您是").select_option("social")
    page.get_by_label("统一社会信用代码").fill(make_uscc("51360602MTB000092"))
    page.get_by_label("单位名称或姓名").fill("鹰潭市虚构协会")
    page.get_by_label("联系人").fill("王建平")
    page.get_by_label("联系电话").fill("0701-6001234")
    page.get_by_label("我已阅读并作出以上承诺").check()
    page.get_by_role("button", name="提交登记").click()
    page.wait_for_url("**/desk/")
    heading = "统一社会信用代码,机构名称,联系人,联系电话,承接的服务"
    good = f"{make_uscc('91360602MTB000093')},虚构会员有限公司,王建平,0701-6001234,{PLAIN}"
    wrong = f"91360602MTB0000930,虚构会员有限公司,王建平,0701,{PLAIN}"
    path = tmp_path / "会员.csv"
    path.write_text(f"{heading}\n{good}\n{wrong}\n", encoding="utf-8")
    page.goto("/entry/batch/")
    page.get_by_label("机构名单").set_input_files(path)
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_text("1 行可以办理，1 行有错误")).to_be_visible()
    page.get_by_role("button", name="办理 1 家").click()
    expect(page.get_by_text("已完成")).to_be_visible(timeout=20_000)
    expect(page.locator("table")).to_contain_text("已登记，待确认")
    fits(page)
