"""Against the local gateway: its bills downloaded and matched, strangers' money held, settled or returned, mornings kept."""

from datetime import timedelta

import pytest

from marketplace.core.refusals import Refused
from payments import mornings
from payments.actions import confirm_payment_intent, create_refund, create_transfer
from payments.actions.receipts import return_unknown_receipt, settle_unknown_receipt
from payments.actions.reconciliation import reconcile_day
from payments.bills.holdings import bills as bills_proof
from payments.models import Balance, Break, Charge, PaymentIntent, Reconciliation, UnknownReceipt
from payments.proofs import ledger as ledger_proof
from tests.factories.accounts import make_admin
from tests.factories.bills import at
from tests.factories.payments import RETURN_URL, make_paid_intent, make_payment_intent, member_of
from tests.payments.conftest import order

from .conftest import DAY, MORNING, found

pytestmark = pytest.mark.django_db
NOON = at(DAY, "12:00:00")


def proofs():
    return [*ledger_proof(), *bills_proof()]


@pytest.fixture
def day(gateway):
    """A day with a payment, a partial refund, a settlement, and a stranger's 77.00 yuan."""
    gateway.now = NOON
    intent = make_paid_intent(gateway, now=NOON)
    create_refund(intent=intent, key="r", amount_fen=1_200_000, now=NOON)
    create_transfer(intent=intent, destination=intent.payee, key="t", amount_fen=1_000_000, now=NOON)
    gateway.pay(order("stranger_1", 7_700, time_expire=NOON + timedelta(minutes=30)))
    gateway.now = MORNING
    return gateway


def held(kind="suspense"):
    return sum(Balance.objects.filter(account__kind=kind).values_list("amount_fen", flat=True))


def test_the_gateways_own_bills_are_matched(day):
    row = reconcile_day(day=DAY, now=MORNING)
    assert (row.status, row.failure) == ("differing", "")
    assert found() == [("stranger_1", "missing_here")]
    assert (row.theirs["payment"], row.theirs["refund"], row.theirs["transfer"]) == (3_207_700, -1_200_000, -1_000_000)
    assert row.ours["payment"] == 3_200_000
    assert row.fees_fen == 19_200 - 7_200 + 46
    assert held() == 7_700
    assert proofs() == []
    reconcile_day(day=DAY, now=MORNING, again=True)
    assert (Break.objects.count(), UnknownReceipt.objects.count(), held()) == (1, 1, 7_700)


def test_strangers_money_is_returned_and_its_refund_is_known_on_the_next_bill(day):
    reconcile_day(day=DAY, now=MORNING)
    receipt = UnknownReceipt.objects.get()
    with pytest.raises(Refused, match="写明原因"):
        return_unknown_receipt(receipt=receipt, reason="", by=make_admin(), now=MORNING)
    return_unknown_receipt(receipt=receipt, reason="不是我方订单", by=make_admin(), now=MORNING)
    receipt.refresh_from_db()
    assert (receipt.status, held(), held("refund_in_transit")) == ("returned", 0, 0)
    assert found() == []
    assert proofs() == []
    with pytest.raises(Refused):
        return_unknown_receipt(receipt=receipt, reason="再退", by=make_admin(), now=MORNING)
    day.now = next_morning = MORNING + timedelta(days=1)
    row = reconcile_day(day=DAY + timedelta(days=1), now=next_morning)
    assert row.status == "balanced"
    assert row.ours["refund"] == row.theirs["refund"] == -7_700
    assert reconcile_day(day=DAY, now=next_morning).status == "balanced"  # what was decided stays decided


def test_a_return_that_alipay_refuses_leaves_the_money_and_the_choice(day):
    reconcile_day(day=DAY, now=MORNING)
    UnknownReceipt.objects.update(out_trade_no="never_was")
    receipt = return_unknown_receipt(receipt=UnknownReceipt.objects.get(), reason="退", by=make_admin(), now=MORNING)
    receipt.refresh_from_db()
    assert (receipt.status, receipt.failure_code, held()) == ("held", "ACQ.TRADE_NOT_EXIST", 7_700)
    assert found() == [("stranger_1", "missing_here")]
    assert proofs() == []


