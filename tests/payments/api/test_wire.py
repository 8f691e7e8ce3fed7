"""Stripe's own client over TCP against uvicorn: its transport, its retries, and several at once."""

import socket
import threading
import time
from collections import Counter
from datetime import timedelta

import httpx
import pytest
import stripe
import uvicorn
from django.db import connection

from marketplace.asgi import http
from marketplace.core import clock
from marketplace.core.proofs import PROOFS
from payments.actions.keys import create_api_key
from payments.api import idempotency
from payments.models import ApiRequest, Charge, PaymentIntent, Refund, Transfer
from tests.factories.payments import make_party
from tests.payments.api.conftest import BACK

pytestmark = pytest.mark.django_db(transaction=True)
OWED = {"amount": 10_000, "currency": "cny"}
AT_ONCE = 8


@pytest.fixture(scope="module")
def address():
    """Give the address of our site on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(http, host="127.0.0.1", port=port, interface="asgi3", lifespan="off", log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def secret():
    return create_api_key(name="财务系统")[1]


@pytest.fixture
def dial(address, secret):
    """Give a function that makes a client of its own: dial(max_network_retries=0)."""
    kept = []

    def make(**options):
        transport = stripe.RequestsClient()
        kept.append(transport)
        client = stripe.StripeClient(secret, base_addresses={"api": address}, http_client=transport, **options)
        return client.v1

    yield make
    for transport in kept:
        transport.close()


@pytest.fixture
def v1(dial):
    return dial(max_network_retries=0)


def pay(v1, gateway, **params):
    sent = v1.payment_intents.create({**OWED, "confirm": True, "return_url": BACK, **params})
    gateway.pay(sent.next_action.alipay_handle_redirect.url)
    return v1.payment_intents.retrieve(sent.id)


def at_once(dial, work, **options):
    """Let AT_ONCE clients work at one moment; return what came, errors included."""
    gate, came = threading.Barrier(AT_ONCE), []

    def do(number):
        client = dial(**options)
        gate.wait()
        try:
            came.append(work(client, number))
        except stripe.StripeError as error:
            came.append(error)

    threads = [threading.Thread(target=do, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    connection.close()
    return came


def books_hold():
    return not list(PROOFS["ledger"]())


def test_a_payment_from_end_to_end(v1, gateway):
    firm = make_party(role="intermediary")
    intent = pay(v1, gateway, metadata={"合同": "YT-9"}, description="测绘费")
    assert (intent.status, intent.metadata["合同"]) == ("succeeded", "YT-9")
    refund = v1.refunds.create({"payment_intent": intent.id, "amount": 3_000})
    assert refund.status == "succeeded"
    transfer = v1.transfers.create(
        {
            "amount": 7_000,
            "currency": "cny",
            "destination": f"acct_{firm.pk:016d}",
            "source_transaction": intent.latest_charge,
        }
    )
    assert transfer.status == "paid"
    assert v1.balance.retrieve().pending[0].amount == 0
    assert [one.net for one in v1.balance_transactions.list()] == [-7_000, -3_000, 10_000]
    assert books_hold()


def test_the_client_shows_our_request_id(v1):
    made = v1.payment_intents.create(OWED)
    assert made.last_response.request_id.startswith("req_")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.payment_intents.retrieve("pi_none")
    assert caught.value.request_id.startswith("req_")


def test_errors_over_the_wire(v1, address):
    with pytest.raises(stripe.InvalidRequestError):
        v1.payment_intents.create({"amount": -1, "currency": "cny"})
    stranger = stripe.RequestsClient()
    wrong = stripe.StripeClient("sk_test_wrong", base_addresses={"api": address}, http_client=stranger)
    with pytest.raises(stripe.AuthenticationError):
        wrong.v1.balance.retrieve()
    stranger.close()


def test_module_level_calls_by_the_base_address_alone(address, secret, monkeypatch):
    transport = stripe.RequestsClient()
    monkeypatch.setattr(stripe, "api_base", address)
    monkeypatch.setattr(stripe, "api_key", secret)
    monkeypatch.setattr(stripe, "default_http_client", transport)
    made = stripe.PaymentIntent.create(amount=5, currency="cny", metadata={"a": "1"})
    assert stripe.PaymentIntent.modify(made.id, metadata={"b": "2"}).metadata.to_dict() == {"a": "1", "b": "2"}
    assert stripe.PaymentIntent.retrieve(made.id).cancel().status == "canceled"
    transport.close()


def test_pages_turn_over_the_wire(v1):
    made = [v1.payment_intents.create(OWED).id for _turn in range(5)]
    assert sorted(one.id for one in v1.payment_intents.list({"limit": 2}).auto_paging_iter()) == sorted(made)


def test_curl_with_basic(address, secret):
    answer = httpx.post(f"{address}/v1/payment_intents", data=OWED, auth=(secret, ""), trust_env=False)
    assert (answer.status_code, answer.json()["amount"]) == (200, 10_000)


def test_ten_megabytes(address, secret):
    answer = httpx.post(
        f"{address}/v1/payment_intents",
        content=b"a=" + b"x" * 10 * 1024 * 1024,
        headers={"Authorization": f"Bearer {secret}", "Content-Type": "application/x-www-form-urlencoded"},
        trust_env=False,
        timeout=60,
    )
    assert (answer.status_code, answer.json()["error"]["type"]) == (413, "invalid_request_error")


def test_the_description_needs_no_key(address):
    assert httpx.get(f"{address}/v1/openapi.json", trust_env=False).json()["openapi"] == "3.1.0"


def test_one_key_many_at_once(dial):
    """Every one of them gets the one intent: the first makes it, the others wait their turn and are given its answer."""
    came = at_once(
        dial, lambda v1, number: v1.payment_intents.create(OWED, {"idempotency_key": "k"}), max_network_retries=8
    )
    assert [one for one in came if isinstance(one, Exception)] == []
    assert len({one.id for one in came}) == 1
    assert PaymentIntent.objects.count() == ApiRequest.objects.count() == 1


def test_one_key_many_at_once_with_other_parameters(dial):
    came = at_once(
        dial,
        lambda v1, number: v1.payment_intents.create({**OWED, "amount": 1 + number}, {"idempotency_key": "k"}),
        max_network_retries=0,
    )
    assert Counter(type(one).__name__ for one in came) == {"PaymentIntent": 1, "IdempotencyError": AT_ONCE - 1}
    assert PaymentIntent.objects.count() == 1


def test_one_refund_under_one_key(dial, v1, gateway):
    intent = pay(v1, gateway)
    asks = {"payment_intent": intent.id, "amount": 1_000}
    came = at_once(dial, lambda v1, number: v1.refunds.create(asks, {"idempotency_key": "r"}), max_network_retries=8)
    assert len({one.id for one in came}) == 1
    assert Refund.objects.count() == 1


def test_refunds_at_once_never_give_more_than_there_is(dial, v1, gateway):
    intent = pay(v1, gateway)
    asks = {"payment_intent": intent.id, "amount": 3_000}
    came = at_once(dial, lambda v1, number: v1.refunds.create(asks), max_network_retries=4)
    refused = [one.code for one in came if isinstance(one, Exception)]
    assert refused == ["amount_too_large"] * (AT_ONCE - 3)
    assert sum(refund.amount_fen for refund in Refund.objects.all()) == 9_000
    assert books_hold()


def test_refund_and_transfer_at_once(dial, v1, gateway):
    firm = make_party(role="intermediary")
    intent = pay(v1, gateway)
    out = {"amount": 10_000, "currency": "cny"}

    def work(v1, number):
        if number % 2:
            return v1.refunds.create({"payment_intent": intent.id})
        return v1.transfers.create(
            {**out, "destination": f"acct_{firm.pk:016d}", "source_transaction": intent.latest_charge}
        )

    came = at_once(dial, work, max_network_retries=4)
    assert len([one for one in came if not isinstance(one, Exception)]) == 1
    assert Refund.objects.count() + Transfer.objects.count() == 1
    assert books_hold()


def test_confirm_at_once_opens_one_attempt(dial, v1, gateway):
    made = v1.payment_intents.create(OWED)
    came = at_once(
        dial, lambda v1, number: v1.payment_intents.confirm(made.id, {"return_url": BACK}), max_network_retries=4
    )
    assert {one.status for one in came} == {"requires_action"}
    assert Charge.objects.count() == 1


def test_cancel_and_confirm_at_once(dial, v1, gateway):
    made = v1.payment_intents.create(OWED)

    def work(v1, number):
        if number % 2:
            return v1.payment_intents.cancel(made.id)
        return v1.payment_intents.confirm(made.id, {"return_url": BACK})

    came = at_once(dial, work, max_network_retries=4)
    assert {one.code for one in came if isinstance(one, Exception)} <= {"payment_intent_unexpected_state"}
    assert v1.payment_intents.retrieve(made.id).status == "canceled"
    assert not Charge.objects.filter(status="pending").exists()


def test_the_client_waits_for_what_is_under_way(dial, v1):
    """Of a process that died the row is claimed for a while: the client is told to come again, and then it is carried on."""
    first = v1.payment_intents.create(OWED, {"idempotency_key": "k"})
    lease = clock.now() + timedelta(seconds=0.7)
    ApiRequest.objects.update(state="started", status=None, sealed_body="", claimed_until=lease)
    with pytest.raises(stripe.APIError):
        v1.payment_intents.create(OWED, {"idempotency_key": "k"})
    assert dial(max_network_retries=5).payment_intents.create(OWED, {"idempotency_key": "k"}).id == first.id
    assert PaymentIntent.objects.count() == 1


def test_who_is_late_does_not_overwrite_the_answer(v1):
    """A process that comes back after its time finds that another has carried the request on."""
    made = v1.payment_intents.create(OWED, {"idempotency_key": "k"})
    late = ApiRequest.objects.get()
    ApiRequest.objects.update(claimed_until=late.claimed_until + timedelta(minutes=5))
    idempotency.finish(late, status=500, body="{}")
    idempotency.let_go(late)
    assert v1.payment_intents.create(OWED, {"idempotency_key": "k"}).id == made.id
