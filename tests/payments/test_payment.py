"""A payment from its beginning to its end, through the real protocol."""

from datetime import timedelta

import pytest

from marketplace.core import clock
from marketplace.core.models import Event
from marketplace.core.proofs import PROOFS
from marketplace.core.refusals import Forbidden, Invalid, Refused
from payments import gateways
from payments.actions import (
    cancel_payment_intent,
    confirm_payment_intent,
    create_payment_intent,
    create_refund,
    create_transfer,
    retry_transfer,
    sync_charge,
)
from payments.alipay.answers import Unknown
from payments.handlers import ask_about_charges, ask_about_refunds, ask_about_transfers
from payments.models import Charge, Notice, PaymentIntent, Refund, Transfer
from payments.queries import held_in
from tests.factories.payments import RETURN_URL, make_paid_intent, make_party, make_payment_intent, member_of

pytestmark = pytest.mark.django_db


def confirm(intent, now=None):
    return confirm_payment_intent(intent=intent, return_url=RETURN_URL, by=member_of(intent.payer), now=now)


def names(intent):
    return list(Event.objects.filter(process=intent.process).values_list("name", flat=True))


def assert_books():
    assert list(PROOFS["ledger"]()) == []
    assert list(PROOFS["audit"]()) == []


def test_pay_hold_settle(gateway):
    intent = make_payment_intent()
    assert intent.status == "requires_payment_method"
    assert intent.transfer_group == intent.id
    intent = confirm(intent)
    assert intent.status == "requires_action"
    back = gateway.pay(intent.next_action_url)
    assert back.startswith(RETURN_URL)
    intent.refresh_from_db()
    charge = intent.latest_charge
    assert (intent.status, intent.amount_received_fen, charge.status) == ("succeeded", 3_200_000, "succeeded")
    assert charge.trade_no
    assert held_in(transfer_group=intent.transfer_group) == 3_200_000
    assert_books()
    transfer = create_transfer(intent=intent, destination=intent.payee, key="m1", by=member_of(intent.payer))
    transfer.refresh_from_db()
    assert (transfer.status, transfer.amount_fen) == ("paid", 3_200_000)
    assert transfer.order_id
    assert held_in(transfer_group=intent.transfer_group) == 0
    assert create_transfer(intent=intent, destination=intent.payee, key="m1").pk == transfer.pk
    wanted = ["payment_intent_created", "payment_intent_succeeded", "transfer_created", "transfer_paid"]
    assert names(intent) == wanted
    data = Event.objects.get(process=intent.process, name="payment_intent_succeeded").data
    assert (data["payment_intent"], data["amount_fen"], data["metadata"]) == (intent.id, 3_200_000, intent.metadata)
    assert_books()


@pytest.mark.parametrize("amount", [0, -1, 10**10 + 1, 1.5, True])
def test_an_amount_that_cannot_be_paid_is_refused(amount):
    with pytest.raises(Invalid) as refused:
        make_payment_intent(amount_fen=amount)
    assert refused.value.code == "amount_invalid"


@pytest.mark.parametrize("metadata", [{"a": 1}, {"a[b]": "x"}, {"x" * 41: "x"}, {"a": "x" * 501}, {"": "x"}])
def test_metadata_is_short_text(metadata):
    with pytest.raises(Invalid) as refused:
        make_payment_intent(metadata=metadata)
    assert refused.value.code == "metadata_invalid"


def test_only_the_payer_pays(gateway):
    intent = make_payment_intent()
    for who in (member_of(intent.payee), member_of(make_party(role="buyer"))):
        for attempt in (
            lambda who=who: confirm_payment_intent(intent=intent, return_url=RETURN_URL, by=who),
            lambda who=who: cancel_payment_intent(intent=intent, by=who),
            lambda who=who: create_refund(intent=intent, key="x", by=who),
            lambda who=who: create_transfer(intent=intent, destination=intent.payee, key="x", by=who),
            lambda who=who: create_payment_intent(
                process=intent.process, payer=intent.payer, payee=intent.payee, amount_fen=1, description="x", by=who
            ),
        ):
            with pytest.raises(Forbidden):
                attempt()


def test_opening_the_cashier_twice_is_one_attempt(gateway):
    intent = confirm(make_payment_intent())
    again = confirm(intent)
    assert again.charges.count() == 1
    gateway.pay(intent.next_action_url)
    with pytest.raises(Refused) as refused:
        confirm(intent)
    assert refused.value.code == "state_conflict"


