"""Refunds of money that a firm has already: advanced, owed, repaid from the next settlements; and what fails on the way."""

import pytest

from marketplace.core import clock
from marketplace.core.proofs import PROOFS
from marketplace.core.refusals import Forbidden, Invalid, Refused
from payments import gateways
from payments.actions import (
    book_provider_fee,
    create_refund,
    create_reversal,
    create_transfer,
    top_up_platform_funds,
)
from payments.actions.held import held_fen
from payments.actions.refunds import record_refund
from payments.models import Balance, Entry, Refund, TopUp, Transfer
from payments.queries import owed_by
from payments.sandbox.store import SELLER, shift
from tests.factories.payments import make_paid_intent, make_party, member_of

pytestmark = pytest.mark.django_db
AMOUNT = 3_200_000


@pytest.fixture
def staff(django_user_model):
    return django_user_model.objects.create_user(username="desk", password="not-a-secret-1", is_staff=True)


def put_in(gateway, fen):
    """Put money of the platform's own into its account at the gateway."""
    with gateway.sandbox.store.change():
        assert shift(gateway.sandbox.store, SELLER, fen)


@pytest.fixture
def funds(gateway, staff):
    put_in(gateway, 5_000_000)
    return top_up_platform_funds(amount_fen=5_000_000, key="fund", by=staff, note="年度垫付资金")


@pytest.fixture
def settled(gateway):
    """Give a payment that its firm has."""
    intent = make_paid_intent(gateway)
    create_transfer(intent=intent, destination=intent.payee, key="t")
    return intent


def balance(kind, owner=None):
    rows = Balance.objects.filter(account__kind=kind)
    rows = rows if owner is None else rows.filter(account__owner=str(owner))
    return sum(rows.values_list("amount_fen", flat=True))


def assert_books():
    assert list(PROOFS["ledger"]()) == []
    assert list(PROOFS["audit"]()) == []


def advance(intent, staff, amount=None, key="back"):
    return create_refund(intent=intent, amount_fen=amount, key=key, after_release=True, by=staff)


def test_advanced_owed_and_repaid(gateway, settled, funds, staff):
    refund = Refund.objects.get(pk=advance(settled, staff, 700_000).pk)
    firm = settled.payee
    assert (refund.status, refund.is_after_release, refund.debtor) == ("succeeded", True, firm)
    assert (balance("platform_funds"), balance("debt", firm.pk), balance("claims")) == (4_300_000, -700_000, 700_000)
    assert owed_by(organization=firm) == 700_000
    assert held_fen(settled) == 0
    assert_books()
    small = make_paid_intent(gateway, payee=firm, amount_fen=300_000)
    first = create_transfer(intent=small, destination=firm, key="t1")
    first = Transfer.objects.get(pk=first.pk)
    assert (first.status, first.payout_fen, first.debt_repaid_fen) == ("paid", 0, 300_000)
    assert gateway.sandbox.store.one("SELECT count(*) AS n FROM transfer")["n"] == 1
    assert_books()
    large = make_paid_intent(gateway, payee=firm, amount_fen=1_000_000)
    second = Transfer.objects.get(pk=create_transfer(intent=large, destination=firm, key="t2").pk)
    assert (second.status, second.payout_fen, second.debt_repaid_fen) == ("paid", 600_000, 400_000)
    assert (balance("platform_funds"), balance("debt"), balance("claims")) == (5_000_000, 0, 0)
    assert_books()


def test_fee_first_then_the_debt_and_never_a_payout_too_small(gateway, settled, funds, staff, settings):
    settings.PAYMENTS_PLATFORM_FEE_BASIS_POINTS = 100
    firm = settled.payee
    advance(settled, staff, 98_995)
    intent = make_paid_intent(gateway, payee=firm, amount_fen=100_000)
    transfer = Transfer.objects.get(pk=create_transfer(intent=intent, destination=firm, key="t1").pk)
    # 100,000 less 1,000 fee leaves 99,000; repaying 98,995 would leave 5 fen, which nobody pays out.
    assert (transfer.fee_fen, transfer.debt_repaid_fen, transfer.payout_fen) == (1_000, 98_990, 10)
    assert (transfer.status, owed_by(organization=firm)) == ("paid", 5)
    assert_books()


