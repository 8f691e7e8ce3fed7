"""Refunds, charges, transfers, balance and its transactions, driven by Stripe's own client."""

import pytest
import stripe

from marketplace.core import clock
from marketplace.core.proofs import PROOFS
from payments.models import ApiRequest, Refund, Transfer
from tests.factories.payments import make_party
from tests.payments.api.conftest import BACK

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm(db):
    return make_party(role="intermediary")


@pytest.fixture
def account(firm):
    return f"acct_{firm.pk:016d}"


@pytest.fixture
def paid(v1, gateway):
    """Give a function that makes a payment and pays it at Alipay's cashier."""

    def make(fen=10_000, **params):
        asks = {"amount": fen, "currency": "cny", "confirm": True, "return_url": BACK}
        sent = v1.payment_intents.create({**asks, **params})
        gateway.pay(sent.next_action.alipay_handle_redirect.url)
        return v1.payment_intents.retrieve(sent.id)

    return make


def settle(v1, account, charge, fen, **params):
    asks = {"amount": fen, "currency": "cny", "destination": account, "source_transaction": charge}
    return v1.transfers.create({**asks, **params})


def test_a_whole_refund(v1, paid):
    intent = paid()
    refund = v1.refunds.create({"payment_intent": intent.id, "metadata": {"因": "撤项"}})
    assert (refund.amount, refund.status, refund.charge) == (10_000, "succeeded", intent.latest_charge)
    assert refund.metadata["因"] == "撤项"
    charge = v1.charges.retrieve(intent.latest_charge)
    assert (charge.refunded, charge.amount_refunded) == (True, 10_000)


def test_partial_refunds_up_to_the_whole(v1, paid):
    intent = paid()
    one = v1.refunds.create({"charge": intent.latest_charge, "amount": 4_000, "reason": "duplicate"})
    two = v1.refunds.create({"payment_intent": intent.id, "charge": intent.latest_charge})
    assert (one.amount, one.reason, two.amount) == (4_000, "duplicate", 6_000)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.refunds.create({"charge": intent.latest_charge})
    assert caught.value.code == "charge_already_refunded"
    assert list(PROOFS["ledger"]()) == []


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"amount": 10_001}, "amount_too_large", "amount"),
        ({"amount": 0}, "amount_too_small", "amount"),
        ({"reason": "whim"}, "parameter_invalid_string", "reason"),
        ({"charge": "py_none"}, "resource_missing", "charge"),
        ({"payment_intent": "pi_none"}, "resource_missing", "payment_intent"),
        ({"instructions_email": "a@b.c"}, "parameter_unknown", "instructions_email"),
    ],
)
def test_what_refunds_refuse(v1, paid, params, code, param):
    intent = paid()
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.refunds.create({"payment_intent": intent.id, **params})
    assert (caught.value.code, caught.value.param) == (code, param)
    assert not Refund.objects.exists()


def test_a_refund_of_nothing_named(v1):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.refunds.create({"amount": 1})
    assert caught.value.code == "parameter_missing"


def test_a_refund_of_what_is_not_paid(v1, gateway):
    sent = v1.payment_intents.create({"amount": 5, "currency": "cny", "confirm": True, "return_url": BACK})
    with pytest.raises(stripe.InvalidRequestError, match="has not been paid"):
        v1.refunds.create({"charge": sent.latest_charge})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.refunds.create({"payment_intent": sent.id})
    assert caught.value.code == "payment_intent_unexpected_state"


def test_a_charge_of_another_payment(v1, paid):
    one, two = paid(), paid()
    with pytest.raises(stripe.InvalidRequestError, match="does not belong"):
        v1.refunds.create({"payment_intent": one.id, "charge": two.latest_charge})


