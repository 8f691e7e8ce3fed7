"""Notice, question, way back, cancellation and another attempt at one moment, 50 at once: one result, and the books hold."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from marketplace.core.models import Event
from marketplace.core.proofs import PROOFS
from marketplace.core.refusals import Refused
from payments.actions import (
    apply_notice,
    cancel_payment_intent,
    confirm_payment_intent,
    create_refund,
    create_transfer,
    sync_charge,
)
from payments.handlers import ask_about_charges, ask_about_refunds, ask_about_transfers
from payments.models import Charge, PaymentEvent, PaymentIntent, Refund, Transfer
from payments.sandbox.robot import gateway_in_process
from tests.factories.payments import RETURN_URL, make_paid_intent, make_payment_intent, member_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
AT_ONCE = 50


def at_once(*works: Callable[[], object]) -> Counter[str]:
    """Do the works in turn on AT_ONCE threads that all begin at the same moment; count how they ended."""
    gate, ends = threading.Barrier(AT_ONCE), []

    def do(work: Callable[[], object]) -> None:
        try:
            gate.wait()
            ends.append(str(work()))
        except Refused as refused:
            ends.append(refused.code)
        except Exception as error:  # noqa: BLE001 - shown by the assertions
            ends.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=(works[number % len(works)],)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(ends)


@pytest.fixture
def paid_unheard(sandbox_dir):
    """Give a payment that the buyer has made and whose notice is kept instead of heard."""
    kept: list[bytes] = []
    with gateway_in_process(sandbox_dir, take_notice=lambda raw, now: kept.append(raw) or True) as gateway:
        intent = make_payment_intent()
        intent = confirm_payment_intent(intent=intent, return_url=RETURN_URL, by=member_of(intent.payer))
        gateway.pay(intent.next_action_url)
        yield intent, kept[0], gateway


def settle_all(gateway):
    """Let the worker ask until nothing is open."""
    for ask in (ask_about_charges, ask_about_refunds, ask_about_transfers):
        for row in (*Charge.objects.all(), *Refund.objects.all(), *Transfer.objects.all()):
            due = getattr(row, "next_query_at", None) or getattr(row, "next_attempt_at", None)
            if due is not None:
                ask(due)


def assert_books():
    assert list(PROOFS["ledger"]()) == []
    assert list(PROOFS["audit"]()) == []


def test_notice_return_question_and_cancellation_give_one_result(paid_unheard):
    intent, raw, gateway = paid_unheard
    charge = intent.pending_charge
    payer = member_of(intent.payer)
    browsers = [Client() for _number in range(AT_ONCE)]
    for browser in browsers:
        browser.force_login(payer)
    ends = at_once(
        lambda: apply_notice(raw_body=raw).reason,
        lambda: sync_charge(charge=charge).status,
        lambda: browsers.pop().get(reverse("payments:return", args=[intent.pk])).status_code,
        lambda: cancel_payment_intent(intent=intent, by=payer).status,
    )
    settle_all(gateway)
    intent.refresh_from_db()
    charge.refresh_from_db()
    assert charge.status == "succeeded", ends
    assert Event.objects.filter(name__in=["payment_intent_succeeded", "payment_intent_canceled"]).count() == 1
    refunded = list(Refund.objects.values_list("status", "amount_fen"))
    if intent.status == "succeeded":
        assert (refunded, charge.is_late) == ([], False), ends
    else:  # the cancellation was first: what came after it went back by itself, once
        assert intent.status == "canceled"
        assert (refunded, charge.is_late) == ([("succeeded", charge.amount_fen)], True), ends
    known = {"held", "returned", "already", "succeeded", "expired", "200", "canceled", "state_conflict"}
    assert set(ends) <= known, ends
    assert_books()


def test_many_confirmations_open_one_attempt(sandbox_dir):
    with gateway_in_process(sandbox_dir):
        intent = make_payment_intent()
        payer = member_of(intent.payer)
        ends = at_once(
            lambda: confirm_payment_intent(intent=intent, return_url=RETURN_URL, by=payer).status,
        )
    assert ends == {"requires_action": AT_ONCE}
    assert Charge.objects.count() == 1
    assert PaymentEvent.objects.filter(type="payment_intent.requires_action").count() == 1


def test_refunds_and_settlements_never_share_a_fen(sandbox_dir):
    with gateway_in_process(sandbox_dir) as gateway:
        intent = make_paid_intent(gateway)
        assert intent.status == "succeeded"
        part = intent.amount_fen // 10
        numbers = iter(range(AT_ONCE))
        guard = threading.Lock()

        def key() -> str:
            with guard:
                return f"race-{next(numbers)}"

        ends = at_once(
            lambda: create_refund(intent=intent, key=key(), amount_fen=part).amount_fen,
            lambda: create_transfer(intent=intent, destination=intent.payee, key=key(), amount_fen=part).amount_fen,
        )
        settle_all(gateway)
    assert ends[str(part)] == 10, ends  # ten tenths, whoever got them
    assert set(ends) <= {str(part), "balance_insufficient", "charge_already_refunded", "amount_too_large"}
    assert {*Refund.objects.values_list("status", flat=True)} <= {"succeeded"}
    assert {*Transfer.objects.values_list("status", flat=True)} <= {"paid"}
    returned = sum(Refund.objects.values_list("amount_fen", flat=True))
    assert returned + sum(Transfer.objects.values_list("amount_fen", flat=True)) == intent.amount_fen
    assert PaymentIntent.objects.get(pk=intent.pk).status == "succeeded"
    assert_books()


def test_one_key_makes_one_refund(sandbox_dir):
    with gateway_in_process(sandbox_dir) as gateway:
        intent = make_paid_intent(gateway)
        ends = at_once(lambda: create_refund(intent=intent, key="the same", amount_fen=100).pk)
    assert list(ends.values()) == [AT_ONCE]
    assert Refund.objects.count() == 1
    assert_books()
