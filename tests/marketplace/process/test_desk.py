"""The desk: what waits, for whom, at an even cost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.awards.actions import accept_award, confirm_award, declare_no_interest, run_selection
from marketplace.core import clock
from marketplace.tenders.models import Method
from tests.factories.accounts import make_admin, make_user
from tests.factories.awards import losers_of
from tests.factories.bidding import agent_of, bid, make_auction, make_bidder, make_offer
from tests.factories.contracts import make_contract
from tests.factories.parties import make_buyer, make_firm
from tests.factories.selections import award_of, judge, make_choice, make_scorers
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db


def desk(client, organization):
    client.force_login(agent_of(organization))
    return client.get("/desk/").content.decode()


def test_a_new_owner_is_led_on(client):
    assert "还没有采购需求" in desk(client, make_buyer())


def test_who_belongs_to_no_organization_chooses(client):
    client.force_login(make_user())
    page = client.get("/desk/").content.decode()
    assert "机构入驻" in page
    assert "登记为项目业主" in page


def test_administrators_go_to_their_desks(client):
    client.force_login(make_admin())
    assert client.get("/desk/").url.startswith("/admin/")


def test_strangers_sign_in_first(client):
    assert client.get("/desk/").status_code == 302


@pytest.mark.parametrize(
    ("status", "buyer_reads", "supplier_reads"),
    [
        ("draft", "核对合同并定稿", None),
        ("signing", "签订合同", "签订合同"),
        ("active", "支付合同款", None),
        ("completed", "评价这次服务", None),
    ],
)
def test_each_side_reads_its_own_turn(client, status, buyer_reads, supplier_reads):
    contract = make_contract(status=status)
    assert buyer_reads in desk(client, contract.buyer)
    page = desk(client, contract.supplier)
    assert (supplier_reads in page) if supplier_reads else (buyer_reads not in page)


def test_a_firm_that_is_outbid_is_called(client):
    auction = make_auction(firms=2)
    first, second = auction.tender.bidders.order_by("pk")
    bid(auction, first, 9_000_000, auction.opens_at)
    type(auction).objects.update(ends_at=auction.hard_ends_at)
    assert "您目前不是最低价" in desk(client, second.organization)
    assert "您目前不是最低价" not in desk(client, first.organization)


def test_one_need_and_three_cost_the_same(client):
    buyer = make_buyer()
    counts = []
    for more in (1, 2):
        for _turn in range(more):
            make_tender(buyer=buyer)
        desk(client, buyer)
        with CaptureQueriesContext(connection) as queries:
            client.get("/desk/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_an_owner_is_called_to_judge(client):
    for method, words in ((Method.CREDIT, "从短名单中选定机构"), (Method.MERIT, "比选已开启的方案")):
        selection = make_choice(method, phase="judging")
        assert words in desk(client, selection.tender.buyer)
        judge(selection.tender, now=clock.now())
        assert words not in desk(client, selection.tender.buyer)


def test_an_owner_is_told_how_many_scorers_are_missing(client):
    selection = make_choice(Method.SCORED, phase="frozen")
    assert "邀请评审人员，还差 3 名" in desk(client, selection.tender.buyer)
    make_scorers(selection.tender, count=2)
    assert "邀请评审人员，还差 1 名" in desk(client, selection.tender.buyer)
    make_scorers(selection.tender, count=1)
    assert "邀请评审人员" not in desk(client, selection.tender.buyer)


def test_a_firm_is_reminded_of_its_sealed_offer_until_it_has_one(client):
    selection = make_choice(Method.QUOTES, phase="open")
    bidder = make_bidder(tender=selection.tender)
    assert "提交密封报价" in desk(client, bidder.organization)
    make_offer(bidder=bidder)
    assert "提交密封报价" not in desk(client, bidder.organization)
    assert "报价开启" in desk(client, bidder.organization)


def test_a_chosen_firm_is_asked_where_the_rules_ask_for_its_word(client):
    award = award_of(make_choice(Method.DRAW))
    assert "您被选中，请确认承接" in desk(client, award.organization)
    for bidder in losers_of(award):
        assert "您被选中" not in desk(client, bidder.organization)
    award = confirm_award(award=award, now=award.standstill_ends_at)
    assert "您被选中，请确认承接" in desk(client, award.organization)
    accept_award(award=award, by=agent_of(award.organization), now=award.standstill_ends_at)
    assert "您被选中" not in desk(client, award.organization)
    bound = award_of(make_choice(Method.QUOTES))
    assert "您被选中" not in desk(client, bound.organization)


def test_a_scorer_is_called_with_or_without_an_organization(client):
    selection = make_choice(Method.SCORED, phase="frozen")
    [scorer] = make_scorers(selection.tender, count=1, declared=False)
    client.force_login(scorer.user)
    assert "请先声明没有利害关系" in client.get("/desk/").content.decode()
    declare_no_interest(scorer=scorer, by=scorer.user)
    assert "等您处理" not in client.get("/desk/").content.decode()
    run_selection(tender=selection.tender, now=selection.tender.selection_at)
    assert "请为方案评分" in client.get("/desk/").content.decode()
    make_firm(user=scorer.user)
    page = client.get("/desk/").content.decode()
    assert "请为方案评分" in page
    assert reverse("awards:score", args=[selection.tender.number]) in page


def test_choices_of_one_and_three_cost_the_same(client):
    buyer, counts = make_buyer(), []
    for more in (1, 2):
        for _turn in range(more):
            make_choice(Method.SCORED, phase="frozen", buyer=buyer)
        desk(client, buyer)
        with CaptureQueriesContext(connection) as queries:
            client.get("/desk/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
