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
    assert (delivery.status, delivery.attempts, delivery.last_status) == ("done", 1, 200)
    assert delivery.delivered_at is not None
    assert delivery.last_error == ""
    assert send(timedelta(days=9)) == 0
    for wrong in (body + b" ", body.replace("水".encode(), "火".encode())):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(wrong, headers["Stripe-Signature"], endpoint.shown_secret)


def test_what_is_not_taken_is_sent_again_over_three_days(receiver, endpoint, caplog):
    make_payment_intent()
    receiver.answers = [reply(500, "broken\nfor now")]
    now = clock.now()
    waits = []
    for number in range(1, 13):
        assert deliver_due(now) == 1
        delivery = WebhookDelivery.objects.get()
        assert (delivery.attempts, delivery.last_status) == (number, 500)
        assert delivery.last_error == "HTTP 500 broken for now"
        if delivery.status == "dead":
            break
        assert deliver_due(delivery.next_attempt_at - timedelta(seconds=1)) == 0
        waits.append(int((delivery.next_attempt_at - now).total_seconds()) // 60)
        now = delivery.next_attempt_at
    assert waits == [1, 5, 15, 60, 180, 360, 720, 720, 720, 720, 720]
    assert (delivery.attempts, delivery.next_attempt_at, delivery.given_up_at) == (12, None, now)
    assert timedelta(days=2.9) < now - delivery.owed_at < timedelta(days=3)
    endpoint.refresh_from_db()
    assert (endpoint.status, endpoint.is_given_up, endpoint.disabled_at) == ("disabled", True, now)
    assert "gave up" in caplog.text
    make_payment_intent()
    assert WebhookDelivery.objects.count() == 1  # nothing more is owed to it
    assert deliver_due(now + timedelta(days=9)) == 0
    assert len({json.loads(body)["id"] for _path, _headers, body in receiver.taken}) == 1


def test_an_endpoint_that_takes_other_events_is_not_disabled(receiver, endpoint):
    make_payment_intent()
    WebhookDelivery.objects.update(failures=11)
    endpoint.last_success_at = clock.now() + timedelta(minutes=1)
    endpoint.save()
    receiver.answers = [reply(400)]
    send()
    assert WebhookDelivery.objects.get().status == "dead"
    endpoint.refresh_from_db()
    assert endpoint.status == "enabled"


def test_a_receiver_that_recovers_gets_its_events(receiver, endpoint):
    make_payment_intent()
    receiver.answers = [reply(503), reply(204)]
    assert send() == 1
    assert send() == 0
    assert send(timedelta(minutes=2)) == 1
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.attempts, delivery.failures, delivery.last_status) == ("done", 2, 0, 204)
    endpoint.refresh_from_db()
    assert endpoint.last_success_at > endpoint.last_failure_at


def test_a_redirect_is_a_failure_and_not_followed(receiver, endpoint, make_receiver):
    other = make_receiver()
    make_payment_intent()
    receiver.answers = [reply(302, Location=other.url)]
    send()
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.last_status, delivery.last_error) == ("pending", 302, "HTTP 302")
    assert other.taken == []


def test_only_what_an_endpoint_wants_is_owed_to_it(receiver, make_receiver):
    other = make_receiver()
    create_webhook_endpoint(url=receiver.url, enabled_events=["payment_intent.created"])
    create_webhook_endpoint(url=other.url, enabled_events=["refund.created", "transfer.paid"])
    make_payment_intent()
    send()
    assert (len(receiver.taken), other.taken) == (1, [])


def test_events_of_one_endpoint_share_a_connection_and_keep_their_order(receiver, endpoint):
    for _number in range(25):
        make_payment_intent()
    assert send() == 25
    wanted = list(PaymentEvent.objects.order_by("webhook_deliveries__pk").values_list("pk", flat=True))
    assert [json.loads(body)["id"] for _path, _headers, body in receiver.taken] == wanted
    assert len(set(receiver.connections)) == 2  # one for each line of 20


