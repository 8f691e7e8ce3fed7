"""/v1/events: what happened, with the objects as they were then; and an event once more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from payments.actions import resend_event
from payments.api.errors import ApiError
from payments.api.fields import Flag, Several, Text
from payments.api.lists import CREATED, PAGE, Page, page, within
from payments.api.lookup import find
from payments.api.routes import Call, Route
from payments.models import PaymentEvent, WebhookDelivery
from payments.shapes.webhooks import with_pending
from payments.states import WebhookDeliveryStatus

LISTED = timedelta(days=30)


def check_list(form: Mapping[str, Any]) -> None:
    if "type" in form and "types" in form:
        raise ApiError(400, "You may only specify one of these parameters: type, types.")


def retrieve(call: Call) -> PaymentEvent:
    event: PaymentEvent = find("event", call.ids["id"])
    return event


def every(call: Call) -> Page:
    """List the events of 30 days. `delivery_success` is false for those that some endpoint has not taken."""
    form = call.form
    rows = with_pending(PaymentEvent.objects.all()).filter(
        within(form.get("created")), created_at__gte=call.now - LISTED
    )
    if "type" in form:
        wanted = form["type"]
        # Stripe takes `charge.*` for a whole kind.
        rows = rows.filter(type__startswith=wanted[:-1]) if wanted.endswith(".*") else rows.filter(type=wanted)
    if "types" in form:
        rows = rows.filter(type__in=form["types"])
    if "delivery_success" in form:
        owed = WebhookDelivery.objects.filter(event=OuterRef("pk"), endpoint__deleted_at=None)
        undelivered = Exists(owed.exclude(status=WebhookDeliveryStatus.DONE))
        rows = rows.filter(~undelivered if form["delivery_success"] else undelivered)
    return page(call, rows, url="/v1/events", kind="event")


def resend(call: Call) -> PaymentEvent:
    event: PaymentEvent = find("event", call.ids["id"])
    name = call.form.get("webhook_endpoint")
    endpoint = find("webhook_endpoint", name, param="webhook_endpoint") if name else None
    resend_event(event=event, endpoint=endpoint, now=call.now)
    return event


ROUTES = (
    Route(
        method="GET",
        path="events",
        operation="list_events",
        scope="events",
        says="List the events of the last 30 days.",
        answers="event",
        act=every,
        fields={
            **PAGE,
            **CREATED,
            "type": Text(longest=60, says="One type, or a kind such as charge.*"),
            "types": Several(of=Text(longest=60), most=20),
            "delivery_success": Flag(says="Whether every webhook endpoint has taken it."),
        },
        check=check_list,
        is_list=True,
    ),
    Route(
        method="GET",
        path="events/{id}",
        operation="retrieve_event",
        scope="events",
        says="Read an event.",
        answers="event",
        act=retrieve,
    ),
    Route(
        method="POST",
        path="events/{id}/resend",
        operation="resend_event",
        scope="events",
        says="Ours beside Stripe's: owe an event once more, to one endpoint or to all that want it.",
        answers="event",
        act=resend,
        fields={"webhook_endpoint": Text(longest=64)},
    ),
)
