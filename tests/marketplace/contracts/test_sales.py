"""A right that was sold: the firm pays the owner past the platform, and the owner's word completes the contract."""

from datetime import timedelta

import pytest

from marketplace.contracts.actions import confirm_receipt, revise_contract
from marketplace.contracts.models import Contract
from marketplace.core.refusals import Refused
from marketplace.tenders.actions import adopt_rule_set
from marketplace.tenders.models import Tender
from tests.factories.accounts import make_admin
from tests.factories.bidding import agent_of
from tests.factories.contracts import make_contract

pytestmark = pytest.mark.django_db


@pytest.fixture
def sale(db):
    """Lead the sale of a right to a contract in force."""
    admin = make_admin()
    adopt_rule_set(
        method="live_auction",
        data={"directions": ["down", "up"]},
        since=clock_hours_ago(20),
        by=admin,
        now=clock_hours_ago(20),
    )
    return make_contract(status="active", auction_direction="up", title="城北停车场经营权（三年）")


def clock_hours_ago(hours):
    from marketplace.core import clock

    return clock.now() - timedelta(hours=hours)


def test_the_contract_of_a_sale_says_who_pays_and_has_no_milestones(sale):
    assert sale.is_sale
    assert not sale.milestones.exists()
    assert "出让" in sale.title
    assert "乙方在合同生效后" in sale.body
    assert "价款不经平台收付" in sale.body
    assert sale.amount_fen == sale.award.amount_fen > sale.tender.ceiling_fen


def test_the_owner_says_when_the_price_has_come(sale, client):
    with pytest.raises(Refused) as caught:
        confirm_receipt(contract=sale, by=agent_of(sale.supplier))
    assert caught.value.code == "not_buyer"
    client.force_login(agent_of(sale.supplier))
    assert "请向业主付款" in client.get(sale.get_absolute_url()).content.decode()
    client.force_login(agent_of(sale.buyer))
    page = client.get(sale.get_absolute_url()).content.decode()
    assert "确认已收到全部价款" in page
    assert "节点" not in page.replace("修改节点", "")
    answer = client.post(f"{sale.get_absolute_url()}received/", follow=True)
    assert "已确认收到价款" in answer.content.decode()
    contract = Contract.objects.get(pk=sale.pk)
    assert contract.status == "completed"
    assert Tender.objects.get(pk=sale.tender_id).status == "completed"
    assert sale.tender.process.events.filter(name="price_received").count() == 1
    assert confirm_receipt(contract=contract, by=agent_of(sale.buyer)).status == "completed"


def test_a_sale_has_nothing_to_revise(sale, client):
    with pytest.raises(Refused) as caught:
        revise_contract(contract=sale, milestones=[], by=agent_of(sale.buyer))
    assert caught.value.code == "sale_fixed"
    client.force_login(agent_of(sale.buyer))
    assert client.get(f"{sale.get_absolute_url()}edit/").status_code == 409


def test_a_bought_service_is_not_confirmed_like_that():
    contract = make_contract(status="active")
    with pytest.raises(Refused) as caught:
        confirm_receipt(contract=contract, by=agent_of(contract.buyer))
    assert caught.value.code == "not_a_sale"
    assert Contract.objects.get(pk=contract.pk).status == "active"


def test_before_both_signed_nothing_is_received(db):
    adopt_rule_set(
        method="live_auction",
        data={"directions": ["up"]},
        since=clock_hours_ago(20),
        by=make_admin(),
        now=clock_hours_ago(20),
    )
    contract = make_contract(status="signing", auction_direction="up")
    with pytest.raises(Refused) as caught:
        confirm_receipt(contract=contract, by=agent_of(contract.buyer))
    assert caught.value.code == "contract_not_active"
