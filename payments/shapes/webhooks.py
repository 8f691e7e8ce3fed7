"""Event and WebhookEndpoint in Stripe's shape, and the body that a webhook carries."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from payments.models import PaymentEvent, WebhookDelivery, WebhookEndpoint
from payments.states import WebhookDeliveryStatus

from .parts import livemode, seconds

API_VERSION = "2026-10-28.endive"


PENDING = Q(status=WebhookDeliveryStatus.PENDING, endpoint__deleted_at=None)


def with_pending(rows: QuerySet[PaymentEvent]) -> QuerySet[PaymentEvent]:
    """Let a list know from one query how many endpoints each event is still owed to."""
    owed = WebhookDelivery.objects.filter(PENDING, event=OuterRef("pk")).order_by().values("event")
    return rows.annotate(pending_count=Coalesce(Subquery(owed.annotate(n=Count("pk")).values("n")), 0))


def event(row: PaymentEvent) -> dict[str, Any]:
    """Return an Event: the object as it was then; `pending_webhooks` counts the endpoints that it is still owed to."""
    return {
        "id": row.id,
        "object": "event",
        "api_version": API_VERSION,
        "created": seconds(row.created_at),
        "data": row.data,
        "livemode": livemode(),
        "pending_webhooks": row.pending_count
        if hasattr(row, "pending_count")
        else row.webhook_deliveries.filter(PENDING).count(),
        "request": {"id": row.request_id or None, "idempotency_key": row.idempotency_key or None},
        "type": row.type,
    }


def body(row: PaymentEvent) -> bytes:
    """Return an event as the bytes that are signed and sent: JSON in UTF-8, Chinese as it is."""
    return json.dumps(event(row), ensure_ascii=False, indent=2).encode()


def webhook_endpoint(row: WebhookEndpoint) -> dict[str, Any]:
    """Return a WebhookEndpoint; `secret` is there only in the answer to the request that made it."""
    return {
        "id": row.id,
        "object": "webhook_endpoint",
        "api_version": None,
        "application": None,
        "created": seconds(row.created_at),
        "description": row.description or None,
        "enabled_events": row.enabled_events,
        "livemode": livemode(),
        "metadata": row.metadata,
        **({"secret": row.shown_secret} if row.shown_secret else {}),
        "status": row.status,
        "url": row.url,
    }
