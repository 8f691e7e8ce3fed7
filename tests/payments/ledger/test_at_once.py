"""A hundred transfers, refunds and reversals at once over few accounts: the sums hold, nothing waits for ever. PostgreSQL."""

import threading
from collections import Counter
from itertools import count

import pytest
from django.db import connection

from marketplace.core import clock
from marketplace.core.proofs import PROOFS
from marketplace.core.refusals import Refused
from payments.actions import create_refund, create_transfer, post_entry, top_up_platform_funds
from payments.actions.ledger import CLEARING, escrow, payable
from payments.actions.refunds import record_refund
from payments.models import Balance, Entry, Refund, Transfer
from payments.sandbox.robot import gateway_in_process
from payments.sandbox.store import SELLER, shift
from tests.factories.payments import make_paid_intent, make_party

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
THREADS = 25


def at_once(works):
    """Do all works on THREADS threads that begin together; count how they ended."""
    works, guard, gate, ends = list(works), threading.Lock(), threading.Barrier(THREADS), []

    def do():
        gate.wait()
        try:
            while True:
                with guard:
                    if not works:
                        return
                    work = works.pop()
                try:
                    work()
                    ends.append("done")
                except Refused as refused:
                    ends.append(refused.code)
                except Exception as error:  # noqa: BLE001 - shown by the assertions
                    ends.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=do) for _number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(ends)


def test_entries_over_the_same_few_accounts_in_every_order():
    purses = [escrow(str(number)) for number in range(4)] + [payable(1), payable(2)]
    now = clock.now()
    post_entry(key="in", kind="test", lines={CLEARING: -6_000, **dict.fromkeys(purses, 1_000)}, process=None, now=now)

    def post(number):
        source, target = purses[number % 6], purses[(number * 5 + 1) % 6]
        if source == target:
            source, target = CLEARING, purses[number % 6]
        lines = {source: -40, target: 70, CLEARING: -30} if source != CLEARING else {source: -40, target: 40}
        post_entry(key=f"k{number}", kind="test", lines=lines, process=None, now=now)

    ends = at_once([lambda number=number: post(number) for number in (*range(200), *range(50))])
    assert set(ends) <= {"done", "balance_insufficient"}, ends
    assert ends["done"] > 150
    assert Entry.objects.count() <= 201
    assert sum(Balance.objects.values_list("amount_fen", flat=True)) == 0
    assert [said for said in PROOFS["ledger"]() if "the payments say" not in said] == []


def test_transfers_and_refunds_of_few_payments_with_fee_and_debt(sandbox_dir, settings, django_user_model):
    settings.PAYMENTS_PLATFORM_FEE_BASIS_POINTS = 60
    staff = django_user_model.objects.create_user(username="desk", password="not-a-secret-1", is_staff=True)
    with gateway_in_process(sandbox_dir) as gateway:
        with gateway.sandbox.store.change():
            shift(gateway.sandbox.store, SELLER, 500_000)
        top_up_platform_funds(amount_fen=500_000, key="f", by=staff, note="x")
        firms = [make_party(role="intermediary") for _number in range(2)]
        intents = [make_paid_intent(gateway, amount_fen=1_000_000, payee=firm) for firm in firms * 2]
        for intent in intents:
            create_transfer(intent=intent, destination=intent.payee, amount_fen=100_000, key=f"first-{intent.pk}")
        numbers = count()
        works = []
        for intent in intents:
            same = {"intent": intent, "amount_fen": 30_011}
            for _number in range(10):
                key = f"k{next(numbers)}"
                works += [
                    lambda same=same, key=key: create_refund(**same, key=key),
                    lambda same=same, key=key: create_transfer(**same, destination=same["intent"].payee, key=key),
                    lambda same=same, key=key: create_refund(**same, key=f"a{key}", after_release=True, by=staff),
                ]
        ends = at_once(works)
        for refund in Refund.objects.filter(status="pending"):
            record_refund(refund=refund, status="failed", now=clock.now())
    assert set(ends) <= {"done", "amount_too_large", "charge_already_refunded", "balance_insufficient"}, ends
    assert ends["done"] >= 80, ends
    assert {*Refund.objects.values_list("status", flat=True)} <= {"succeeded", "failed"}
    assert Transfer.objects.filter(debt_repaid_fen__gt=0).exists()
    assert list(PROOFS["ledger"]()) == []
    assert list(PROOFS["audit"]()) == []
