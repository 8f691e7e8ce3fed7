"""Reversals of transfers, driven by Stripe's own client."""

import pytest
import stripe

from marketplace.core import clock
from marketplace.core.proofs import PROOFS
from payments.models import ApiRequest, TransferReversal
from tests.factories.payments import make_party
from tests.payments.api.conftest import BACK

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm(db):
    return make_party(role="intermediary", alipay_account="nobody@example.invalid")


@pytest.fixture
def settle(v1, gateway):
    """Give a function that pays 10,000 fen and settles them to a firm."""

    def make(firm):
        sent = v1.payment_intents.create({"amount": 10_000, "currency": "cny", "confirm": True, "return_url": BACK})
        gateway.pay(sent.next_action.alipay_handle_redirect.url)
        charge = v1.payment_intents.retrieve(sent.id).latest_charge
        asks = {"amount": 10_000, "currency": "cny", "source_transaction": charge}
        return v1.transfers.create({**asks, "destination": f"acct_{firm.pk:016d}"})

    return make


def test_a_failed_transfer_comes_back_in_parts(v1, settle, firm):
    transfer = settle(firm)
    assert transfer.status == "failed"
    one = v1.transfers.reversals.create(transfer.id, {"amount": 4_000, "metadata": {"a": "1"}})
    two = v1.transfers.reversals.create(transfer.id, {"expand": ["transfer"]})
    assert (one.amount, two.amount, two.transfer.amount_reversed, two.transfer.reversed) == (4_000, 6_000, 10_000, True)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.transfers.reversals.create(transfer.id)
    assert caught.value.code == "transfer_already_reversed"
    assert v1.balance.retrieve().pending[0].amount == 10_000
    shown = v1.transfers.retrieve(transfer.id)
    assert [found.id for found in shown.reversals.data] == [two.id, one.id]
    assert [found.id for found in shown.reversals.auto_paging_iter()] == [two.id, one.id]
    assert list(PROOFS["ledger"]()) == []


def test_read_change_and_list(v1, settle, firm):
    transfer = settle(firm)
    made = [v1.transfers.reversals.create(transfer.id, {"amount": 10}).id for _turn in range(3)]
    v1.transfers.reversals.update(transfer.id, made[0], {"metadata": {"b": "2"}})
    assert v1.transfers.reversals.retrieve(transfer.id, made[0]).metadata.to_dict() == {"b": "2"}
    page = v1.transfers.reversals.list(transfer.id, {"limit": 2})
    assert (page.url, page.has_more) == (f"/v1/transfers/{transfer.id}/reversals", True)
    assert [one.id for one in page.auto_paging_iter()] == made[::-1]
    other = settle(make_party(role="intermediary"))
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.transfers.reversals.retrieve(other.id, made[0])
    assert caught.value.code == "resource_missing"


def test_what_is_paid_out_does_not_come_back(v1, settle):
    transfer = settle(make_party(role="intermediary"))
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.transfers.reversals.create(transfer.id)
    assert caught.value.code == "balance_insufficient"


def test_no_more_than_there_is(v1, settle, firm):
    transfer = settle(firm)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.transfers.reversals.create(transfer.id, {"amount": 10_001})
    assert (caught.value.code, caught.value.param) == ("amount_too_large", "amount")


def test_a_process_that_died_after_the_money_came_back(v1, settle, firm):
    transfer = settle(firm)
    first = v1.transfers.reversals.create(transfer.id, {"amount": 10}, {"idempotency_key": "k"})
    ApiRequest.objects.filter(idempotency_key="k").update(
        state="started", status=None, sealed_body="", claimed_until=clock.now()
    )
    assert v1.transfers.reversals.create(transfer.id, {"amount": 10}, {"idempotency_key": "k"}).id == first.id
    assert TransferReversal.objects.count() == 1


def test_a_firms_transactions_show_both(v1, settle, firm):
    transfer = settle(firm)
    made = v1.transfers.reversals.create(transfer.id, {"amount": 4_000})
    mine = {"stripe_account": f"acct_{firm.pk:016d}"}
    found = v1.balance_transactions.list({"expand": ["data.source"]}, mine).data
    assert [(one.type, one.amount) for one in found] == [("payment_refund", -4_000), ("payment", 10_000)]
    assert found[0].source.id == made.id
    assert v1.balance.retrieve(options=mine).available[0].amount == 6_000
