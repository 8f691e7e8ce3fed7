"""Deliveries of webhooks: owe an event, claim what is due, record how it went, give up after three days.

What is sent between a claim and its record is payments.webhooks.courier's; no transaction is open meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Min, Q, QuerySet

from marketplace.core.locks import lock
from payments.models import PaymentEvent, WebhookDelivery, WebhookEndpoint
from payments.states import WEBHOOK_DELIVERY, WEBHOOK_ENDPOINT, WebhookDeliveryStatus, WebhookEndpointStatus

logger = logging.getLogger(__name__)
# Minutes to wait after each failure; after the last of them there is one more attempt: 12 in 70 hours and 21 minutes.
MINUTES = (1, 5, 15, 60, 180, 360, 720, 720, 720, 720, 720)
# How long a claim lasts: whoever made it has died when it passes without a record.
LEASE = timedelta(minutes=2)
# How long an endpoint that gave no answer at all is left alone, with everything that it is owed.
REST = timedelta(minutes=1)


class Answer(NamedTuple):
    """Be what came of one attempt: the HTTP status if there was one, what was wrong, and how long it took."""

    status: int | None
    error: str
    duration_ms: int

    @property
    def is_success(self) -> bool:
        """Tell whether the event was taken: any 2xx, whose whole answer came in time."""
        return self.status is not None and 200 <= self.status < 300 and not self.error


def owe_events(events: Collection[PaymentEvent], *, now: datetime) -> int:
    """Owe new events to every endpoint that wants them, in the transaction that wrote them; return how many. One query when none."""
    listening = list(WebhookEndpoint.objects.listening().only("id", "enabled_events"))
    owed = [
        WebhookDelivery(event=event, endpoint=endpoint, owed_at=now, next_attempt_at=now)
        for event in events
        for endpoint in listening
        if endpoint.wants(event.type)
    ]
    if owed:
        WebhookDelivery.objects.bulk_create(owed)
    return len(owed)


def due_deliveries(now: datetime) -> QuerySet[WebhookDelivery]:
    """Return what is to be sent now and is in nobody's hands; what disabled and resting endpoints are owed waits for them."""
    return WebhookDelivery.objects.filter(
        Q(claimed_until=None) | Q(claimed_until__lte=now),
        Q(endpoint__rests_until=None) | Q(endpoint__rests_until__lte=now),
        status=WebhookDeliveryStatus.PENDING,
        next_attempt_at__lte=now,
        endpoint__status=WebhookEndpointStatus.ENABLED,
        endpoint__deleted_at=None,
    )


def claim_deliveries(
    *, now: datetime, endpoints: int, each: int, without: Collection[str] = ()
) -> list[list[WebhookDelivery]]:
    """Take what is due into one's hands for `LEASE`: of up to `endpoints` endpoints, those that wait longest first.

    Up to `each` of one endpoint, in their order, one list for each; none of the endpoints in `without`. Rows that another
    worker is just claiming are left to it.
    """
    due = due_deliveries(now).exclude(endpoint__in=without)
    if endpoints < 1 or not due.exists():  # asked before, so that an idle worker takes no lock
        return []
    claimed = []
    with transaction.atomic():
        waiting = due.order_by().values("endpoint").annotate(first=Min("next_attempt_at")).order_by("first", "endpoint")
        for name in list(waiting.values_list("endpoint", flat=True)[:endpoints]):
            rows = due.filter(endpoint=name).select_for_update(skip_locked=True, of=("self",))
            mine = list(rows.select_related("event", "endpoint").order_by("next_attempt_at", "pk")[:each])
            if mine:
                WebhookDelivery.objects.filter(pk__in=[row.pk for row in mine]).update(claimed_until=now + LEASE)
                claimed.append(mine)
    return claimed


def release_delivery(*, delivery: WebhookDelivery) -> None:
    """Let go of a claimed delivery that was not tried: it is as due as before."""
    WebhookDelivery.objects.filter(pk=delivery.pk, status=WebhookDeliveryStatus.PENDING).update(claimed_until=None)


@transaction.atomic
def record_delivery(*, delivery: WebhookDelivery, answer: Answer, now: datetime) -> WebhookDelivery:
    """Record one attempt: delivered, owed again later, or given up. What was delivered already stays so.

    When an event is given up and its endpoint has taken nothing since it was owed, the endpoint is disabled.
    """
    endpoint = lock_endpoint(delivery.endpoint)
    delivery = lock(delivery)
    delivery.attempts += 1
    delivery.last_attempt_at, delivery.claimed_until = now, None
    delivery.last_status, delivery.last_error = answer.status, answer.error[:300]
    delivery.last_duration_ms = answer.duration_ms
    if delivery.status == WebhookDeliveryStatus.PENDING:
        if answer.is_success:
            WEBHOOK_DELIVERY.check(delivery.status, WebhookDeliveryStatus.DONE)
            delivery.status, delivery.delivered_at = WebhookDeliveryStatus.DONE, now
            delivery.next_attempt_at, delivery.failures = None, 0
        else:
            _fail(delivery, endpoint, now)
    delivery.save()
    if answer.is_success:
        endpoint.last_success_at = now
    else:
        endpoint.last_failure_at = now
    endpoint.rests_until = now + REST if answer.status is None else None
    told = ["last_success_at", "last_failure_at", "rests_until", "status", "disabled_at", "is_given_up"]
    endpoint.save(update_fields=told)
    return delivery


def _fail(delivery: WebhookDelivery, endpoint: WebhookEndpoint, now: datetime) -> None:
    delivery.failures += 1
    if delivery.failures <= len(MINUTES):
        delivery.next_attempt_at = now + timedelta(minutes=MINUTES[delivery.failures - 1])
        return
    WEBHOOK_DELIVERY.check(delivery.status, WebhookDeliveryStatus.DEAD)
    delivery.status, delivery.given_up_at, delivery.next_attempt_at = WebhookDeliveryStatus.DEAD, now, None
    logger.error("webhook: gave up %s to %s: %s", delivery.event_id, endpoint.id, delivery.last_error)
    is_dead = endpoint.last_success_at is None or endpoint.last_success_at < delivery.owed_at
    if is_dead and endpoint.is_listening:
        WEBHOOK_ENDPOINT.check(endpoint.status, WebhookEndpointStatus.DISABLED)
        endpoint.status, endpoint.disabled_at, endpoint.is_given_up = WebhookEndpointStatus.DISABLED, now, True
        logger.error("webhook: disabled %s, it has taken nothing for three days", endpoint.id)


def lock_endpoint(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Take an endpoint's row; actions on money that owe it an event meanwhile do not wait (its key is not locked)."""
    return WebhookEndpoint.objects.select_for_update(of=("self",), no_key=True).get(pk=endpoint.pk)
