"""Events in Stripe's shape, beside the classes that the official client is made of; every type that is announced."""

import ast
import re
from pathlib import Path

import pytest
import stripe

import payments
from marketplace.core import clock
from marketplace.core.refusals import Refused
from payments.actions import cancel_payment_intent, create_refund, create_transfer, create_webhook_endpoint
from payments.actions.announcing import Asked, asked
from payments.models import PaymentEvent
from payments.shapes import shape
from payments.shapes.webhooks import body
from payments.states import WEBHOOK_DELIVERY, WEBHOOK_ENDPOINT
from payments.webhooks.event_types import EVENT_TYPES
from payments.webhooks.signature import header, new_secret
from tests.factories.payments import make_paid_intent, make_payment_intent, member_of

ALLOWED = {
    WEBHOOK_ENDPOINT: {("enabled", "disabled"), ("disabled", "enabled")},
    WEBHOOK_DELIVERY: {
        ("pending", "done"),
        ("pending", "dead"),
        ("done", "pending"),
        ("dead", "pending"),
    },
}

TYPE = re.compile(r"(payment_intent|charge|refund|transfer|balance)\.[a-z_]+")


@pytest.mark.parametrize("table", ALLOWED, ids=lambda table: table.name)
def test_every_pair(table):
    for pair in table.pairs():
        assert table.allows(*pair) == (pair in ALLOWED[table]), pair
        if pair not in ALLOWED[table]:
            with pytest.raises(Refused):
                table.check(*pair)


def required(cls):
    """Return the names that the official class declares and that are never null."""
    return {name for name, hint in cls.__annotations__.items() if "Optional[" not in str(hint) and name.islower()}


@pytest.mark.django_db
def test_a_paid_and_settled_payment_tells_its_events(gateway):
    create_webhook_endpoint(url="https://93.184.216.34/", enabled_events=["refund.created"])
    token = asked.set(Asked("req_1", "key-1"))
    try:
        intent = make_paid_intent(gateway)
        create_refund(intent=intent, amount_fen=100, key="r", by=member_of(intent.payer))
    finally:
        asked.reset(token)
    create_transfer(intent=intent, destination=intent.payee, key="t", by=member_of(intent.payer))
    cancel_payment_intent(intent=make_payment_intent())
    events = list(PaymentEvent.objects.all())
    assert {row.type for row in events} == {
        "payment_intent.created", "payment_intent.requires_action", "payment_intent.succeeded", "payment_intent.canceled",
        "charge.succeeded", "charge.refunded", "refund.created", "refund.updated", "transfer.created", "transfer.paid",
    }  # fmt: skip
    for row in events:
        shown = shape(row)
        assert list(shown) == [
            "id", "object", "api_version", "created", "data", "livemode", "pending_webhooks", "request", "type",
        ]  # fmt: skip
        assert (shown["object"], shown["livemode"], shown["data"]) == ("event", False, row.data)
        assert shown["created"] == int(row.created_at.timestamp())
        assert shown["pending_webhooks"] == (1 if row.type == "refund.created" else 0)
        secret = new_secret()
        sent = body(row)
        read = stripe.Webhook.construct_event(sent, header([secret], clock.now(), sent), secret)
        assert read.to_dict() == shown
        assert required(stripe.Event) <= set(shown)
    asked_for = next(row for row in events if row.type == "refund.created")
    assert shape(asked_for)["request"] == {"id": "req_1", "idempotency_key": "key-1"}
    assert shape(next(row for row in events if row.type == "transfer.paid"))["request"]["id"] is None
    updated = next(row for row in events if row.type == "refund.updated")
    assert updated.data["previous_attributes"] == {"status": "pending"}


@pytest.mark.django_db
def test_an_endpoint_has_what_the_official_class_has():
    row = create_webhook_endpoint(url="https://93.184.216.34/", enabled_events=["*"])
    assert required(stripe.WebhookEndpoint) <= set(shape(row))


def announced():
    """Yield every type that the actions announce in so many words."""
    for path in (Path(payments.__file__).parent / "actions").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and TYPE.fullmatch(node.value):
                yield node.value


def test_every_type_that_is_announced_may_be_subscribed_to():
    found = set(announced())
    assert {"payment_intent.succeeded", "refund.failed", "charge.refunded"} <= found
    assert found <= EVENT_TYPES
    assert {"transfer.created", "transfer.paid", "transfer.failed"} <= EVENT_TYPES  # made of a status
