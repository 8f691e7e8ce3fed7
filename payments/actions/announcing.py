"""Announce what happened to a payment object: on its process, for the marketplace, and as an event in Stripe's shape, for /v1."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import Any, NamedTuple

from marketplace.core.events import record
from marketplace.core.rows import insert
from payments.models import Charge, PaymentEvent, PaymentIntent, Refund, Transfer
from payments.shapes import Shape, shape

from .deliveries import owe_events


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
    (event,) = announce_each([(type, shape(row), previous)], now=now)
    return event


def announce_each(news: Sequence[tuple[str, Shape, dict[str, Any] | None]], *, now: datetime) -> list[PaymentEvent]:
    """Keep several events, each a type, the object's shape and what it was before, in as many statements as one takes."""
    request = asked.get()
    events = [
        PaymentEvent(
            type=name,
            object_id=made["id"],
            data={"object": made, **({"previous_attributes": previous} if previous else {})},
            request_id=request.request_id,
            idempotency_key=request.idempotency_key,
            created_at=now,
        )
        for name, made, previous in news
    ]
    insert(events)
    owe_events(events, now=now)
    return events


def told(intent: PaymentIntent, **data: Any) -> dict[str, Any]:
    """Return what an event about a payment says: which one, who asked for it, and more."""
    return {"payment_intent": intent.id, "metadata": intent.metadata, **data}


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
        data=told(intent, **data),
        visibility="parties",
    )
