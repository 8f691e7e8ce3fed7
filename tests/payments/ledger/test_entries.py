"""The books: balanced, booked once, never below zero; and the proof finds every kind of damage."""

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.core import clock
from marketplace.core.proofs import PROOFS
from marketplace.core.refusals import Refused
from payments import triggers
from payments.actions import create_transfer, post_entry
from payments.actions.ledger import CLEARING, escrow, payable
from payments.models import Balance, Entry, Line, Transfer
from tests.factories.payments import make_paid_intent

pytestmark = pytest.mark.django_db


def post(key, lines):
    return post_entry(key=key, kind="test", lines=lines, process=None, now=clock.now())


def test_an_entry_is_booked_once():
    first = post("k", {CLEARING: -500, escrow("g"): 500})
    assert post("k", {CLEARING: -500, escrow("g"): 500}) == first
    assert {str(line.account): line.amount_fen for line in Line.objects.all()} == {
        "provider_clearing": -500,
        "escrow:g": 500,
    }
    assert Balance.objects.get(account__owner="g").amount_fen == 500


@pytest.mark.parametrize("lines", [{}, {CLEARING: 0, escrow("g"): 0}, {CLEARING: -1, escrow("g"): 2}, {CLEARING: 5}])
def test_what_is_uneven_is_not_booked(lines):
    with pytest.raises(Refused) as refused:
        post("k", lines)
    assert refused.value.code == "ledger_unbalanced"
    assert not Entry.objects.exists()


def test_nobody_falls_below_zero():
    post("in", {CLEARING: -500, escrow("g"): 500})
    with pytest.raises(Refused) as refused:
        post("out", {escrow("g"): -501, payable(1): 501})
    assert refused.value.code == "balance_insufficient"
    assert Entry.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Balance.objects.filter(account__owner="g").update(amount_fen=-1)


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (lambda: Balance.objects.filter(account__kind="escrow").update(amount_fen=1), "its lines say"),
        (lambda: Line.objects.filter(account__kind="escrow").update(amount_fen=1), "not zero"),
        (lambda: Transfer.objects.all().delete(), "the payments say"),
        (lambda: Transfer.objects.update(status="pending"), "payable"),
    ],
)
def test_the_proof_finds_damage(gateway, damage, word):
    intent = make_paid_intent(gateway)
    create_transfer(intent=intent, destination=intent.payee, amount_fen=1000, key="t")
    assert list(PROOFS["ledger"]()) == []
    triggers.remove(connection)  # they would not let it happen
    damage()
    assert word in "\n".join(PROOFS["ledger"]())
