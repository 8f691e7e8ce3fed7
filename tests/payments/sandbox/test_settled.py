"""A payment by code or phone from confirmation to settlement, and under each fault switch: paid once, the books right."""

from datetime import timedelta

import pytest

from marketplace.core import clock
from marketplace.core.proofs import PROOFS
from marketplace.core.refusals import Refused
from payments.actions import cancel_payment_intent, confirm_payment_intent, create_refund
from payments.handlers import ask_about_charges, ask_about_refunds
from payments.models import Charge, Notice, Refund
from tests.factories.payments import RETURN_URL, make_payment_intent, member_of

pytestmark = pytest.mark.django_db


def confirm(intent, way="qr", now=None):
    return confirm_payment_intent(intent=intent, way=way, return_url=RETURN_URL, by=member_of(intent.payer), now=now)


def paid_by_code(gateway):
    intent = confirm(make_payment_intent())
    gateway.pay(intent.pending_charge.qr_code)
    intent.refresh_from_db()
    return intent


def look_again(gateway, minutes=(1, 3, 6, 12, 40)):
    """Let time pass in which notices come and the worker asks."""
    since = clock.now()
    for minute in minutes:
        gateway.now = now = since + timedelta(minutes=minute)
        gateway.sandbox.notifier.deliver_due()
        ask_about_charges(now)
        ask_about_refunds(now)


def assert_books():
    assert list(PROOFS["ledger"]()) == []
    assert list(PROOFS["audit"]()) == []


def test_paid_by_code(gateway):
    intent = paid_by_code(gateway)
    assert (intent.status, intent.amount_received_fen) == ("succeeded", 3_200_000)
    assert intent.latest_charge.way == "qr"
    assert_books()


def test_paid_by_phone(gateway):
    intent = confirm(make_payment_intent(), way="wap")
    assert gateway.pay(intent.next_action_url).startswith(RETURN_URL)
    intent.refresh_from_db()
    assert intent.status == "succeeded"
    assert_books()


def test_the_same_code_is_given_again(gateway):
    intent = make_payment_intent()
    codes = {confirm(intent).pending_charge.qr_code for _ in range(2)}
    assert len(codes) == 1
    assert Charge.objects.count() == 1


def test_an_answer_with_the_code_that_is_lost_may_be_asked_for_again(gateway):
    gateway.sandbox.faults.set("answer_lost", only="alipay.trade.precreate")
    intent = make_payment_intent()
    with pytest.raises(Refused) as refused:
        confirm(intent)
    assert refused.value.code == "gateway_silent"
    intent = confirm(intent)
    gateway.pay(intent.pending_charge.qr_code)
    intent.refresh_from_db()
    assert intent.status == "succeeded"
    assert Charge.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "at_once"),
    [
        ("notify_twice", True),
        ("notify_early", True),
        ("notify_lost", False),
        ("notify_out_of_order", False),
        ("notify_wrongly_signed", False),
        ("notify_sha1", False),
        ("notify_other_seller", False),
        ("notify_altered_amount", False),
    ],
)
def test_whatever_happens_to_the_notice_the_payment_is_settled_once(gateway, name, at_once):
    gateway.sandbox.faults.set(name)
    intent = paid_by_code(gateway)
    assert (intent.status == "succeeded") == at_once
    look_again(gateway)
    intent.refresh_from_db()
    assert (intent.status, intent.amount_received_fen) == ("succeeded", 3_200_000)
    assert list(Charge.objects.values_list("status", "is_late")) == [("succeeded", False)]
    assert Notice.objects.filter(outcome=Notice.Outcome.APPLIED).count() <= 1
    assert_books()


def test_a_refunds_notice_may_overtake_the_payments(gateway):
    gateway.sandbox.faults.set("notify_out_of_order")
    intent = paid_by_code(gateway)
    look_again(gateway, (1,))
    intent.refresh_from_db()
    assert intent.status == "succeeded"  # by asking: the notice is still held
    create_refund(intent=intent, key="r", amount_fen=700_000, now=gateway.now)
    look_again(gateway)
    assert list(Refund.objects.values_list("status", "amount_fen")) == [("succeeded", 700_000)]
    assert Notice.objects.count() == 2
    assert list(Charge.objects.values_list("status", "is_late")) == [("succeeded", False)]
    assert_books()


def test_a_refund_whose_answer_is_lost_is_done_once(gateway):
    intent = paid_by_code(gateway)
    gateway.sandbox.faults.set("answer_lost", only="alipay.trade.refund")
    gateway.sandbox.faults.set("notify_lost")
    create_refund(intent=intent, key="r", amount_fen=700_000)
    assert Refund.objects.get().status == "pending"
    look_again(gateway)
    assert Refund.objects.get().status == "succeeded"
    assert gateway.sandbox.store.all("SELECT amount_fen FROM refund") == [{"amount_fen": 700_000}]
    assert_books()


@pytest.mark.parametrize("dies", [False, True])
def test_a_code_paid_after_its_payment_was_canceled_is_money_that_returns(gateway, dies):
    """The close finds no trade before the scan; whether the code still works is not for us to know."""
    intent = confirm(make_payment_intent())
    code = intent.pending_charge.qr_code
    if dies:
        gateway.sandbox.faults.set("code_dies_at_close", times=None)
    cancel_payment_intent(intent=intent, by=member_of(intent.payer))
    if dies:
        with pytest.raises(RuntimeError, match="失效"):
            gateway.pay(code)
    else:
        gateway.pay(code)
    look_again(gateway)
    intent.refresh_from_db()
    assert intent.status == "canceled"
    came, returned = ([("succeeded", True)], [("succeeded", 3_200_000)]) if not dies else ([("expired", False)], [])
    assert list(Charge.objects.values_list("status", "is_late")) == came
    assert list(Refund.objects.values_list("status", "amount_fen")) == returned
    purse = gateway.sandbox.store.one("SELECT balance_fen FROM account WHERE logon_id = 'rich@sandbox.invalid'")
    assert purse["balance_fen"] == 10**13
    assert_books()