def test_refunds_are_read_changed_and_listed(v1, paid):
    intent = paid()
    made = [v1.refunds.create({"payment_intent": intent.id, "amount": 100}).id for _turn in range(3)]
    changed = v1.refunds.update(made[0], {"metadata": {"a": "1"}})
    assert v1.refunds.retrieve(made[0]).metadata.to_dict() == {"a": "1"} == changed.metadata.to_dict()
    assert [one.id for one in v1.refunds.list({"payment_intent": intent.id})] == made[::-1]
    assert [one.id for one in v1.refunds.list({"charge": intent.latest_charge, "limit": 1})] == made[-1:]
    assert not v1.refunds.list({"charge": "py_none"}).data
    updated = v1.events.list({"type": "refund.updated"}).data[0]
    assert updated.data.previous_attributes.to_dict() == {"metadata": {}}


@pytest.mark.parametrize("what", ["refunds", "transfers"])
def test_a_process_that_died_after_the_money_moved(v1, paid, account, what):
    intent = paid()
    params = {
        "refunds": {"payment_intent": intent.id, "amount": 10_000},
        "transfers": {
            "amount": 10_000,
            "currency": "cny",
            "destination": account,
            "transfer_group": intent.transfer_group,
        },
    }[what]
    room = getattr(v1, what)
    first = room.create(params, {"idempotency_key": "k"})
    ApiRequest.objects.filter(idempotency_key="k").update(
        state="started", status=None, sealed_body="", claimed_until=clock.now()
    )
    assert room.create(params, {"idempotency_key": "k"}).id == first.id
    assert Refund.objects.count() + Transfer.objects.count() == 1


def test_charges_of_a_payment(v1, paid):
    intent = paid(transfer_group="甲")
    paid(transfer_group="乙")
    assert [one.id for one in v1.charges.list({"payment_intent": intent.id})] == [intent.latest_charge]
    assert [one.id for one in v1.charges.list({"transfer_group": "甲"})] == [intent.latest_charge]
    assert len(v1.charges.list().data) == 2


def test_a_transfer(v1, paid, account):
    intent = paid()
    transfer = settle(v1, account, intent.latest_charge, 6_000, description="第 1 期", metadata={"n": "1"})
    assert (transfer.amount, transfer.destination, transfer.status) == (6_000, account, "paid")
    assert (transfer.description, transfer.metadata["n"]) == ("第 1 期", "1")
    assert transfer.source_transaction == intent.latest_charge
    with pytest.raises(stripe.InvalidRequestError) as caught:
        settle(v1, account, intent.latest_charge, 4_001)
    assert caught.value.code == "balance_insufficient"
    assert list(PROOFS["ledger"]()) == []


def test_a_transfer_of_a_group(v1, paid, account):
    small, great = paid(100, transfer_group="HT-1"), paid(9_000, transfer_group="HT-1")
    asks = {"currency": "cny", "destination": account, "transfer_group": "HT-1"}
    made = v1.transfers.create({**asks, "amount": 5_000})
    assert made.source_transaction == great.latest_charge
    assert v1.transfers.create({**asks, "amount": 100}).source_transaction == small.latest_charge
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.transfers.create({**asks, "amount": 4_001})
    assert caught.value.code == "balance_insufficient"


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"amount": 9}, "amount_too_small", "amount"),
        ({"destination": "acct_0000000000999999"}, "resource_missing", "destination"),
        ({"destination": "x"}, "resource_missing", "destination"),
        ({"source_transaction": "py_none"}, "resource_missing", "source_transaction"),
        ({"transfer_group": "another"}, None, "transfer_group"),
        ({"currency": "usd"}, "parameter_invalid_string", "currency"),
    ],
)
def test_what_transfers_refuse(v1, paid, account, params, code, param):
    intent = paid()
    with pytest.raises(stripe.InvalidRequestError) as caught:
        settle(v1, account, intent.latest_charge, 100, **params)
    assert (caught.value.code, caught.value.param) == (code, param)
    assert not Transfer.objects.exists()


