"""The whole story, top to bottom: a firm enters, an owner's need is bid for, delivered, paid and reviewed.

Everybody acts through pages; where the marketplace acts by itself, time goes on and its worker looks. Alipay and the approval platform
are the local ones and speak their real protocols.
"""

import hashlib
import re
import uuid
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command

from marketplace.accounts.models import User
from marketplace.approvals.models import Push
from marketplace.approvals.sandbox.data import demo_projects
from marketplace.bidding.models import Auction
from marketplace.catalog.models import Region, ServiceCategory
from marketplace.core import clock
from marketplace.parties.actions import confirm_qualification
from marketplace.parties.models import Organization
from marketplace.parties.uscc import make_uscc
from marketplace.projects.models import InvestmentProject
from marketplace.tenders.models import Tender
from payments.queries import held_in
from tests.factories.accounts import make_admin
from tests.factories.parties import next_person, pass_notices
from tests.journeys.conftest import PASSWORD, PDF, Person, typed
from tests.journeys.contract_steps import (
    both_sides_sign,
    every_step_is_on_the_timeline,
    the_firm_delivers,
    the_owner_accepts,
    the_owner_pays,
    the_owner_reviews,
    the_platform_shows,
)

PROJECT = demo_projects()[0]  # 年产 2 万吨高精度铜箔项目, which waits for its environmental approval
SERVICE = "YT-ZJ-007"  # 建设项目环境影响报告书（表）编制: asks for a registration that not every firm has
OTHER_SERVICE = "YT-ZJ-014"  # 水土保持方案编制: any capable firm
YUAN = 100


@pytest.mark.django_db(transaction=True)
def test_from_need_to_review(time, alipay, approvals):
    # 1. Two firms enter, one of them with a code that begins with a letter; a third has not what the need will ask for.
    village = a_firm_enters("天禄镇石港村环境技术合作社", make_uscc("N2360681MTJ000001"), certificate="HP-2026-001")
    office = a_firm_enters("青矶环境工程有限公司", make_uscc("91360602MTJ000002"), certificate="HP-2026-002")
    other = a_firm_enters("丹霞坳水保咨询有限公司", make_uscc("91360603MTJ000003"), services=(OTHER_SERVICE,))

    # 2. An owner pulls its project from the approval platform, posts a need, reads the preview, publishes.
    owner = the_owner_enters()
    tender = the_owner_posts_a_need(owner, time)

    # 3. The firms that fit are told and sign up; the one that does not fit is refused with the reason.
    the_fitting_firms_are_told(tender, village, office, other)
    sign_up(tender, village, office)
    other_text = other.send(f"/auctions/{tender.number}/sign-up/")
    assert "暂不符合这项服务的要求" in other_text
    assert "环境影响评价信用平台登记" in other_text
    assert "环境影响评价工程师至少 1 名（现有 0 名）" in other_text

    # 4. The auction opens at its time; bids are acknowledged, one of the last two minutes moves the end.
    time.go_on(tender.signup_ends_at)
    time.go_on(tender.selection_at)
    the_price_falls(tender, village, office, time)

    # 5. It closes by itself; the winner is proposed, nobody objects, the award is confirmed and announced.
    it_closes_by_itself(tender, time)
    the_award_is_confirmed(tender, time)

    # 6. A contract with two milestones; both sides sign.
    contract = both_sides_sign(tender, owner, village)

    # 7. The owner pays milestone 1 at Alipay's cashier; only the notice settles it, and the money is held.
    first, second = contract.milestones.order_by("number")
    the_owner_pays(first, owner, alipay, time)
    assert held_in(transfer_group=contract.number) == first.amount_fen

    # 8. The firm delivers, the owner accepts, the money goes to the firm, the approval platform shows the result.
    the_firm_delivers(first, village, time)
    the_owner_accepts(first, owner, time)
    assert held_in(transfer_group=contract.number) == 0
    the_platform_shows(approvals, "待选取中介机构", "已选取，待签订合同", "中介服务中", hashlib.sha256(PDF).hexdigest())

    the_owner_pays(second, owner, alipay, time)
    the_firm_delivers(second, village, time)
    the_owner_accepts(second, owner, time)
    the_platform_shows(approvals, "中介服务完成")

    # 9. The owner reviews; the firm's page shows it.
    the_owner_reviews(contract, owner)

    # 10. Every step stands on one timeline, numbered and hashed; the audit finds every chain whole.
    every_step_is_on_the_timeline(tender)
    call_command("audit")
    call_command("verify")