def test_a_lost_notice_is_made_good_by_asking(silent):
    intent = confirm(make_payment_intent())
    silent.pay(intent.next_action_url)
    intent.refresh_from_db()
    assert intent.status == "requires_action"
    assert ask_about_charges(clock.now()) == 0
    assert ask_about_charges(clock.now() + timedelta(minutes=2)) == 1
    intent.refresh_from_db()
    assert intent.status == "succeeded"
    assert_books()


def test_unknown_is_not_failed(sandbox_dir, settings):
    settings.ALIPAY_GATEWAY_URL = "http://127.0.0.1:9/gateway.do"
    intent = confirm(make_payment_intent())
    charge = intent.latest_charge
    assert isinstance(gateways.alipay().query(out_trade_no=charge.id), Unknown)
    late = clock.now() + timedelta(days=1)
    assert sync_charge(charge=charge, now=late).status == "pending"
    charge.refresh_from_db()
    assert (charge.queries, charge.next_query_at > late) == (1, True)
    with pytest.raises(Refused) as refused:
        confirm(intent, now=late)
    assert refused.value.code == "attempt_unresolved"


def test_an_expired_attempt_frees_the_payment_for_another(gateway):
    intent = confirm(make_payment_intent())
    old = intent.latest_charge
    later = clock.now() + timedelta(hours=1)
    assert ask_about_charges(later) == 1
    intent.refresh_from_db()
    old.refresh_from_db()
    assert (intent.status, old.status, old.next_query_at) == ("requires_payment_method", "expired", None)
    assert intent.last_payment_error["charge"] == old.id
    assert names(intent)[-1] == "payment_attempt_failed"
    gateway.now = later
    intent = confirm(intent, now=later)
    gateway.pay(intent.next_action_url)
    intent.refresh_from_db()
    assert (intent.status, intent.charges.count()) == ("succeeded", 2)
    assert_books()


def test_money_after_cancellation_returns_by_itself(gateway):
    intent = confirm(make_payment_intent())
    url = intent.next_action_url
    intent = cancel_payment_intent(intent=intent, by=member_of(intent.payer))
    assert intent.status == "canceled"
    gateway.pay(url)  # the cashier was open all the time
    charge = intent.latest_charge
    refund = Refund.objects.get()
    assert (charge.status, charge.is_late) == ("succeeded", True)
    assert (refund.is_automatic, refund.amount_fen, refund.charge) == (True, intent.amount_fen, charge)
    assert Refund.objects.get().status == "succeeded"
    intent.refresh_from_db()
    assert intent.status == "canceled"
    trade = gateway.sandbox.store.one("SELECT * FROM trade")
    assert (trade["status"], trade["refunded_fen"]) == ("TRADE_CLOSED", intent.amount_fen)
    assert_books()


def test_money_after_cancellation_returns_also_when_its_notice_is_lost(silent):
    intent = confirm(make_payment_intent())
    url = intent.next_action_url
    cancel_payment_intent(intent=intent, by=member_of(intent.payer))
    silent.pay(url)
    assert Charge.objects.get().status == "expired"
    ask_about_charges(clock.now() + timedelta(hours=1))
    assert Charge.objects.get().is_late
    assert Refund.objects.get().status == "succeeded"
    assert_books()


def test_partial_refunds_and_the_rest(gateway):
    intent = make_paid_intent(gateway)
    who = member_of(intent.payer)
    first = create_refund(intent=intent, amount_fen=1_000_000, key="r1", by=who)
    assert Refund.objects.get(pk=first.pk).status == "succeeded"
    assert create_refund(intent=intent, amount_fen=1_000_000, key="r1", by=who).pk == first.pk
    for amount, code in ((2_200_001, "amount_too_large"), (0, "amount_too_large")):
        with pytest.raises(Refused) as refused:
            create_refund(intent=intent, amount_fen=amount, key=f"r{amount}", by=who)
        assert refused.value.code == code
    with pytest.raises(Refused) as refused:
        create_transfer(intent=intent, destination=intent.payee, amount_fen=2_200_001, key="t")
    assert refused.value.code == "balance_insufficient"
    create_transfer(intent=intent, destination=intent.payee, key="t")
    with pytest.raises(Refused) as refused:
        create_refund(intent=intent, key="r3", by=who)
    assert refused.value.code == "charge_already_refunded"
    assert Transfer.objects.get().amount_fen == 2_200_000
    assert_books()


