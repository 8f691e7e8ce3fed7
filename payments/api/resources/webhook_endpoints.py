"""/v1/webhook_endpoints: where events go (docs/webhooks.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marketplace.core.models import Event
from payments.actions import (
    create_webhook_endpoint,
    delete_webhook_endpoint,
    roll_webhook_secret,
    update_webhook_endpoint,
)
from payments.actions.updates import merged_metadata
from payments.actions.webhooks import OCID
from payments.api.fields import Address, Field, Flag, Metadata, Several, Text, Whole, required
from payments.api.lists import PAGE, Page, page
from payments.api.lookup import find
from payments.api.routes import Call, Route
from payments.models import WebhookEndpoint

EVENTS = Several(of=Text(longest=60), most=100, says="Types of events; * for all.")
WORDS: dict[str, Field] = {"description": Text(longest=500, may_unset=True), "metadata": Metadata()}


def create(call: Call) -> WebhookEndpoint:
    form = call.form
    if (earlier := _made_before(call)) is not None:
        # Its secret died unread with the process that made it: this one takes its place.
        return roll_webhook_secret(endpoint=earlier, expires_in=timedelta(), now=call.now)
    return create_webhook_endpoint(
        url=form["url"],
        enabled_events=form["enabled_events"],
        description=form.get("description") or "",
        metadata=merged_metadata({}, form.get("metadata", {})),
        now=call.now,
    )


def _made_before(call: Call) -> WebhookEndpoint | None:
    """Return the endpoint that an interrupted run of this request made: the chain of events knows which request it was."""
    if call.remembered is None or call.remembered.request_id == call.request_id:
        return None
    asked = Event.objects.filter(
        process__ocid=OCID, name="webhook_endpoint_created", data__request=call.remembered.request_id
    ).first()
    return None if asked is None else WebhookEndpoint.objects.kept().filter(pk=asked.data["endpoint"]).first()


def retrieve(call: Call) -> WebhookEndpoint:
    endpoint: WebhookEndpoint = find("webhook_endpoint", call.ids["id"])
    return endpoint


def update(call: Call) -> WebhookEndpoint:
    form = call.form
    endpoint = retrieve(call)
    return update_webhook_endpoint(
        endpoint=endpoint,
        url=form.get("url"),
        enabled_events=form.get("enabled_events"),
        is_disabled=form.get("disabled"),
        description=(form["description"] or "") if "description" in form else None,
        metadata=merged_metadata(endpoint.metadata, form["metadata"]) if "metadata" in form else None,
        now=call.now,
    )


def delete(call: Call) -> dict[str, Any]:
    endpoint = delete_webhook_endpoint(endpoint=retrieve(call), now=call.now)
    return {"id": endpoint.id, "object": "webhook_endpoint", "deleted": True}


def roll_secret(call: Call) -> WebhookEndpoint:
    kept = timedelta(seconds=call.form.get("expires_in", 24 * 3600))
    return roll_webhook_secret(endpoint=retrieve(call), expires_in=kept, now=call.now)


def every(call: Call) -> Page:
    return page(call, WebhookEndpoint.objects.kept(), url="/v1/webhook_endpoints", kind="webhook endpoint")


def _route(method: str, path: str, operation: str, act: Any, says: str, **more: Any) -> Route:
    return Route(
        method=method,
        path=path,
        operation=operation,
        scope="webhook_endpoints",
        answers="webhook_endpoint",
        act=act,
        says=says,
        **more,
    )


ROUTES = (
    _route(
        "POST",
        "webhook_endpoints",
        "create_webhook_endpoint",
        create,
        "Register an address; only this answer carries its secret.",
        fields={"url": required(Address()), "enabled_events": required(EVENTS), **WORDS},
    ),
    _route(
        "GET", "webhook_endpoints", "list_webhook_endpoints", every, "List the addresses.", fields=PAGE, is_list=True
    ),
    _route("GET", "webhook_endpoints/{id}", "retrieve_webhook_endpoint", retrieve, "Read an address."),
    _route(
        "POST",
        "webhook_endpoints/{id}",
        "update_webhook_endpoint",
        update,
        "Change, disable or enable an address.",
        fields={"url": Address(), "enabled_events": EVENTS, "disabled": Flag(), **WORDS},
    ),
    _route("DELETE", "webhook_endpoints/{id}", "delete_webhook_endpoint", delete, "Send it nothing more."),
    _route(
        "POST",
        "webhook_endpoints/{id}/roll_secret",
        "roll_webhook_secret",
        roll_secret,
        "Ours beside Stripe's: give a new secret; the old one stays valid beside it for a while.",
        fields={"expires_in": Whole(most=7 * 24 * 3600, says="Seconds; a day if not given.")},
    ),
)
