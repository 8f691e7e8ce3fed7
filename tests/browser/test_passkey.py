"""Passkeys in a real Chromium with a virtual authenticator (CDP), and the way through the local identity provider."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from servers import free_port

PASSWORD = "river-copper-27"
MAKE = f"""
from marketplace.accounts.actions import create_account
for width in ("desk", "phone"):
    create_account(username=f"river-{{width}}", password="{PASSWORD}", display_name="江河", email="river@demo.invalid")
"""


@pytest.fixture(scope="module")
def named_server(demo_server):
    """Give the server with an identity provider beside it; browsers reach it as localhost, because keys want a name."""
    port = free_port()
    demo_server.stop("web")
    demo_server.url = demo_server.url.replace("127.0.0.1", "localhost")
    demo_server.environment |= {
        "BASE_URL": demo_server.url,
        "IDENTITY_ISSUER": f"http://127.0.0.1:{port}",
        "IDENTITY_CLIENT_ID": "marketplace-person",
        "IDENTITY_LEGAL_CLIENT_ID": "marketplace-legal",
    }
    demo_server.python(MAKE)
    demo_server.start("identity", "manage.py", "identity_sandbox", "--port", str(port))
    demo_server.start_web()
    demo_server.wait_for(f"http://127.0.0.1:{port}/", "identity")
    return demo_server


def with_authenticator(page: Page) -> None:
    """Give the window a platform authenticator whose owner is always there."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def sign_in(page: Page, width: str) -> None:
    page.goto("/account/sign-in/?next=/account/security/")
    page.get_by_label("用户名").fill(f"river-{width}")
    page.get_by_label("密码").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="登录", exact=True).click()


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page.url


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_a_passkey_is_added_and_signs_in(named_server, new_page, picture, phone):
    page, width = new_page(phone=phone), "phone" if phone else "desk"
    with_authenticator(page)
    sign_in(page, width)
    expect(page).to_have_title("账号安全 · 鹰潭市网上中介服务超市")
    fits(page)
    page.get_by_role("link", name="添加通行密钥").click()
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="确认").click()
    page.get_by_label("名称").fill(f"江河的设备 {width}")
    fits(page)
    picture(page, f"passkey-add-{width}")
    page.get_by_role("button", name="添加").click()
    expect(page.locator("ul.codes li")).to_have_count(10)  # recovery codes come with the first second factor
    fits(page)
    picture(page, f"recovery-codes-{width}")
    page.get_by_role("link", name="已收好").click()
    expect(page.locator("main")).to_contain_text(f"江河的设备 {width}")
    fits(page)
    picture(page, f"security-{width}", full=True)
    page.locator("header").get_by_role("button", name="退出").click()
    page.goto("/account/sign-in/?next=/account/security/")
    fits(page)
    picture(page, f"sign-in-{width}")
    page.get_by_role("button", name="用通行密钥").click()
    expect(page).to_have_url(f"{named_server.url}/account/security/")
    expect(page.locator("main")).to_contain_text("登录 · 通行密钥")
    page.locator("header").get_by_role("button", name="退出").click()
    sign_in(page, width)  # by the password: the key is the second step
    expect(page.locator("h1")).to_have_text("第二步验证")
    fits(page)
    picture(page, f"second-step-{width}")
    page.get_by_role("button", name="用通行密钥").click()
    expect(page).to_have_url(f"{named_server.url}/account/security/")


def test_without_a_key_the_page_says_so(named_server, new_page):
    page = new_page()
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")  # a browser that has no authenticator
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options | {"isUserVerified": False}})
    page.goto("/account/sign-in/")
    page.get_by_role("button", name="用通行密钥").click()
    expect(page.get_by_role("alert")).to_contain_text("没有完成")


def test_the_unified_identity_opens_an_account(named_server, new_page, picture):
    page = new_page(phone=True)
    page.goto("/account/sign-in/?next=/account/security/")
    page.get_by_role("button", name="法人登录").click()
    expect(page.locator("h1")).to_have_text("法人登录")
    fits(page)
    picture(page, "identity-provider-phone")
    page.get_by_text("经办人 李示例").click()
    page.get_by_label("密码").fill("demo-2026-yt")
    page.get_by_role("button", name="登录").click()
    expect(page.locator("h1")).to_have_text("第一次用统一身份登录")
    fits(page)
    picture(page, "identity-first-phone", full=True)
    page.get_by_role("button", name="开通账号").click()
    expect(page).to_have_url(f"{named_server.url}/account/security/")
    expect(page.locator("main")).to_contain_text("鹰潭示例勘测有限公司（李示例）")
    page.locator("header").get_by_role("button", name="退出").click()
    expect(page).to_have_url(f"{named_server.url}/")
    page.goto("/account/sign-in/?next=/account/security/")
    page.get_by_role("button", name="法人登录").click()
    expect(page.locator("h1")).to_have_text("法人登录")  # signed out there as well: it asks again


def test_without_scripts_the_identity_works_and_keys_are_not_offered(named_server, new_page):
    page = new_page(javascript=False)
    page.goto("/account/sign-in/")
    expect(page.get_by_role("button", name="用通行密钥")).to_be_hidden()
    page.get_by_role("button", name="个人登录").click()
    expect(page.locator("h1")).to_have_text("个人登录")
