"""Every page at a desk and on a phone: it is served, fits the window, and says nothing in the console."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from marketplace.demo.people import PASSWORD

PUBLIC = (
    "/", "/services/", "/services/YT-ZJ-014/", "/firms/", "{firm}", "/tenders/", "{tender}", "/auctions/", "{room}",
    "{ended_room}", "{award}", "{timeline}", "/oversight/", "/oversight/records/", "/search/?q=水土保持", "/search/?q=没有这样的词",
    "/entry/", "/entry/owner/", "/account/sign-in/", "/news/", "/help/", "/help/accessibility/", "/about/", "/no-such-page/",
)  # fmt: skip
OF = {
    "owner1": ("/desk/", "/projects/pull/", "/tenders/new/terms/", "/tenders/mine/", "/account/inbox/", "/account/firm/",
               "{contract}", "{draft}edit/", "{draft}preview/", "/approvals/"),
    "firm1": ("/desk/", "/account/inbox/", "/account/firm/", "/account/firm/services/", "/account/firm/qualifications/",
              "{own_tender}", "{own_room}"),
    "admin": ("/admin/",),
}  # fmt: skip
NOT_SERVED = "Failed to load resource: the server responded with a status of 404"

ADDRESSES = """
from marketplace.accounts.models import User
from marketplace.awards.models import Award
from marketplace.bidding.models import Auction
from marketplace.contracts.models import Contract
from marketplace.parties.models import Organization
from marketplace.tenders.models import Tender
owner = User.objects.get(username="owner1").memberships.get().organization
firm = User.objects.get(username="firm1").memberships.get().organization
live = Auction.objects.filter(status="open").order_by("-sequence").first()
mine = Auction.objects.filter(status="open", tender__bidders__organization=firm).first() or live
reviewed = Organization.objects.filter(reviews_received__isnull=False).first() or firm
draft = Tender.objects.filter(buyer=owner, status="draft").first()
ended = Auction.objects.filter(status="closed").order_by("-sequence").first()
award = Award.objects.filter(status="confirmed").first()
contract = Contract.objects.filter(buyer=owner).order_by("pk").first()
answer = {
    "firm": reviewed.get_absolute_url(), "tender": live.tender.get_absolute_url(), "room": live.get_absolute_url(),
    "ended_room": ended.get_absolute_url(), "award": award.get_absolute_url(),
    "timeline": f"/process/{award.tender.process.ocid}/", "contract": contract and contract.get_absolute_url(),
    "draft": draft and draft.get_absolute_url(), "own_tender": mine.tender.get_absolute_url(), "own_room": mine.get_absolute_url(),
}
"""


@pytest.fixture(scope="module")
def addresses(demo_server) -> dict[str, str]:
    """Seed a small world; return where its pages are."""
    demo_server.manage("seed", "--share", "0.1")
    return demo_server.python(ADDRESSES)


@pytest.fixture(params=["desk", "phone"])
def look(request, new_page):
    """Visit one address after the other in one window; give what is wrong with each page."""
    page = new_page(phone=request.param == "phone")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)

    def visit(path: str) -> list[str]:
        said.clear()
        answer = page.goto(path, wait_until="load")
        expected = 404 if path == "/no-such-page/" else 200
        wrong = [one for one in said if not (expected == 404 and one.startswith(NOT_SERVED))]
        if answer.status != expected:
            wrong.append(f"status {answer.status}")
        if (wide := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
            wrong.append(f"{wide} px wider than the window: {page.evaluate(WIDEST)}")
        return [f"{path}: {one}" for one in wrong]

    visit.page = page
    visit.is_phone = request.param == "phone"
    return visit


WIDEST = """() => [...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1).slice(0, 3)
  .map((one) => `${one.tagName.toLowerCase()}.${one.className}`).join(", ")"""


def sign_in(page: Page, username: str) -> None:
    page.goto("/account/sign-in/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="登录").click()
    page.wait_for_url(lambda address: "sign-in" not in address)


def test_public_pages(look, addresses, picture):
    wrong = []
    for path in PUBLIC:
        wrong += look(path.format(**addresses))
        take(look, picture, path)
    assert not wrong, "\n".join(wrong)


def take(look, picture, path: str) -> None:
    """Take the pictures that README and docs show."""
    name = PICTURES.get((path, "phone" if look.is_phone else "desk"))
    if name:
        picture(look.page, name)


PICTURES = {
    ("/", "desk"): "home",
    ("{tender}", "desk"): "notice",
    ("{own_room}", "desk"): "auction",
    ("{own_room}", "phone"): "auction-phone",
    ("/desk/", "desk"): "desk",
}


@pytest.mark.parametrize("username", OF)
def test_pages_of_people(look, addresses, picture, username):
    sign_in(look.page, username)
    wrong = []
    for path in OF[username]:
        if any(f"{{{name}}}" in path and not address for name, address in addresses.items()):
            continue  # the small world has none
        wrong += look(path.format(**addresses))
        if username != "firm1" or "room" in path:
            take(look, picture, path)
    assert not wrong, "\n".join(wrong)


def test_the_language_changes_by_a_plain_form(new_page, addresses):
    page = new_page(javascript=False)
    page.goto("/tenders/?page=1")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith("/tenders/?page=1")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
