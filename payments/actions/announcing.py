"""Announce what happened to a payment object: on its process, for the marketplace, and as an event in Stripe's shape, for /v1."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import datetime
from typing import Any, NamedTuple

from marketplace.core.events import record
from payments.models import Charge, PaymentEvent, PaymentIntent, Refund, Transfer
from payments.shapes import shape

from .deliveries import owe_event


class Asked(NamedTuple):
    """Say which request of /v1 asked for what is done now."""

    request_id: str = ""
    idempotency_key: str = ""


NOBODY = Asked()
asked: ContextVar[Asked] = ContextVar("asked", default=NOBODY)


def announce(
    type: str,  # noqa: A002 - Stripe's word
    row: PaymentIntent | Charge | Refund | Transfer,
    *,
    now: datetime,
    previous: dict[str, Any] | None = None,
) -> PaymentEvent:
    """Keep an event with the object as it is now; `previous` has the attributes that an update changed, as they were.

    It is owed to the webhook endpoints that want it, in the same transaction; the worker sends it after the commit.
    """
    request = asked.get()
    event = PaymentEvent.objects.create(
        type=type,
        object_id=row.pk,
        data={"object": shape(row), **({"previous_attributes": previous} if previous else {})},
        request_id=request.request_id,
        idempotency_key=request.idempotency_key,
        created_at=now,
    )
    owe_event(event, now=now)
    return event


def tell_process(
    intent: PaymentIntent, name: str, *, subject: Any, by: Any, now: datetime, organization: Any, data: dict[str, Any]
) -> None:
    """Record an event on the payment's process, if it has one: what the marketplace's chapters hear of money."""
    if intent.process is None:
        return
    record(
        intent.process,
        name,
        by=by,
        organization=organization,
        now=now,
        subject=subject,
        data={"payment_intent": intent.id, "metadata": intent.metadata, **data},
        visibility="parties",
    )
