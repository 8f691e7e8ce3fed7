"""Idempotency-Key in every combination (facts 4.4)."""

from datetime import timedelta

import httpx
import pytest
import stripe

from marketplace.core import clock
from payments import gateways
from payments.api.resources import payment_intents as room
from payments.handlers import forget_requests
from payments.models import ApiRequest, Charge, PaymentIntent
from tests.payments.api.conftest import BACK

pytestmark = pytest.mark.django_db

OWED = {"amount": 700, "currency": "cny"}


def under(name):
    return {"idempotency_key": name}


def test_the_same_key_gives_the_first_answer_again(v1):
    first = v1.payment_intents.create(OWED, under("k"))
    again = v1.payment_intents.create(OWED, under("k"))
    assert again.to_dict() == first.to_dict()
    assert PaymentIntent.objects.count() == 1
    headers = again.last_response.headers
    assert headers["Idempotent-Replayed"] == "true"
    assert headers["Original-Request"] == first.last_response.headers["Request-Id"]
    assert headers["Request-Id"] != headers["Original-Request"]
    assert "Idempotent-Replayed" not in first.last_response.headers


def test_the_first_answer_even_after_the_object_changed(v1):
    first = v1.payment_intents.create(OWED, under("k"))
    v1.payment_intents.cancel(first.id)
    assert v1.payment_intents.create(OWED, under("k")).status == "requires_payment_method"


def test_another_key_is_another_request(v1):
    assert v1.payment_intents.create(OWED, under("a")).id != v1.payment_intents.create(OWED, under("b")).id


def test_other_parameters_are_refused(v1):
    v1.payment_intents.create(OWED, under("k"))
    with pytest.raises(stripe.IdempotencyError) as caught:
        v1.payment_intents.create({**OWED, "amount": 701}, under("k"))
    assert caught.value.http_status == 400
    assert PaymentIntent.objects.count() == 1


def test_another_route_is_refused(v1):
    made = v1.payment_intents.create(OWED, under("k"))
    with pytest.raises(stripe.IdempotencyError):
        v1.payment_intents.cancel(made.id, None, under("k"))


def test_wrong_parameters_under_a_used_key(v1):
    v1.payment_intents.create(OWED, under("k"))
    with pytest.raises(stripe.IdempotencyError):
        v1.payment_intents.create({**OWED, "amount": -1}, under("k"))


def test_another_spelling_is_the_same_request(raw):
    headers = {"Idempotency_Key": "k"}
    one = raw("POST", "/v1/payment_intents", b"amount=5&currency=cny&payment_method_types[]=alipay", **headers)
    two = raw("POST", "/v1/payment_intents", b"payment_method_types%5B0%5D=alipay&currency=c%6Ey&amount=5", **headers)
    assert (one.status_code, two.status_code) == (200, 200)
    assert two.headers["Idempotent-Replayed"] == "true"
    assert one.content == two.content


def test_what_was_refused_before_it_began_is_not_kept(v1):
    with pytest.raises(stripe.InvalidRequestError):
        v1.payment_intents.create({**OWED, "amount": 0}, under("k"))
    assert not ApiRequest.objects.exists()
    assert v1.payment_intents.create(OWED, under("k")).amount == 700


def test_refusals_of_what_began_are_kept(v1):
    made = v1.payment_intents.create(OWED)
    v1.payment_intents.cancel(made.id)
    for _turn in range(2):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            v1.payment_intents.cancel(made.id, None, under("k"))
    assert caught.value.headers["Idempotent-Replayed"] == "true"
    assert caught.value.code == "payment_intent_unexpected_state"


def test_keys_are_of_one_api_key(client_for, db):
    one, two = client_for().v1, client_for().v1
    assert one.payment_intents.create(OWED, under("k")).id != two.payment_intents.create(OWED, under("k")).id


def test_reading_needs_none_and_keeps_none(v1, raw):
    made = v1.payment_intents.create(OWED)
    before = ApiRequest.objects.count()
    for amount in ("?x", ""):
        raw("GET", f"/v1/payment_intents/{made.id}{amount}", Idempotency_Key="k")
    assert ApiRequest.objects.count() == before


