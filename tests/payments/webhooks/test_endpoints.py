"""Endpoints: registered, changed, deleted, their secrets rolled, events sent once more; who may and what is refused."""

import json
from datetime import timedelta

import pytest
import stripe

from marketplace.core import clock
from marketplace.core.models import Event
from marketplace.core.refusals import Forbidden, Refused
from payments.actions import (
    create_webhook_endpoint,
    delete_webhook_endpoint,
    resend_event,
    roll_webhook_secret,
    update_webhook_endpoint,
)
from payments.models import PaymentEvent, WebhookDelivery, WebhookEndpoint
from payments.shapes import shape
from payments.webhooks.courier import deliver_due
from tests.factories.accounts import make_admin, make_user
from tests.factories.payments import make_payment_intent

pytestmark = pytest.mark.django_db
URL = "https://93.184.216.34/hook"


def verifies(taken, secret):
    _path, headers, body = taken
    try:
        return bool(stripe.Webhook.construct_event(body, headers["Stripe-Signature"], secret))
    except stripe.SignatureVerificationError:
        return False


def test_the_secret_is_shown_once_and_sealed():
    endpoint = create_webhook_endpoint(url=URL, enabled_events=["*"], description=" 财政系统 ", metadata={"a": "b"})
    assert endpoint.id.startswith("we_")
    assert endpoint.shown_secret.startswith("whsec_")
    assert shape(endpoint) == {
        "id": endpoint.id,
        "object": "webhook_endpoint",
        "api_version": None,
        "application": None,
        "created": int(endpoint.created_at.timestamp()),
        "description": "财政系统",
        "enabled_events": ["*"],
        "livemode": False,
        "metadata": {"a": "b"},
        "secret": endpoint.shown_secret,
        "status": "enabled",
        "url": URL,
    }
    row = WebhookEndpoint.objects.get()
    assert "secret" not in shape(row)
    assert endpoint.shown_secret not in json.dumps([str(value) for value in row.__dict__.values()])
    assert endpoint.shown_secret not in json.dumps(list(Event.objects.values_list("data", flat=True)))


@pytest.mark.parametrize("events", [[], ["payment_intent.paid"], ["*", ""], [1], "refund.created"])
def test_only_events_that_exist_are_subscribed_to(events):
    with pytest.raises(Refused) as refused:
        create_webhook_endpoint(url=URL, enabled_events=events)
    assert (refused.value.code, refused.value.field) == ("enabled_events_invalid", "enabled_events")
    assert not WebhookEndpoint.objects.exists()


def test_sixteen_are_enough():
    for _number in range(16):
        last = create_webhook_endpoint(url=URL, enabled_events=["*"])
    with pytest.raises(Refused) as refused:
        create_webhook_endpoint(url=URL, enabled_events=["*"])
    assert refused.value.code == "too_many_endpoints"
    delete_webhook_endpoint(endpoint=last)
    assert create_webhook_endpoint(url=URL, enabled_events=["*"])


def test_what_is_given_changes_and_nothing_else():
    endpoint = create_webhook_endpoint(url=URL, enabled_events=["*"], description="甲", metadata={"a": "b"})
    before = shape(WebhookEndpoint.objects.get())
    update_webhook_endpoint(endpoint=endpoint)
    assert shape(WebhookEndpoint.objects.get()) == before
    update_webhook_endpoint(endpoint=endpoint, enabled_events=["refund.created", "refund.created"], is_disabled=True)
    after = shape(WebhookEndpoint.objects.get())
    assert after == {**before, "enabled_events": ["refund.created"], "status": "disabled"}
    update_webhook_endpoint(endpoint=endpoint, url=f"{URL}/2", is_disabled=False, description="", metadata={})
    row = WebhookEndpoint.objects.get()
    assert (row.url, row.status, row.description, row.metadata) == (f"{URL}/2", "enabled", "", {})
    for wrong in ({"url": "https://10.0.0.1/"}, {"enabled_events": ["x"]}, {"metadata": {"a": 1}}):
        with pytest.raises(Refused):
            update_webhook_endpoint(endpoint=endpoint, is_disabled=True, **wrong)
    assert WebhookEndpoint.objects.get().status == "enabled"


def test_a_deleted_endpoint_keeps_its_evidence(receiver, endpoint):
    make_payment_intent()
    deliver_due(clock.now())
    make_payment_intent()
    delete_webhook_endpoint(endpoint=endpoint)
    make_payment_intent()
    assert deliver_due(clock.now() + timedelta(days=1)) == 0
    assert sorted(WebhookDelivery.objects.values_list("status", flat=True)) == ["dead", "done"]
    assert len(receiver.taken) == 1
    for verb in (
        lambda: delete_webhook_endpoint(endpoint=endpoint),
        lambda: update_webhook_endpoint(endpoint=endpoint, description="x"),
        lambda: roll_webhook_secret(endpoint=endpoint, expires_in=timedelta()),
        lambda: resend_event(event=PaymentEvent.objects.first(), endpoint=endpoint),
    ):
        with pytest.raises(Refused) as refused:
            verb()
        assert (refused.value.code, refused.value.status) == ("endpoint_deleted", 404)


def test_two_secrets_count_while_one_is_rolled(receiver, endpoint):
    first = endpoint.shown_secret
    now = clock.now()
    rolled = roll_webhook_secret(endpoint=endpoint, expires_in=timedelta(hours=24), now=now - timedelta(hours=23))
    second = rolled.shown_secret
    assert second not in {"", first}
    make_payment_intent()
    deliver_due(now)
    assert receiver.taken[-1][1]["Stripe-Signature"].count("v1=") == 2
    assert [verifies(receiver.taken[-1], secret) for secret in (first, second)] == [True, True]
    make_payment_intent()
    deliver_due(now + timedelta(hours=1))  # a moment after the old one's end
    assert receiver.taken[-1][1]["Stripe-Signature"].count("v1=") == 1
    assert [verifies(receiver.taken[-1], secret) for secret in (first, second)] == [False, True]