def test_one_refund_in_parts_and_no_more_than_was_paid_out(settled, funds, staff):
    advance(settled, staff, 3_000_000, "r1")
    with pytest.raises(Invalid) as refused:
        advance(settled, staff, 200_001, "r2")
    assert refused.value.code == "amount_too_large"
    advance(settled, staff, None, "r3")
    assert sum(Refund.objects.values_list("amount_fen", flat=True)) == AMOUNT
    with pytest.raises(Refused) as refused:
        advance(settled, staff, None, "r4")
    assert refused.value.code == "charge_already_refunded"
    assert advance(settled, staff, None, "r3").amount_fen == 200_000
    assert_books()


def test_nothing_is_advanced_that_the_platform_does_not_have(gateway, settled, staff):
    with pytest.raises(Refused) as refused:
        advance(settled, staff, 1)
    assert refused.value.code == "balance_insufficient"
    assert not Refund.objects.exists()
    put_in(gateway, 10)
    top_up_platform_funds(amount_fen=10, key="f", by=staff, note="x")
    advance(settled, staff, 10)
    assert_books()


def test_only_staff_advances(settled, funds):
    for who in (None, member_of(settled.payer), member_of(settled.payee)):
        with pytest.raises(Forbidden):
            advance(settled, who)


def test_the_firm_is_named_where_several_were_paid(gateway, funds, staff):
    intent = make_paid_intent(gateway)
    other = make_party(role="intermediary")
    create_transfer(intent=intent, destination=intent.payee, amount_fen=1_000_000, key="t1")
    create_transfer(intent=intent, destination=other, amount_fen=500_000, key="t2")
    with pytest.raises(Invalid) as refused:
        advance(intent, staff, 100)
    assert refused.value.code == "debtor_unclear"
    create_refund(intent=intent, amount_fen=500_000, key="r", after_release=True, debtor=other, by=staff)
    assert (owed_by(organization=other), owed_by(organization=intent.payee)) == (500_000, 0)
    with pytest.raises(Refused):
        create_refund(intent=intent, amount_fen=1, key="r2", after_release=True, debtor=other, by=staff)
    stranger = make_party(role="intermediary")
    with pytest.raises(Refused):
        create_refund(intent=intent, amount_fen=1, key="r3", after_release=True, debtor=stranger, by=staff)
    assert held_fen(intent) == AMOUNT - 1_500_000
    assert_books()


@pytest.fixture
def held_back(gateway, settings):
    """Let the provider be away, so that what is asked of it stays pending."""
    sound = settings.ALIPAY_GATEWAY_URL

    def away(work):
        gateways.pop_transport()
        settings.ALIPAY_GATEWAY_URL = "http://127.0.0.1:9/gateway.do"
        try:
            return work()
        finally:
            settings.ALIPAY_GATEWAY_URL = sound
            gateways.push_transport(gateway.transport)

    return away


def fail(refund):
    return record_refund(refund=refund, status="failed", code="ACQ.SELLER_BALANCE_NOT_ENOUGH", now=clock.now())


def test_a_failed_one_is_owed_by_nobody(settled, funds, staff, held_back):
    refund = held_back(lambda: advance(settled, staff, 700_000))
    assert balance("refund_in_transit") == 700_000
    assert_books()
    fail(refund)
    assert (balance("platform_funds"), balance("debt"), balance("claims")) == (5_000_000, 0, 0)
    assert_books()


def test_what_was_repaid_for_one_that_failed_goes_back_to_the_firm(gateway, settled, funds, staff, held_back):
    firm = settled.payee
    refund = held_back(lambda: advance(settled, staff, 700_000))
    intent = make_paid_intent(gateway, payee=firm, amount_fen=1_000_000)
    create_transfer(intent=intent, destination=firm, key="t1")
    assert owed_by(organization=firm) == 0
    assert_books()
    fail(refund)
    given_back = Transfer.objects.get(key=f"given-back:{refund.id}")
    assert (given_back.amount_fen, given_back.source, given_back.status) == (700_000, "platform_funds", "paid")
    assert (balance("platform_funds"), balance("debt"), balance("claims")) == (5_000_000, 0, 0)
    assert balance("payable") == 0
    assert held_fen(settled) == 0
    assert_books()


