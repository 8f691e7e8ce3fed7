"""Webhooks over real HTTP: signed, taken, refused, slow; sent again until they are taken."""

import json
from datetime import timedelta

import pytest
import stripe

from marketplace.core import clock
from payments.actions import create_webhook_endpoint, update_webhook_endpoint
from payments.models import PaymentEvent, WebhookDelivery
from payments.webhooks.courier import deliver_due
from tests.factories.payments import make_payment_intent

from .conftest import reply

pytestmark = pytest.mark.django_db


def send(later=timedelta()):
    return deliver_due(clock.now() + later)


def test_an_event_arrives_signed_as_stripe_signs(receiver, endpoint):
    intent = make_payment_intent(description="水土保持方案编制")
    assert receiver.taken == []  # nothing leaves inside a request
    assert send() == 1
    ((path, headers, body),) = receiver.taken
    assert path == "/hook"
    assert headers["Host"] == f"127.0.0.1:{receiver.port}"
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert "水土保持方案编制".encode() in body
    event = stripe.Webhook.construct_event(body, headers["Stripe-Signature"], endpoint.shown_secret)
    assert (event.type, event.data.object.id, event.pending_webhooks) == ("payment_intent.created", intent.id, 1)
    assert event.data.object.amount == 3_200_000
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.attempts, delivery.last_status) == ("delivered", 1, 200)
    assert delivery.delivered_at is not None
    assert delivery.last_error == ""
    assert send(timedelta(days=9)) == 0
    for wrong in (body + b" ", body.replace("水".encode(), "火".encode())):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(wrong, headers["Stripe-Signature"], endpoint.shown_secret)
