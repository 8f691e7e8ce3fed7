"""What a repeated request finds: that the first made something, that another process has taken it over, that a key reads only its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
import stripe
from django.db import OperationalError

from marketplace.core import clock
from payments.api.entry import ROUTES
from payments.models import ApiRequest, PaymentIntent, Refund
from tests.factories.payments import make_paid_intent, make_payment_intent

pytestmark = pytest.mark.django_db


def under(key):
    return {"idempotency_key": key}


def route_of(operation):
    return next(one for one in ROUTES if one.operation == operation)


def test_a_refund_that_was_made_before_the_database_was_busy_is_found_again(v1, gateway, monkeypatch):
    intent = make_paid_intent(gateway)
    route = route_of("create_refund")
    act = route.act

    def act_and_meet_a_lock(call):
        act(call)
        raise OperationalError("database is locked")

    asked = {"payment_intent": intent.pk, "amount": 100}
    with monkeypatch.context() as patch:
        patch.setitem(route.__dict__, "act", act_and_meet_a_lock)
        with pytest.raises(stripe.APIError) as caught:
            v1.refunds.create(asked, under("k"))
    assert caught.value.http_status == 409
    made = v1.refunds.create(asked, under("k"))
    assert list(Refund.objects.values_list("pk", flat=True)) == [made.id]
    assert v1.refunds.create(asked, under("k")).id == made.id


def test_a_request_that_somebody_took_over_makes_nothing(v1, monkeypatch):
    """Its time is over, another process carries it on and makes the intent; the first one comes back and makes none."""
    route = route_of("create_payment_intent")
    act = route.act

    def act_too_late(call):
        ApiRequest.objects.update(claimed_until=clock.now() + timedelta(minutes=9), object_id="pi_of_the_other")
        return act(call)

    with monkeypatch.context() as patch:
        patch.setitem(route.__dict__, "act", act_too_late)
        with pytest.raises(stripe.APIError) as caught:
            v1.payment_intents.create({"amount": 700, "currency": "cny"}, under("k"))
    assert caught.value.http_status == 409
    assert not PaymentIntent.objects.exists()


def test_expand_reads_nothing_that_the_key_may_not_read(client_for, gateway):
    intent = make_paid_intent(gateway)
    narrow = client_for(kind="restricted", scopes={"payment_intents": "read"}).v1
    assert narrow.payment_intents.retrieve(intent.pk).latest_charge
    for call in (
        lambda: narrow.payment_intents.retrieve(intent.pk, {"expand": ["latest_charge"]}),
        lambda: narrow.payment_intents.list({"expand": ["data.latest_charge"]}),
    ):
        with pytest.raises(stripe.PermissionError, match="'charges' read"):
            call()
    wide = client_for(kind="restricted", scopes={"payment_intents": "read", "charges": "read"}).v1
    shown = wide.payment_intents.retrieve(intent.pk, {"expand": ["latest_charge"]})
    assert shown.latest_charge.object == "charge"
    with pytest.raises(stripe.PermissionError, match="'balance' read"):
        wide.payment_intents.retrieve(intent.pk, {"expand": ["latest_charge.balance_transaction"]})


@pytest.mark.parametrize("name", ["created", "created[gt]", "created[gte]", "created[lt]", "created[lte]"])
def test_the_last_moment_there_is(raw, name):
    make_payment_intent()
    assert raw("GET", f"/v1/payment_intents?{name}=253402214400").status_code == 200
    assert raw("GET", f"/v1/payment_intents?{name}=253402300799").status_code == 400


@pytest.mark.parametrize("path", ["/v1/", "/v1/a%0Ab", "/v1/payment_intents/"])
def test_an_address_that_there_is_not_is_answered_in_stripes_shape(raw, path):
    answer = raw("GET", path)
    assert answer.status_code == 404
    assert answer.json()["error"]["type"] == "invalid_request_error"