def test_one_dead_endpoint_keeps_no_other_waiting(receiver, endpoint, make_receiver, monkeypatch):
    monkeypatch.setattr("payments.webhooks.post.WHOLE_SECONDS", 1.5)
    dead = make_receiver()
    dead.answers = [lambda handler: dead.released.wait()]
    silent = create_webhook_endpoint(url=dead.url, enabled_events=["*"])
    for _number in range(3):
        make_payment_intent()
    assert send() == 3 + 1
    assert len(receiver.taken) == 3
    rows = list(silent.deliveries.order_by("pk"))
    assert [row.attempts for row in rows] == [1, 0, 0]  # one time-out, the rest of the line went back
    assert [row.claimed_until for row in rows] == [None, None, None]
    assert rows[0].last_status is None
    assert rows[0].last_error == "对方没有在规定时间内答复。"
    assert 1490 <= rows[0].last_duration_ms < 5000
    assert send() == 0  # it rests for a minute, then the next is tried
    dead.answers = [reply(200)]
    assert send(timedelta(seconds=90)) == 3


def drip(handler, *, begin):
    """Answer a byte at a time, each well within a read's own time-out, for ever."""
    handler.wfile.write(begin)
    receiver = handler.server.receiver
    while not receiver.released.wait(0.05):
        handler.wfile.write(b"x")


@pytest.mark.parametrize(
    "begin",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Long: "],
    ids=["body", "head"],
)
def test_a_slow_answer_ends_at_its_time(receiver, endpoint, monkeypatch, begin):
    monkeypatch.setattr("payments.webhooks.post.WHOLE_SECONDS", 0.4)
    make_payment_intent()
    receiver.server.receiver = receiver
    receiver.answers = [lambda handler: drip(handler, begin=begin)]
    assert send() == 1
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.failures) == ("pending", 1)
    assert delivery.last_error == "对方没有在规定时间内答复。"
    assert delivery.last_duration_ms < 5000


def test_a_long_answer_is_read_to_its_beginning(receiver, endpoint):
    make_payment_intent()
    receiver.answers = [reply(200, "长" * 3_000_000)]
    assert send() == 1
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.last_error) == ("done", "")
    make_payment_intent()
    receiver.answers = [reply(500, "长" * 3_000_000)]
    send()
    assert WebhookDelivery.objects.get(status="pending").last_error == "HTTP 500 " + "长" * 200


@pytest.mark.parametrize(
    "answer", [b"not http at all\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", b""]
)
def test_what_is_no_answer_is_a_failure(receiver, endpoint, answer):
    make_payment_intent()

    def garble(handler):
        handler.wfile.write(answer)
        handler.close_connection = True

    receiver.answers = [garble]
    assert send() == 1
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.failures) == ("pending", 1)
    assert delivery.last_error.startswith("RemoteProtocolError")


def test_nobody_at_the_address(endpoint, receiver):
    make_payment_intent()
    receiver.close()
    assert send() == 1
    assert WebhookDelivery.objects.get().last_error.startswith("ConnectError")
    receiver.server.shutdown = receiver.server.server_close = lambda: None


def test_what_a_disabled_endpoint_is_owed_waits_for_it(receiver, endpoint):
    make_payment_intent()
    update_webhook_endpoint(endpoint=endpoint, is_disabled=True)
    make_payment_intent()
    assert send(timedelta(days=5)) == 0
    assert WebhookDelivery.objects.count() == 1
    update_webhook_endpoint(endpoint=endpoint, is_disabled=False)
    assert send() == 1
    assert len(receiver.taken) == 1


def test_without_endpoints_an_event_costs_one_query(django_assert_num_queries, settings):
    from payments.actions.deliveries import owe_events

    intent = make_payment_intent()
    event = PaymentEvent.objects.get(object_id=intent.id)
    with django_assert_num_queries(1):
        assert owe_events([event], now=clock.now()) == 0