def test_strangers_money_is_settled_as_the_payment_that_it_is_and_can_be_refunded(day):
    reconcile_day(day=DAY, now=MORNING)
    intent = make_payment_intent(amount_fen=7_700, now=MORNING)
    confirm_payment_intent(intent=intent, return_url=RETURN_URL, by=member_of(intent.payer), now=MORNING)
    charge = Charge.objects.get(intent=intent)
    receipt = UnknownReceipt.objects.get()
    settle_unknown_receipt(receipt=receipt, charge=charge, reason="付款单位来函", by=make_admin(), now=MORNING)
    intent = PaymentIntent.objects.get(pk=intent.pk)
    assert (intent.status, held(), held("escrow")) == ("succeeded", 0, 3_200_000 - 1_200_000 - 1_000_000 + 7_700)
    assert {one.out_trade_no: one.status for one in intent.charges.all()} == {
        "stranger_1": "succeeded",
        charge.id: "expired",
    }
    assert found() == []
    assert proofs() == []
    assert reconcile_day(day=DAY, now=MORNING).status == "balanced"
    refund = create_refund(intent=intent, key="back", now=MORNING)
    refund.refresh_from_db()
    assert refund.status == "succeeded"  # under the number by which Alipay knows the money
    assert proofs() == []


def test_mornings_wait_for_nine_fetch_once_and_catch_up(day):
    early = MORNING - timedelta(hours=1)
    day.now = early
    assert mornings.reconcile_due(early) == 1  # the 24th, on which nothing was ours
    assert Reconciliation.objects.get().day == DAY - timedelta(days=1)
    assert mornings.reconcile_due(early) == 0
    day.now = MORNING
    assert mornings.reconcile_due(MORNING) == 1
    assert Reconciliation.objects.get(day=DAY).status == "differing"
    assert mornings.reconcile_due(MORNING) == 0
    later = MORNING + timedelta(days=3)
    day.now = later
    done = [mornings.reconcile_due(later) for _round in range(6)]
    assert done == [1, 1, 1, 1, 0, 0]  # the day with a break once more, and three new ones
    assert Reconciliation.objects.count() == 5


def test_a_bill_that_is_not_there_is_waited_for_and_then_alarms(day, caplog):
    day.now = NOON  # at the gateway it is still that day
    assert reconcile_day(day=DAY, now=MORNING).status == "waiting"
    row = Reconciliation.objects.get()
    assert row.next_attempt_at == MORNING + timedelta(hours=1)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    row = reconcile_day(day=DAY, now=MORNING + timedelta(days=1))
    assert row.status == "failed"
    assert "至今没有取得业务账单、资金账单" in row.failure
    assert [record.levelname for record in caplog.records if "reconciling" in record.message] == ["ERROR"]


def test_a_silent_gateway_fails_the_day_and_the_next_try_mends_it(day, settings):
    address = settings.ALIPAY_GATEWAY_URL
    settings.ALIPAY_GATEWAY_URL = "http://127.0.0.1:1/nowhere"
    row = reconcile_day(day=DAY, now=MORNING)
    assert row.status == "failed"
    assert "支付宝没有回应" in row.failure
    settings.ALIPAY_GATEWAY_URL = address
    assert mornings.reconcile_due(MORNING + timedelta(minutes=59)) == 0
    assert mornings.reconcile_due(MORNING + timedelta(hours=1)) == 1
    row.refresh_from_db()
    assert (row.status, row.failure) == ("differing", "")


def test_nothing_is_asked_where_no_money_has_moved(gateway):
    assert mornings.reconcile_due(MORNING) == 0
    assert not Reconciliation.objects.exists()
