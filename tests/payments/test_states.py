"""All pairs of every table: what it does not allow is refused."""

import pytest

from marketplace.core.refusals import Refused
from payments.states import CHARGE, INVOICE, PAYMENT_INTENT, REFUND, TRANSFER

ALLOWED = {
    PAYMENT_INTENT: {
        ("requires_payment_method", "requires_action"),
        ("requires_payment_method", "canceled"),
        ("requires_action", "succeeded"),
        ("requires_action", "requires_payment_method"),
        ("requires_action", "canceled"),
    },
    CHARGE: {("pending", "succeeded"), ("pending", "expired"), ("expired", "succeeded")},
    REFUND: {("pending", "succeeded"), ("pending", "failed")},
    TRANSFER: {
        ("pending", "paid"),
        ("pending", "failed"),
        ("pending", "reversed"),
        ("failed", "pending"),
        ("failed", "reversed"),
    },
    INVOICE: {("requested", "issued"), ("requested", "void"), ("issued", "void")},
}


@pytest.mark.parametrize("table", ALLOWED, ids=lambda table: table.name)
def test_every_pair(table):
    for pair in table.pairs():
        assert table.allows(*pair) == (pair in ALLOWED[table]), pair
        if pair not in ALLOWED[table]:
            with pytest.raises(Refused) as refused:
                table.check(*pair)
            assert refused.value.code == "state_conflict"
