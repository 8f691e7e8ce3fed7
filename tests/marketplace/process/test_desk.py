"""The desk: what waits, for whom, at an even cost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.accounts import make_admin, make_user
from tests.factories.bidding import agent_of, bid, make_auction
from tests.factories.contracts import make_contract
from tests.factories.parties import make_buyer
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
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/desk/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