def test_no_transfer_to_an_owner(v1, paid):
    owner = make_party(role="buyer")
    with pytest.raises(stripe.InvalidRequestError, match="No such account"):
        settle(v1, f"acct_{owner.pk:016d}", paid().latest_charge, 100)


def test_transfers_are_read_changed_and_listed(v1, paid, account):
    intent = paid(transfer_group="HT-2")
    made = settle(v1, account, intent.latest_charge, 100)
    v1.transfers.update(made.id, {"metadata": {"a": "1"}, "description": "尾款"})
    again = v1.transfers.retrieve(made.id)
    assert (again.description, again.metadata["a"]) == ("尾款", "1")
    for params in ({"destination": account}, {"transfer_group": "HT-2"}, {}):
        assert [one.id for one in v1.transfers.list(params)] == [made.id]
    assert not v1.transfers.list({"destination": "acct_x"}).data


def test_the_balance(v1, paid, account):
    intent = paid()
    v1.refunds.create({"payment_intent": intent.id, "amount": 1_000})
    settle(v1, account, intent.latest_charge, 2_000)
    balance = v1.balance.retrieve()
    assert (balance.pending[0].amount, balance.available[0].amount) == (7_000, 0)
    of_firm = v1.balance.retrieve(options={"stripe_account": account})
    assert of_firm.available[0].amount == 0  # paid out at once


def test_balance_transactions(v1, paid, account):
    intent = paid()
    refund = v1.refunds.create({"payment_intent": intent.id, "amount": 1_000})
    transfer = settle(v1, account, intent.latest_charge, 2_000)
    found = v1.balance_transactions.list({"expand": ["data.source"]}).data
    said = [(one.type, one.amount, one.source.id) for one in found]
    assert said == [
        ("transfer", -2_000, transfer.id),
        ("refund", -1_000, refund.id),
        ("charge", 10_000, intent.latest_charge),
    ]
    assert v1.balance_transactions.retrieve(found[0].id).net == -2_000
    assert [one.id for one in v1.balance_transactions.list({"type": "refund"})] == [refund.balance_transaction]
    assert [one.type for one in v1.balance_transactions.list({"source": transfer.id})] == ["transfer"]
    assert len(v1.balance_transactions.list({"limit": 2, "starting_after": found[0].id}).data) == 2
    charge = v1.charges.retrieve(intent.latest_charge, {"expand": ["balance_transaction"]})
    assert charge.balance_transaction.amount == 10_000
    with pytest.raises(stripe.InvalidRequestError, match="No such balance_transaction"):
        v1.balance_transactions.retrieve("txn_x")


def test_a_firms_own_transactions(v1, paid, account):
    settle(v1, account, paid().latest_charge, 2_000)
    mine = {"stripe_account": account}
    found = v1.balance_transactions.list({}, mine).data
    assert [(one.type, one.amount) for one in found] == [("payout", -2_000), ("payment", 2_000)]
    other = make_party(role="intermediary")
    theirs = {"stripe_account": f"acct_{other.pk:016d}"}
    assert not v1.balance_transactions.list({}, theirs).data
    with pytest.raises(stripe.InvalidRequestError):
        v1.balance_transactions.retrieve(found[0].id, None, theirs)


def test_stripe_account_only_where_it_means_something(v1, account):
    with pytest.raises(stripe.InvalidRequestError, match="Stripe-Account"):
        v1.payment_intents.list({}, {"stripe_account": account})
    with pytest.raises(stripe.PermissionError) as caught:
        v1.balance.retrieve(options={"stripe_account": "acct_0000000000999999"})
    assert caught.value.json_body["error"]["code"] == "account_invalid"


def test_accounts(v1, firm, account):
    make_party(role="buyer")
    found = v1.accounts.retrieve(account)
    assert (found.business_profile.name, found.country) == (firm.public_name, "CN")
    assert [one.id for one in v1.accounts.list()] == [account]
    with pytest.raises(stripe.APIError, match="answered for GET"):
        v1.accounts.create({"country": "CN"})
