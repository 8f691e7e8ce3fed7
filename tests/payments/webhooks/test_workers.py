"""Workers: several at once send everything once; one that dies between sending and recording costs a second delivery, no loss."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import connections

from marketplace.core import clock
from marketplace.core.worker import run_round
from payments.actions import cancel_payment_intent, create_webhook_endpoint, resend_event
from payments.actions.deliveries import LEASE, Answer, claim_deliveries, record_delivery
from payments.handlers import send_webhooks
from payments.models import PaymentEvent, WebhookDelivery
from payments.webhooks import courier
from payments.webhooks.courier import deliver_due
from tests.factories.payments import make_payment_intent

from .conftest import reply


def ids(receiver):
    return [json.loads(body)["id"] for _path, _headers, body in receiver.taken]


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_everything_once(make_receiver):
    receivers = [make_receiver() for _number in range(3)]
    for receiver in receivers:
        create_webhook_endpoint(url=receiver.url, enabled_events=["*"])
    for _number in range(30):
        make_payment_intent()
    wanted = sorted(PaymentEvent.objects.values_list("pk", flat=True))
    now, tried, begin = clock.now(), [], threading.Barrier(3)

    def work():
        begin.wait()
        try:
            tried.append(deliver_due(now))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(tried) == 90
    for receiver in receivers:
        assert sorted(ids(receiver)) == wanted
    assert set(WebhookDelivery.objects.values_list("status", "attempts")) == {("done", 1)}


@pytest.mark.django_db(transaction=True)
def test_a_round_of_the_worker_does_not_wait_for_a_receiver(receiver, endpoint):
    make_payment_intent()
    arrived = threading.Event()

    def hold(handler):
        arrived.set()
        receiver.released.wait()
        reply(200)(handler)

    receiver.answers = [hold]
    now = clock.now()
    assert run_round(now)["payments: webhooks"] == 1
    assert arrived.wait(10)
    assert WebhookDelivery.objects.get().status == "pending"
    assert send_webhooks(now) == 0  # it is in somebody's hands
    receiver.released.set()
    assert courier.wait() == 1
    assert WebhookDelivery.objects.get().status == "done"


@pytest.mark.django_db(transaction=True)
def test_what_comes_while_an_endpoint_takes_its_time_is_sent_meanwhile(receiver, make_receiver):
    slow = make_receiver()
    create_webhook_endpoint(url=slow.url, enabled_events=["payment_intent.created"])
    create_webhook_endpoint(url=receiver.url, enabled_events=["payment_intent.canceled"])
    held, taken = threading.Event(), threading.Event()

    def hold(handler):
        held.set()
        slow.released.wait()
        reply(200)(handler)

    def take(handler):
        reply(200)(handler)
        taken.set()

    slow.answers, receiver.answers = [hold], [take]
    intent = make_payment_intent()
    send_webhooks(clock.now())
    assert held.wait(10)
    cancel_payment_intent(intent=intent)
    assert taken.wait(10)  # by the courier that still waits for the slow one
    slow.released.set()
    assert courier.wait() == 2


@pytest.mark.django_db(transaction=True)
def test_a_courier_that_stumbles_is_followed_by_another(receiver, endpoint, monkeypatch, caplog):
    make_payment_intent()
    with monkeypatch.context() as broken:
        broken.setattr(courier, "claim_deliveries", lambda **_values: 1 / 0)
        send_webhooks(clock.now())
        assert courier.wait() == 0
    assert "stumbled" in caplog.text
    send_webhooks(clock.now())
    assert courier.wait() == 1
    assert len(receiver.taken) == 1


class Died(BaseException):
    """Be the end of a process: what was not committed is not there."""


@pytest.mark.django_db
def test_a_worker_that_dies_after_sending_sends_again(receiver, endpoint, monkeypatch):
    make_payment_intent()
    now = clock.now()

    def die(**_values):
        raise Died

    with monkeypatch.context() as dying:
        dying.setattr(courier, "record_delivery", die)
        with pytest.raises(Died):
            deliver_due(now)
    row = WebhookDelivery.objects.get()
    assert (row.status, row.attempts, len(receiver.taken)) == ("pending", 0, 1)
    assert deliver_due(now + LEASE / 2) == 0  # it might still be alive
    assert deliver_due(now + LEASE + timedelta(seconds=5)) == 1
    assert len(receiver.taken) == 2
    assert len(set(ids(receiver))) == 1  # the same event: receivers know it by its id
    assert WebhookDelivery.objects.get().status == "done"


@pytest.mark.django_db
def test_a_worker_that_dies_before_sending_loses_nothing(receiver, endpoint):
    make_payment_intent()
    now = clock.now()
    claim_deliveries(now=now, endpoints=8, each=20)
    assert deliver_due(now) == 0
    assert deliver_due(now + LEASE + timedelta(seconds=5)) == 1
    assert len(receiver.taken) == 1


@pytest.mark.django_db
def test_an_answer_that_comes_twice_or_late_takes_nothing_back(endpoint):
    make_payment_intent()
    now = clock.now()
    ((delivery,),) = claim_deliveries(now=now, endpoints=1, each=1)
    record_delivery(delivery=delivery, answer=Answer(200, "", 5), now=now)
    record_delivery(delivery=delivery, answer=Answer(500, "HTTP 500", 5), now=now + timedelta(seconds=1))
    row = WebhookDelivery.objects.get()
    assert (row.status, row.attempts, row.delivered_at, row.last_status) == ("done", 2, now, 500)


@pytest.mark.django_db
def test_events_may_come_out_of_order_and_say_when_they_happened(receiver, endpoint):
    first, second = make_payment_intent(), make_payment_intent()
    receiver.answers = [reply(500), reply(200)]
    deliver_due(clock.now())
    deliver_due(clock.now() + timedelta(minutes=2))
    objects = [json.loads(body)["data"]["object"]["id"] for _path, _headers, body in receiver.taken]
    assert objects == [first.id, second.id, first.id]
    assert all(json.loads(body)["created"] for _path, _headers, body in receiver.taken)


@pytest.mark.django_db
def test_the_oldest_are_taken_first_and_no_endpoint_twice(make_receiver):
    endpoints = [create_webhook_endpoint(url=make_receiver().url, enabled_events=["*"]) for _number in range(3)]
    make_payment_intent()
    make_payment_intent()
    now = clock.now()
    WebhookDelivery.objects.filter(endpoint=endpoints[2]).update(next_attempt_at=now - timedelta(hours=1))
    claimed = claim_deliveries(now=now, endpoints=1, each=1)
    assert [[row.endpoint_id for row in line] for line in claimed] == [[endpoints[2].id]]
    claimed = claim_deliveries(now=now, endpoints=8, each=20, without={endpoints[2].id})
    assert sorted((line[0].endpoint_id, len(line)) for line in claimed) == sorted((one.id, 2) for one in endpoints[:2])
    assert claim_deliveries(now=now, endpoints=0, each=20) == []


@pytest.mark.django_db
def test_what_is_asked_for_while_it_is_under_way_is_taken_once(receiver, endpoint):
    make_payment_intent()
    now = clock.now()
    ((delivery,),) = claim_deliveries(now=now, endpoints=1, each=1)
    resend_event(event=PaymentEvent.objects.get(), now=now)
    record_delivery(delivery=delivery, answer=Answer(200, "", 5), now=now)
    assert WebhookDelivery.objects.get().status == "done"
    assert deliver_due(now + timedelta(days=1)) == 0