def test_the_notice_of_a_refund_is_no_second_payment(gateway):
    intent = make_paid_intent(gateway)
    create_refund(intent=intent, amount_fen=100, key="r", by=member_of(intent.payer))
    gateway.sandbox.notifier.deliver_due()
    assert Notice.objects.count() == 2
    assert Notice.objects.filter(outcome="refused").count() == 0
    assert Charge.objects.count() == 1
    assert_books()


def test_nothing_is_refunded_or_settled_before_it_is_paid(gateway):
    intent = make_payment_intent()
    for attempt in (
        lambda: create_refund(intent=intent, key="x"),
        lambda: create_transfer(intent=intent, destination=intent.payee, key="x"),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.code == "state_conflict"


def test_a_gateway_that_is_away_delays_and_never_doubles(gateway, settings):
    intent = make_paid_intent(gateway)
    sound = settings.ALIPAY_GATEWAY_URL
    gateways.pop_transport()
    settings.ALIPAY_GATEWAY_URL = "http://127.0.0.1:9/gateway.do"
    refund = create_refund(intent=intent, amount_fen=100, key="r", by=member_of(intent.payer))
    transfer = create_transfer(intent=intent, destination=intent.payee, key="t")
    assert {Refund.objects.get().status, Transfer.objects.get().status} == {"pending"}
    assert_books()
    settings.ALIPAY_GATEWAY_URL = sound
    gateways.push_transport(gateway.transport)
    later = clock.now() + timedelta(hours=1)
    assert (ask_about_refunds(later), ask_about_transfers(later)) == (1, 1)
    assert (ask_about_refunds(later), ask_about_transfers(later)) == (0, 0)
    refund.refresh_from_db()
    transfer.refresh_from_db()
    assert (refund.status, transfer.status) == ("succeeded", "paid")
    assert gateway.sandbox.store.one("SELECT count(*) AS n FROM transfer")["n"] == 1
    assert_books()


def test_a_transfer_to_a_wrong_account_stays_owed_until_it_is_mended(gateway, django_user_model):
    intent = make_paid_intent(gateway)
    intent.payee.alipay_account = "nobody@example.invalid"
    intent.payee.save()
    transfer = create_transfer(intent=intent, destination=intent.payee, key="t")
    transfer.refresh_from_db()
    assert (transfer.status, transfer.failure_code) == ("failed", "PAYEE_NOT_EXIST")
    assert_books()
    with pytest.raises(Forbidden):
        retry_transfer(transfer=transfer, by=member_of(intent.payee))
    type(intent.payee).objects.filter(pk=intent.payee.pk).update(alipay_account="")
    retry_transfer(transfer=Transfer.objects.get(), by=django_user_model(is_staff=True))
    assert Transfer.objects.get().status == "paid"
    assert_books()


def test_cancel_a_paid_one_is_refused(gateway):
    intent = make_paid_intent(gateway)
    with pytest.raises(Refused) as refused:
        cancel_payment_intent(intent=intent, by=member_of(intent.payer))
    assert refused.value.code == "state_conflict"
    assert PaymentIntent.objects.get().status == "succeeded"


def test_a_question_that_brings_a_wrong_amount_books_nothing_and_waits(silent):
    intent = confirm(make_payment_intent())
    silent.pay(intent.next_action_url)
    silent.sandbox.store.run("UPDATE trade SET total_fen = 1")
    later = clock.now() + timedelta(minutes=2)
    assert ask_about_charges(later) == 1
    assert ask_about_charges(later) == 0
    charge = Charge.objects.get()
    assert (charge.status, charge.trade_no) == ("pending", None)
    assert_books()


def test_one_row_that_fails_keeps_no_other_waiting(silent, monkeypatch, caplog):
    intents = [confirm(make_payment_intent()) for _ in range(2)]
    for intent in intents:
        silent.pay(intent.next_action_url)
    first = intents[0].latest_charge.out_trade_no
    sound = gateways.Gateway.query

    def query(self, *, out_trade_no):
        if out_trade_no == first:
            raise LookupError(first)
        return sound(self, out_trade_no=out_trade_no)

    monkeypatch.setattr(gateways.Gateway, "query", query)
    assert ask_about_charges(clock.now() + timedelta(minutes=2)) == 2
    assert [PaymentIntent.objects.get(pk=intent.pk).status for intent in intents] == ["requires_action", "succeeded"]
    assert "failed" in caplog.text
