"""webhook_endpoints and what is sent to them, from the request to the signature that Stripe's package checks."""

import json
from datetime import timedelta

import pytest
import stripe

from marketplace.core import clock
from payments.models import ApiRequest, WebhookDelivery, WebhookEndpoint
from payments.webhooks.courier import deliver_due
from tests.payments.webhooks.conftest import make_receiver, receiver  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db
OWED = {"amount": 700, "currency": "cny"}


@pytest.fixture
def listening(v1, receiver):  # noqa: F811
    return v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"], "metadata": {"a": "1"}})


def test_only_the_first_answer_has_the_secret(v1, listening):
    assert listening.secret.startswith("whsec_")
    again = v1.webhook_endpoints.retrieve(listening.id)
    assert "secret" not in again.to_dict()
    assert (again.status, again.metadata["a"], again.enabled_events) == ("enabled", "1", ["*"])


def test_change_disable_and_delete(v1, listening):
    changed = v1.webhook_endpoints.update(
        listening.id,
        {"enabled_events": ["charge.succeeded"], "description": "财务", "metadata": {"b": "2"}, "disabled": True},
    )
    assert (changed.status, changed.description) == ("disabled", "财务")
    assert changed.metadata.to_dict() == {"a": "1", "b": "2"}
    assert v1.webhook_endpoints.update(listening.id, {"disabled": False}).status == "enabled"
    gone = v1.webhook_endpoints.delete(listening.id)
    assert (gone.id, gone.deleted) == (listening.id, True)
    for ask in (v1.webhook_endpoints.retrieve, v1.webhook_endpoints.delete):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            ask(listening.id)
        assert caught.value.code == "resource_missing"
    assert not v1.webhook_endpoints.list().data


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"url": "http://10.0.0.1/h"}, "url_invalid", "url"),
        ({"url": "ftp://x"}, "url_invalid", "url"),
        ({"url": "https://127.0.0.1/h"}, "url_invalid", "url"),
        ({"enabled_events": ["invoice.paid"]}, "parameter_invalid_string", "enabled_events"),
        ({"enabled_events": "*"}, "parameter_invalid_array", "enabled_events"),
        ({"connect": True}, "parameter_unknown", "connect"),
    ],
)
def test_what_endpoints_refuse(v1, params, code, param):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.webhook_endpoints.create({"url": "https://127.0.0.1/h", "enabled_events": ["*"], **params})
    assert (caught.value.code, caught.value.param) == (code, param)


def test_seventeen_are_too_many(v1, receiver):  # noqa: F811
    for _turn in range(16):
        v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    with pytest.raises(stripe.InvalidRequestError, match="16"):
        v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    first = v1.webhook_endpoints.list({"limit": 16}).data
    assert len(first) == 16


def test_a_payment_is_told_and_stripes_package_believes_it(v1, listening, receiver):  # noqa: F811
    made = v1.payment_intents.create(OWED)
    deliver_due(clock.now())
    _path, headers, body = receiver.taken[0]
    event = stripe.Webhook.construct_event(body, headers["Stripe-Signature"], listening.secret)
    assert (event.type, event.data.object.id) == ("payment_intent.created", made.id)
    assert event.request.id == made.last_response.headers["Request-Id"]
    assert v1.events.retrieve(event.id).pending_webhooks == 0
    assert [one.id for one in v1.events.list({"delivery_success": True})] == [event.id]
    assert not v1.events.list({"delivery_success": False}).data
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body + b" ", headers["Stripe-Signature"], listening.secret)


def test_what_is_not_delivered_is_listed_and_owed_again(v1, client_for, listening, receiver):  # noqa: F811
    v1.payment_intents.create(OWED)
    event = v1.events.list({"delivery_success": False}).data[0]
    assert event.pending_webhooks == 1
    deliver_due(clock.now())
    client = client_for()
    again = client.raw_request("post", f"/v1/events/{event.id}/resend", webhook_endpoint=listening.id)
    assert client.deserialize(again, api_mode="V1").pending_webhooks == 1
    deliver_due(clock.now())
    assert len(receiver.taken) == 2
    assert json.loads(receiver.taken[1][2])["id"] == event.id


def test_nobody_listens(v1, client_for):
    v1.payment_intents.create(OWED)
    event = v1.events.list().data[0]
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client_for().raw_request("post", f"/v1/events/{event.id}/resend")
    assert caught.value.code == "nobody_listens"


def test_a_rolled_secret_has_two_signatures_for_a_while(v1, client_for, listening, receiver):  # noqa: F811
    client = client_for()
    rolled = client.deserialize(
        client.raw_request("post", f"/v1/webhook_endpoints/{listening.id}/roll_secret"), api_mode="V1"
    )
    assert rolled.secret != listening.secret
    v1.payment_intents.create(OWED)
    deliver_due(clock.now())
    _path, headers, body = receiver.taken[0]
    for secret in (listening.secret, rolled.secret):
        stripe.Webhook.construct_event(body, headers["Stripe-Signature"], secret)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.raw_request("post", f"/v1/webhook_endpoints/{listening.id}/roll_secret", expires_in=604801)
    assert caught.value.param == "expires_in"


def test_a_secret_rolled_at_once(v1, client_for, listening, receiver):  # noqa: F811
    client = client_for()
    client.raw_request("post", f"/v1/webhook_endpoints/{listening.id}/roll_secret", expires_in=0)
    v1.payment_intents.create(OWED)
    deliver_due(clock.now())
    _path, headers, body = receiver.taken[0]
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, headers["Stripe-Signature"], listening.secret)


def test_the_answer_with_the_secret_may_be_had_again_under_its_key(v1, receiver):  # noqa: F811
    asks = {"url": receiver.url, "enabled_events": ["*"]}
    first = v1.webhook_endpoints.create(asks, {"idempotency_key": "k"})
    assert v1.webhook_endpoints.create(asks, {"idempotency_key": "k"}).secret == first.secret
    assert first.secret not in ApiRequest.objects.get().sealed_body


def test_a_process_that_died_with_the_secret(v1, receiver):  # noqa: F811
    asks = {"url": receiver.url, "enabled_events": ["*"]}
    first = v1.webhook_endpoints.create(asks, {"idempotency_key": "k"})
    past = clock.now() - timedelta(seconds=1)
    ApiRequest.objects.update(state="started", status=None, sealed_body="", claimed_until=past)
    again = v1.webhook_endpoints.create(asks, {"idempotency_key": "k"})
    assert (again.id, WebhookEndpoint.objects.count()) == (first.id, 1)
    assert again.secret != first.secret
    assert not WebhookDelivery.objects.exists()