@pytest.mark.django_db(transaction=True)
def test_the_neighbours_are_away(time, alipay, settings, request):
    """Nobody answers at the approval platform: the need is posted all the same, and the platform learns of it later."""
    settings.APPROVAL_PLATFORM_URL = "http://127.0.0.1:9"
    owner = the_owner_enters()
    answer = owner.send("/projects/pull/", status=503, code=PROJECT.code)
    assert "审批平台" in answer
    assert PROJECT.code in answer  # what was typed is still there
    assert the_need(owner, time, project=None).status == "open"

    the_platform_is_back = request.getfixturevalue("approvals")
    tender = the_owner_posts_a_need(owner, time)
    settings.APPROVAL_PLATFORM_URL = "http://127.0.0.1:9"
    time.go_on(seconds=5)
    push = Push.objects.get(tender=tender)
    assert (push.status, push.attempts) == ("waiting", 1)

    settings.APPROVAL_PLATFORM_URL = the_platform_is_back
    time.go_on(minutes=1)
    push.refresh_from_db()
    assert (push.status, push.attempts) == ("sent", 2)
    the_platform_shows(the_platform_is_back, tender.number, "待选取中介机构")


# 1. Entry


def a_firm_enters(
    name: str, code: str, *, services: tuple[str, ...] = (SERVICE, OTHER_SERVICE), certificate: str = ""
) -> Person:
    """Enter in four short steps; an administrator checks the certificate where there is one."""
    firm = Person()
    account = {"username": f"firm{code[-5:].lower()}", "password": PASSWORD}
    firm.send("/entry/", uscc=f" {code.lower()} ", **account)
    contact = {
        "contact_name": "李思源",
        "phone": f"139{Organization.objects.count():08d}",
        "email": f"{account['username']}@firms.invalid",
    }
    firm.send("/entry/organization/", name=name, kind="enterprise", region="360602", **contact)
    firm.send("/entry/services/", services=services)
    if certificate:
        engineer = {"name": "温若川", "number": next_person(), "certificate_number": f"环评 {certificate}"}
        named = {f"eia-engineer-0-{field}": value for field, value in engineer.items()}
        firm.send("/entry/certificates/", **{"eia-platform-number": certificate}, **named)
    text = firm.send("/entry/check/", committed="on")
    assert f"{name}已入驻" in text
    assert ("资质核验后开通" in text) == bool(certificate)
    firm.organization = Organization.objects.get(uscc=code)
    admin = User.objects.filter(is_superuser=True).first() or make_admin()
    for qualification in firm.organization.qualifications.all():
        confirm_qualification(qualification=qualification, by=admin, now=clock.now())
    pass_notices(firm.organization)  # test_after_entry.py tells how three working days of public notice go by
    return firm


def the_owner_enters() -> Person:
    owner = Person()
    who = {"kind": "enterprise", "uscc": PROJECT.owner_uscc, "name": PROJECT.owner_name, "region": "360602"}
    contact = {"contact_name": "王建平", "phone": "0701-6001234"}
    owner.send("/entry/owner/", username="owner", password=PASSWORD, committed="on", **who, **contact)
    assert owner.at == "/desk/"
    owner.organization = Organization.objects.get(uscc=PROJECT.owner_uscc)
    return owner


# 2. The need


def the_owner_posts_a_need(owner: Person, time) -> Tender:
    owner.send("/projects/pull/", code=PROJECT.code)
    assert owner.at == f"/tenders/new/terms/?project={PROJECT.code}"
    assert PROJECT.name in owner.visit(owner.at)  # which way to select comes first
    page = owner.visit(f"/tenders/new/terms/?project={PROJECT.code}&method=live_auction")
    assert PROJECT.name in page
    assert PROJECT.cases[0].number in page
    project = InvestmentProject.objects.get(owner=owner.organization)
    return the_need(owner, time, project=project)


def the_need(owner: Person, time, *, project) -> Tender:
    """Write the terms, read the preview, confirm."""
    title = f"{PROJECT.name}环境影响报告书编制"
    signup_ends = (time.now + timedelta(days=3)).replace(second=0)
    owner.send(
        "/tenders/new/terms/",
        project=project.pk if project else "",
        case=project.cases.get().pk if project else "",
        title=title,
        service=ServiceCategory.objects.get(code=SERVICE).pk,
        region=Region.objects.get(code="360602").pk,
        description="编制环境影响报告书，配合技术评估和审批，直至取得批复。",
        delivery_days=45,
        money_kind="social",
        ceiling_fen="120,000",
        step_fen="1000",
        signup_ends_at=typed(signup_ends),
        selection_at=typed(signup_ends + timedelta(hours=1)),
        auction_ends_at=typed(signup_ends + timedelta(hours=2)),
        contact_name="王建平",
        contact_phone="0701-6001234",
        complaint_phone="0701-12345",
    )
    number = re.fullmatch(r"/tenders/(YT[0-9-]+)/preview/", owner.at)[1]
    assert title in owner.visit(owner.at)
    Person().visit(f"/tenders/{number}/", status=404)  # nobody else sees it yet
    text = owner.send(f"/tenders/{number}/publish/", confirmed="on")
    assert f"公告 {number} 已发布" in text
    assert title in Person().visit(f"/tenders/{number}/")
    return Tender.objects.get(number=number)


