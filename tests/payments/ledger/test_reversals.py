"""Money of a transfer that was not paid out comes back to the payment, whole or in parts, and not otherwise."""

import pytest

from marketplace.core import clock
from marketplace.core.proofs import PROOFS
from marketplace.core.refusals import Forbidden, Invalid, Refused
from payments.actions import create_refund, create_reversal, create_transfer, retry_transfer
from payments.actions.held import held_fen
from payments.actions.transfers import send_transfer
from payments.models import Balance, PaymentEvent, Transfer, TransferReversal
from payments.shapes import shape
from tests.factories.payments import make_paid_intent, member_of

pytestmark = pytest.mark.django_db
AMOUNT = 3_200_000


@pytest.fixture
def failed(gateway):
    """Give a transfer that Alipay refused: the account does not exist."""
    intent = make_paid_intent(gateway)
    intent.payee.alipay_account = "nobody@example.invalid"
    intent.payee.save()
    create_transfer(intent=intent, destination=intent.payee, key="t")
    transfer = Transfer.objects.get()
    assert transfer.status == "failed"
    return transfer


def balance(kind):
    return sum(Balance.objects.filter(account__kind=kind).values_list("amount_fen", flat=True))


def assert_books():
    assert list(PROOFS["ledger"]()) == []
    assert list(PROOFS["audit"]()) == []


def test_in_parts_and_then_the_rest(failed):
    first = create_reversal(transfer=failed, amount_fen=1_000_000, key="r1")
    assert create_reversal(transfer=failed, amount_fen=1_000_000, key="r1").pk == first.pk
    failed.refresh_from_db()
    assert (failed.status, failed.amount_reversed_fen, failed.payout_fen) == ("failed", 1_000_000, 2_200_000)
    assert (balance("escrow"), balance("payable")) == (1_000_000, 2_200_000)
    assert held_fen(failed.intent) == 1_000_000
    assert_books()
    create_reversal(transfer=failed, key="r2")
    failed.refresh_from_db()
    assert (failed.status, failed.amount_reversed_fen) == ("reversed", AMOUNT)
    assert (balance("escrow"), balance("payable")) == (AMOUNT, 0)
    assert_books()
    with pytest.raises(Refused) as refused:
        create_reversal(transfer=failed, key="r3")
    assert refused.value.code == "transfer_already_reversed"
    create_refund(intent=failed.intent, key="back")
    assert balance("provider_clearing") == 0
    assert_books()


def test_what_is_left_is_paid_on_retry(failed, django_user_model):
    create_reversal(transfer=failed, amount_fen=1_200_000, key="r1")
    type(failed.destination).objects.filter(pk=failed.destination_id).update(alipay_account="")
    retry_transfer(transfer=Transfer.objects.get(), by=django_user_model(is_staff=True))
    failed.refresh_from_db()
    assert (failed.status, balance("provider_clearing"), balance("escrow")) == ("paid", -1_200_000, 1_200_000)
    assert_books()


def test_fee_comes_back_in_proportion(gateway, settings):
    settings.PAYMENTS_PLATFORM_FEE_BASIS_POINTS = 60
    intent = make_paid_intent(gateway)
    intent.payee.alipay_account = "nobody@example.invalid"
    intent.payee.save()
    create_transfer(intent=intent, destination=intent.payee, key="t")
    transfer = Transfer.objects.get()
    assert (transfer.fee_fen, transfer.payout_fen) == (19_200, 3_180_800)
    for part in (333_333, 1, 7, 2_000_000):
        create_reversal(transfer=transfer, amount_fen=part, key=f"r{part}")
        assert_books()
    create_reversal(transfer=transfer, key="rest")
    assert (balance("platform_fee"), balance("escrow"), balance("payable")) == (0, AMOUNT, 0)
    assert sum(TransferReversal.objects.values_list("fee_fen", flat=True)) == 19_200
    assert_books()


def test_what_was_paid_out_does_not_come_back(gateway):
    intent = make_paid_intent(gateway)
    transfer = create_transfer(intent=intent, destination=intent.payee, key="t")
    with pytest.raises(Refused) as refused:
        create_reversal(transfer=transfer, key="r")
    assert refused.value.code == "balance_insufficient"
    assert not TransferReversal.objects.exists()


def test_what_may_be_under_way_does_not_come_back(gateway, settings):
    intent = make_paid_intent(gateway)
    settings.ALIPAY_GATEWAY_URL = "http://127.0.0.1:9/gateway.do"
    from payments import gateways

    gateways.pop_transport()
    try:
        transfer = create_transfer(intent=intent, destination=intent.payee, key="t")
    finally:
        gateways.push_transport(gateway.transport)
    transfer.refresh_from_db()
    assert (transfer.status, transfer.sent_at is not None) == ("pending", True)
    with pytest.raises(Refused) as refused:
        create_reversal(transfer=transfer, key="r")
    assert refused.value.code == "balance_insufficient"


def test_one_that_was_never_sent_is_over_when_it_is_taken_back(gateway, monkeypatch):
    monkeypatch.setattr("payments.actions.transfers.payout_identity", lambda organization: "")
    intent = make_paid_intent(gateway)
    transfer = create_transfer(intent=intent, destination=intent.payee, key="t")
    stale = Transfer.objects.get()
    assert (stale.status, stale.failure_code, stale.sent_at) == ("pending", "payout_account_missing", None)
    create_reversal(transfer=transfer, key="r")
    monkeypatch.undo()
    assert send_transfer(transfer=stale, now=clock.now()).status == "reversed"
    assert gateway.sandbox.store.one("SELECT count(*) AS n FROM transfer")["n"] == 0
    assert balance("escrow") == AMOUNT
    assert_books()


@pytest.mark.parametrize("amount", [0, -1, AMOUNT + 1])
def test_an_amount_that_cannot_come_back(failed, amount):
    with pytest.raises(Invalid) as refused:
        create_reversal(transfer=failed, amount_fen=amount, key="r")
    assert refused.value.code == "amount_too_large"


def test_people_who_may(failed, django_user_model):
    for who in (member_of(failed.intent.payer), member_of(failed.destination)):
        with pytest.raises(Forbidden):
            create_reversal(transfer=failed, key="r", by=who)
    staff = django_user_model.objects.create_user(username="desk", password="not-a-secret-1", is_staff=True)
    assert create_reversal(transfer=failed, key="r", by=staff).amount_fen == AMOUNT


def test_stripes_shape(failed):
    reversal = create_reversal(transfer=failed, amount_fen=5, key="r", metadata={"why": "x"})
    made = shape(reversal)
    assert (made["object"], made["amount"], made["transfer"]) == ("transfer_reversal", 5, failed.id)
    failed.refresh_from_db()
    whole = shape(failed)
    assert (whole["amount_reversed"], whole["reversed"], whole["reversals"]["data"]) == (5, False, [made])
    event = PaymentEvent.objects.get(type="transfer.reversed")
    assert event.data["object"]["amount_reversed"] == 5
    assert event.data["previous_attributes"] == {"amount_reversed": 0}