def test_a_giving_back_that_fails_can_be_taken_back(gateway, settled, funds, staff, held_back):
    firm = settled.payee
    refund = held_back(lambda: advance(settled, staff, 700_000))
    create_transfer(intent=make_paid_intent(gateway, payee=firm, amount_fen=1_000_000), destination=firm, key="t1")
    type(firm).objects.filter(pk=firm.pk).update(alipay_account="nobody@example.invalid")
    fail(refund)
    given_back = Transfer.objects.get(key=f"given-back:{refund.id}")
    assert (given_back.status, balance("payable")) == ("failed", 700_000)
    assert_books()
    create_reversal(transfer=given_back, key="x")
    # The firm's claim stands on its account of debts, above zero.
    assert (balance("payable"), balance("debt", firm.pk), owed_by(organization=firm)) == (0, 700_000, 0)
    assert_books()


def test_repaid_debt_comes_back_with_a_reversal(gateway, settled, funds, staff):
    firm = settled.payee
    advance(settled, staff, 700_000)
    type(firm).objects.filter(pk=firm.pk).update(alipay_account="nobody@example.invalid")
    firm.refresh_from_db()
    intent = make_paid_intent(gateway, payee=firm, amount_fen=1_000_000)
    transfer = Transfer.objects.get(pk=create_transfer(intent=intent, destination=firm, key="t1").pk)
    assert (transfer.status, transfer.payout_fen, transfer.debt_repaid_fen) == ("failed", 300_000, 700_000)
    create_reversal(transfer=transfer, amount_fen=500_000, key="x")
    transfer.refresh_from_db()
    assert (transfer.payout_fen, transfer.debt_repaid_fen) == (150_000, 350_000)
    assert owed_by(organization=firm) == 350_000
    assert_books()
    create_reversal(transfer=transfer, key="y")
    assert (owed_by(organization=firm), held_fen(intent)) == (700_000, 1_000_000)
    assert_books()


def test_top_ups_are_noted_once_by_staff_with_a_reason(staff, settled):
    for who in (member_of(settled.payer), None):
        with pytest.raises(Forbidden):
            top_up_platform_funds(amount_fen=1, key="k", by=who, note="x")
    for amount, note, code in ((0, "x", "amount_invalid"), (1.5, "x", "amount_invalid"), (1, " ", "note_missing")):
        with pytest.raises(Invalid) as refused:
            top_up_platform_funds(amount_fen=amount, key="k", by=staff, note=note)
        assert refused.value.code == code
    first = top_up_platform_funds(amount_fen=7, key="k", by=staff, note="x")
    assert top_up_platform_funds(amount_fen=7, key="k", by=staff, note="x").pk == first.pk
    assert (TopUp.objects.count(), balance("platform_funds")) == (1, 7)
    assert_books()


def test_the_providers_fee_is_an_expense_and_may_come_back(gateway):
    intent = make_paid_intent(gateway)
    charge = intent.latest_charge
    now = clock.now()
    book_provider_fee(key="fee:1", amount_fen=19_200, charge=charge, now=now)
    book_provider_fee(key="fee:1", amount_fen=19_200, charge=charge, now=now)
    assert (balance("provider_fee"), balance("provider_clearing")) == (-19_200, 19_200 - AMOUNT)
    book_provider_fee(key="fee:2", amount_fen=-19_300, charge=None, now=now)
    assert (balance("provider_fee"), balance("provider_clearing")) == (100, -100 - AMOUNT)
    assert book_provider_fee(key="fee:3", amount_fen=0, now=now) is None
    assert Entry.objects.filter(kind="provider_fee").count() == 2
    assert_books()