# 3. Sign-up


def the_fitting_firms_are_told(tender: Tender, village: Person, office: Person, other: Person) -> None:
    news = f"有适合您的采购需求：{tender.title}"
    assert [news in firm.visit("/account/inbox/") for firm in (village, office, other)] == [True, True, False]
    told = sorted(address for letter in mail.outbox if news in letter.subject for address in letter.to)
    assert told == sorted(firm.organization.email for firm in (village, office))


def sign_up(tender: Tender, *firms: Person) -> None:
    for firm in firms:
        assert "报名成功" in firm.send(f"/auctions/{tender.number}/sign-up/")
        firm.label = tender.bidders.get(organization=firm.organization).label


# 4. The auction


def bid(firm: Person, tender: Tender, amount: str, *, key: str = "", status: int = 200) -> dict:
    """Bid as the page's script does: JSON comes back."""
    answer = firm.client.post(
        f"/auctions/{tender.number}/bid/",
        {"amount": amount, "key": key or str(uuid.uuid4())},
        headers={"accept": "application/json"},
    )
    assert answer.status_code == status, answer.content.decode()
    return answer.json()


def the_price_falls(tender: Tender, village: Person, office: Person, time) -> None:
    room = f"/auctions/{tender.number}/"
    time.go_on(minutes=5)
    # Without JavaScript: the form of the page, sent as it is.
    key = re.search(r'name="key" value="([^"]+)"', village.visit(room))[1]
    text = village.send(f"{room}bid/", amount="118,000.00", key=key)
    assert "您的报价 118,000.00 元已受理，是第 1 次报价" in text
    # With it: the same action, answered in JSON. A repeated submit is the same bid.
    time.go_on(minutes=5)
    taken = bid(office, tender, "115000", key="one-key")
    assert taken["seq"] == 2
    assert bid(office, tender, "115000", key="one-key") == taken
    assert bid(village, tender, "114500", status=422)["code"] == "not_low_enough"
    # Everybody sees the price and the masked names, and nobody sees who they are.
    page = Person().visit(room)
    assert "115,000.00" in page
    assert office.label in page
    assert office.organization.name not in page
    # A bid in the last two minutes moves the end to two minutes after itself.
    time.go_on(tender.auction_ends_at - timedelta(seconds=30))
    assert bid(village, tender, "110000")["seq"] == 3
    auction = Auction.objects.get(tender=tender)
    assert auction.ends_at == time.now + timedelta(minutes=2)
    frames = Person().asks(f"{room}events/?after=0")["frames"]
    assert [frame["price"] for frame in frames if frame["e"] == "bid"] == [
        118_000 * YUAN, 115_000 * YUAN, 110_000 * YUAN,
    ]  # fmt: skip
    assert frames[-1]["extended"]
    # After the end no bid counts, whoever looks first.
    time.go_on(auction.ends_at - timedelta(seconds=1))
    time.now = auction.ends_at
    assert bid(office, tender, "100000", status=409)["code"] == "auction_closed"


# 5. The award


def it_closes_by_itself(tender: Tender, time) -> None:
    time.go_on(seconds=1)
    assert Auction.objects.get(tender=tender).status == "closed"
    award = tender.awards.get(status="standstill", amount_fen=110_000 * YUAN)
    page = Person().visit(f"/awards/{award.pk}/")
    for words in ("110,000.00", "公示", "天禄镇石港村环境技术合作社"):  # the names are public now
        assert words in page


def the_award_is_confirmed(tender: Tender, time) -> None:
    ends = tender.awards.get().standstill_ends_at
    time.go_on(ends - timedelta(seconds=1))
    assert tender.awards.get().status == "standstill"
    time.go_on(ends)
    assert tender.awards.get().status == "confirmed"
    assert "中选" in Person().visit(f"/tenders/{tender.number}/")


# 6. The contract