def test_a_post_without_a_key(raw):
    ids = {raw("POST", "/v1/payment_intents", b"amount=5&currency=cny").json()["id"] for _turn in range(2)}
    assert len(ids) == 2


def test_the_longest_key(v1):
    assert v1.payment_intents.create(OWED, under("k" * 255)).amount == 700
    with pytest.raises(stripe.IdempotencyError, match="255"):
        v1.payment_intents.create(OWED, under("k" * 256))


def test_what_is_under_way_is_in_use(v1):
    v1.payment_intents.create(OWED, under("k"))
    ApiRequest.objects.update(state="started", claimed_until=clock.now() + timedelta(seconds=60))
    with pytest.raises(stripe.APIError) as caught:  # the client retries it when it may (max_network_retries)
        v1.payment_intents.create(OWED, under("k"))
    assert caught.value.http_status == 409
    assert caught.value.headers["Stripe-Should-Retry"] == "true"
    assert caught.value.json_body["error"]["code"] == "idempotency_key_in_use"


def test_an_answer_of_500_is_kept(v1, monkeypatch, caplog):
    route = next(one for one in room.ROUTES if one.operation == "create_payment_intent")

    def fail(call):
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setitem(route.__dict__, "act", fail)
        with pytest.raises(stripe.APIError) as caught:
            v1.payment_intents.create(OWED, under("k"))
        assert caught.value.http_status == 500
        assert "disk" not in str(caught.value)
    with pytest.raises(stripe.APIError) as caught:
        v1.payment_intents.create(OWED, under("k"))
    assert caught.value.headers["Idempotent-Replayed"] == "true"
    assert "the disk is full" in caplog.text
    assert "sk_test" not in caplog.text


def test_a_process_that_died_after_it_made_the_object(v1):
    first = v1.payment_intents.create(OWED, under("k"))
    ApiRequest.objects.update(state="started", status=None, sealed_body="", claimed_until=clock.now())
    again = v1.payment_intents.create(OWED, under("k"))
    assert again.id == first.id
    assert "Idempotent-Replayed" not in again.last_response.headers
    assert PaymentIntent.objects.count() == 1


def test_a_process_that_died_before_it_made_anything(v1):
    first = v1.payment_intents.create(OWED, under("k"))
    ApiRequest.objects.update(state="started", status=None, sealed_body="", claimed_until=clock.now(), object_id="")
    PaymentIntent.objects.all().delete()
    assert v1.payment_intents.create(OWED, under("k")).id != first.id
    assert PaymentIntent.objects.count() == 1


class Deaf(httpx.BaseTransport):
    def handle_request(self, request):
        raise httpx.ConnectError("nobody there")


def test_a_silent_alipay_is_asked_again_under_the_same_key(v1, gateway):
    asks = {**OWED, "confirm": True, "return_url": BACK, "payment_method_options": {"alipay": {"way": "qr"}}}
    gateways.push_transport(Deaf())
    try:
        for _turn in range(2):
            with pytest.raises(stripe.APIError) as caught:
                v1.payment_intents.create(asks, under("k"))
            assert caught.value.http_status == 503
            assert "Idempotent-Replayed" not in caught.value.headers
    finally:
        gateways.pop_transport()
    assert (PaymentIntent.objects.count(), Charge.objects.count()) == (1, 1)
    assert ApiRequest.objects.get().state == "started"


def test_answers_are_sealed_in_the_database(v1):
    made = v1.payment_intents.create(OWED, under("k"))
    assert made.client_secret not in ApiRequest.objects.get().sealed_body


def test_after_a_day_a_key_is_forgotten(v1):
    v1.payment_intents.create(OWED, under("k"))
    assert forget_requests(clock.now() + timedelta(hours=23)) == 0
    assert forget_requests(clock.now() + timedelta(hours=25)) == 1
    v1.payment_intents.create(OWED, under("k"))
    assert PaymentIntent.objects.count() == 2