def test_a_roll_at_once_and_a_second_roll(receiver, endpoint):
    first = endpoint.shown_secret
    second = roll_webhook_secret(endpoint=endpoint, expires_in=timedelta(days=7)).shown_secret
    third = roll_webhook_secret(endpoint=endpoint, expires_in=timedelta(days=1)).shown_secret
    make_payment_intent()
    deliver_due(clock.now())
    assert [verifies(receiver.taken[-1], secret) for secret in (first, second, third)] == [False, True, True]
    fourth = roll_webhook_secret(endpoint=endpoint, expires_in=timedelta()).shown_secret
    make_payment_intent()
    deliver_due(clock.now())
    assert [verifies(receiver.taken[-1], secret) for secret in (second, third, fourth)] == [False, False, True]
    for wrong in (timedelta(seconds=-1), timedelta(days=7, seconds=1)):
        with pytest.raises(Refused) as refused:
            roll_webhook_secret(endpoint=endpoint, expires_in=wrong)
        assert refused.value.code == "expires_in_invalid"


def test_another_safe_key_fails_with_a_sentence_until_the_secret_is_rolled(receiver, endpoint, settings):
    make_payment_intent()
    settings.SAFE_KEY = "another"
    assert deliver_due(clock.now()) == 1
    assert "SAFE_KEY" in WebhookDelivery.objects.get().last_error
    secret = roll_webhook_secret(endpoint=endpoint, expires_in=timedelta()).shown_secret
    deliver_due(clock.now() + timedelta(minutes=2))
    assert verifies(receiver.taken[0], secret)


def test_an_event_is_sent_once_more(receiver, endpoint, make_receiver):
    other = make_receiver()
    make_payment_intent()
    event = PaymentEvent.objects.get()
    deliver_due(clock.now())
    second = create_webhook_endpoint(url=other.url, enabled_events=["payment_intent.created"])
    create_webhook_endpoint(url=other.url, enabled_events=["refund.created"])
    assert shape(event)["pending_webhooks"] == 0
    rows = resend_event(event=event)
    assert {row.endpoint_id for row in rows} == {endpoint.id, second.id}
    assert shape(event)["pending_webhooks"] == 2
    assert deliver_due(clock.now()) == 2
    assert shape(event)["pending_webhooks"] == 0
    assert [len(one.taken) for one in (receiver, other)] == [2, 1]
    assert {json.loads(body)["id"] for _path, _headers, body in receiver.taken + other.taken} == {event.id}
    assert WebhookDelivery.objects.get(endpoint=endpoint).attempts == 2


def test_what_was_given_up_begins_anew(receiver, endpoint):
    make_payment_intent()
    now = clock.now()
    WebhookDelivery.objects.update(status="dead", given_up_at=now, next_attempt_at=None, failures=12, attempts=12)
    resend_event(event=PaymentEvent.objects.get(), endpoint=endpoint)
    row = WebhookDelivery.objects.get()
    assert (row.status, row.failures, row.attempts, row.given_up_at) == ("pending", 0, 12, None)
    deliver_due(clock.now())
    assert len(receiver.taken) == 1


def test_nobody_to_send_to_is_said():
    make_payment_intent()
    event = PaymentEvent.objects.get()
    with pytest.raises(Refused) as refused:
        resend_event(event=event)
    assert refused.value.code == "nobody_listens"
    endpoint = create_webhook_endpoint(url=URL, enabled_events=["*"])
    update_webhook_endpoint(endpoint=endpoint, is_disabled=True)
    with pytest.raises(Refused) as refused:
        resend_event(event=event, endpoint=endpoint)
    assert refused.value.code == "endpoint_disabled"


def test_only_administrators_and_keys_of_the_interface():
    endpoint = create_webhook_endpoint(url=URL, enabled_events=["*"], by=make_admin())
    make_payment_intent()
    who = make_user()
    for verb in (
        lambda: create_webhook_endpoint(url=URL, enabled_events=["*"], by=who),
        lambda: update_webhook_endpoint(endpoint=endpoint, is_disabled=True, by=who),
        lambda: delete_webhook_endpoint(endpoint=endpoint, by=who),
        lambda: roll_webhook_secret(endpoint=endpoint, expires_in=timedelta(), by=who),
        lambda: resend_event(event=PaymentEvent.objects.get(), by=who),
    ):
        with pytest.raises(Forbidden) as refused:
            verb()
        assert refused.value.code == "webhooks_not_allowed"
    row = WebhookEndpoint.objects.get()
    assert (row.status, row.deleted_at, row.sealed_secret) == ("enabled", None, endpoint.sealed_secret)


def test_who_changed_an_endpoint_is_on_record_for_administrators():
    admin = make_admin()
    endpoint = create_webhook_endpoint(url=URL, enabled_events=["*"], by=admin)
    update_webhook_endpoint(endpoint=endpoint, is_disabled=True, by=admin)
    roll_webhook_secret(endpoint=endpoint, expires_in=timedelta(), by=admin)
    delete_webhook_endpoint(endpoint=endpoint, by=admin)
    rows = Event.objects.filter(subject_id=endpoint.id).order_by("number")
    assert [row.name for row in rows] == [
        "webhook_endpoint_created",
        "webhook_endpoint_changed",
        "webhook_secret_rolled",
        "webhook_endpoint_deleted",
    ]
    assert {(row.actor_id, row.visibility) for row in rows} == {(admin.pk, "private")}
    assert rows[1].data["status"] == "disabled"
