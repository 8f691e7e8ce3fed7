"""Verbs on webhook endpoints: register, change, delete, roll the secret, and send an event once more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.models import Event, Process
from marketplace.core.refusals import Forbidden, Invalid, Refused
from payments.models import PaymentEvent, WebhookDelivery, WebhookEndpoint
from payments.states import WEBHOOK_DELIVERY, WEBHOOK_ENDPOINT, WebhookDeliveryStatus, WebhookEndpointStatus
from payments.webhooks.event_types import ALL, EVENT_TYPES
from payments.webhooks.seals import seal
from payments.webhooks.signature import new_secret
from payments.webhooks.targets import check_url

from .announcing import asked
from .charges import _checked_metadata as checked_metadata
from .deliveries import lock_endpoint

OCID = "yt360600-payments"
MAX_ENDPOINTS = 16  # Stripe's own bound
LONGEST_ROLL = timedelta(days=7)


def create_webhook_endpoint(
    *,
    url: str,
    enabled_events: Iterable[str],
    description: str = "",
    metadata: dict[str, str] | None = None,
    by: Any = None,
    now: datetime | None = None,
) -> WebhookEndpoint:
    """Register an address for events; its `shown_secret` is the secret, now and never again.

    `by` is None when a key of /v1 asks. The address is resolved before the transaction. Refuses with
    `webhooks_not_allowed`, `webhook_url_invalid`, `enabled_events_invalid`, `metadata_invalid`, `too_many_endpoints`.
    """
    now = now or clock.now()
    _require_operator(by)
    events, kept = _checked_events(enabled_events), checked_metadata(metadata or {})
    check_url(url)
    with transaction.atomic():
        process = _process(now)
        Process.objects.select_for_update().get(pk=process.pk)  # two at once are counted one after the other
        if WebhookEndpoint.objects.kept().count() >= MAX_ENDPOINTS:
            raise Refused(
                "too_many_endpoints", _("最多登记 %(count)s 个推送地址，请先删除不用的。") % {"count": MAX_ENDPOINTS}
            )
        secret = new_secret()
        endpoint = WebhookEndpoint.objects.create(
            url=url,
            enabled_events=events,
            description=description.strip()[:500],
            metadata=kept,
            sealed_secret=seal(secret),
            created_at=now,
        )
        _record(endpoint, "webhook_endpoint_created", by=by, now=now, url=url, enabled_events=events)
    endpoint.shown_secret = secret
    return endpoint


def update_webhook_endpoint(
    *,
    endpoint: WebhookEndpoint,
    url: str | None = None,
    enabled_events: Iterable[str] | None = None,
    is_disabled: bool | None = None,
    description: str | None = None,
    metadata: dict[str, str] | None = None,
    by: Any = None,
    now: datetime | None = None,
) -> WebhookEndpoint:
    """Change what is given; None leaves it. `metadata` is the whole of it. Enabling owes again what waited meanwhile.

    Refuses with `webhooks_not_allowed`, `endpoint_deleted`, and as `create_webhook_endpoint` does.
    """
    now = now or clock.now()
    _require_operator(by)
    changes: dict[str, Any] = {}
    if enabled_events is not None:
        changes["enabled_events"] = _checked_events(enabled_events)
    if metadata is not None:
        changes["metadata"] = checked_metadata(metadata)
    if description is not None:
        changes["description"] = description.strip()[:500]
    if url is not None and url != endpoint.url:
        check_url(url)
        changes["url"] = url
    with transaction.atomic():
        endpoint = _kept(endpoint)
        for name, value in changes.items():
            setattr(endpoint, name, value)
        told = {name: value for name, value in changes.items() if name in {"url", "enabled_events"}}
        if is_disabled is not None and is_disabled == (endpoint.status == WebhookEndpointStatus.ENABLED):
            status = WebhookEndpointStatus.DISABLED if is_disabled else WebhookEndpointStatus.ENABLED
            WEBHOOK_ENDPOINT.check(endpoint.status, status)
            endpoint.status, endpoint.disabled_at = status, now if is_disabled else None
            endpoint.is_given_up, endpoint.rests_until = False, None
            told["status"] = str(status)
        endpoint.save()
        _record(endpoint, "webhook_endpoint_changed", by=by, now=now, **told)
    return endpoint


@transaction.atomic
def delete_webhook_endpoint(
    *, endpoint: WebhookEndpoint, by: Any = None, now: datetime | None = None
) -> WebhookEndpoint:
    """Send it nothing more. What it was owed is given up; the rows stay as evidence. Refuses as the others do."""
    now = now or clock.now()
    _require_operator(by)
    endpoint = _kept(endpoint)
    endpoint.deleted_at = now
    endpoint.save(update_fields=["deleted_at"])
    endpoint.deliveries.filter(status=WebhookDeliveryStatus.PENDING).update(
        status=WebhookDeliveryStatus.DEAD, given_up_at=now, next_attempt_at=None, claimed_until=None
    )
    _record(endpoint, "webhook_endpoint_deleted", by=by, now=now)
    return endpoint


@transaction.atomic
def roll_webhook_secret(
    *, endpoint: WebhookEndpoint, expires_in: timedelta, by: Any = None, now: datetime | None = None
) -> WebhookEndpoint:
    """Give a new secret (`shown_secret`, once); events are signed with the old one as well for `expires_in`, at most 7 days.

    A roll while another is under way ends the oldest secret at once: there are never three. Refuses with
    `expires_in_invalid` besides.
    """
    now = now or clock.now()
    _require_operator(by)
    if not timedelta() <= expires_in <= LONGEST_ROLL:
        raise Invalid("expires_in_invalid", _("旧密钥最多再保留 7 天。"), field="expires_in")
    endpoint = _kept(endpoint)
    secret = new_secret()
    until = now + expires_in if expires_in else None
    endpoint.sealed_previous_secret = endpoint.sealed_secret if until else ""
    endpoint.sealed_secret, endpoint.previous_secret_until = seal(secret), until
    endpoint.save(update_fields=["sealed_secret", "sealed_previous_secret", "previous_secret_until"])
    _record(endpoint, "webhook_secret_rolled", by=by, now=now, until=until.isoformat() if until else "")
    endpoint.shown_secret = secret
    return endpoint


def resend_event(
    *,
    event: PaymentEvent,
    endpoint: WebhookEndpoint | None = None,
    by: Any = None,
    now: datetime | None = None,
) -> list[WebhookDelivery]:
    """Owe an event once more, delivered or not: to `endpoint`, or to all that want it now. Its failures count anew.

    Refuses with `webhooks_not_allowed`, `endpoint_deleted`, `endpoint_disabled`, `nobody_listens`.
    """
    now = now or clock.now()
    _require_operator(by)
    with transaction.atomic():
        if endpoint is not None:
            endpoint = _kept(endpoint)
            if not endpoint.is_listening:
                raise Refused("endpoint_disabled", _("这个推送地址已停用，请先启用。"))
            targets = [endpoint]
        else:
            targets = [one for one in WebhookEndpoint.objects.listening().order_by("pk") if one.wants(event.type)]
        if not targets:
            raise Refused("nobody_listens", _("没有启用的推送地址订阅这类事件。"))
        for target in targets:  # one after the other, so that two who do this never wait for each other
            WebhookEndpoint.objects.filter(pk=target.pk).update(rests_until=None)
        rows = [_owe_again(event, one, now) for one in targets]
        process = _process(now)
        told = {"event": event.id, "endpoints": [one.id for one in targets]}
        record(process, "webhook_event_resent", by=by, now=now, data=told, visibility=Event.Visibility.PRIVATE)
    return rows


def _owe_again(event: PaymentEvent, endpoint: WebhookEndpoint, now: datetime) -> WebhookDelivery:
    fresh = {"owed_at": now, "next_attempt_at": now}
    row, is_new = WebhookDelivery.objects.select_for_update(of=("self",)).get_or_create(
        event=event, endpoint=endpoint, defaults=fresh
    )
    if is_new:
        return row
    if row.status != WebhookDeliveryStatus.PENDING:
        WEBHOOK_DELIVERY.check(row.status, WebhookDeliveryStatus.PENDING)
        row.status = WebhookDeliveryStatus.PENDING
    row.owed_at = row.next_attempt_at = now
    row.failures, row.given_up_at, row.claimed_until = 0, None, None
    row.save()
    return row


def _require_operator(by: Any) -> None:
    if by is not None and not getattr(by, "is_staff", False):
        raise Forbidden("webhooks_not_allowed", _("只有平台管理机构可以管理事件推送。"))


def _checked_events(names: Iterable[str]) -> list[str]:
    found = list(dict.fromkeys(names))
    if not found:
        raise Invalid("enabled_events_invalid", _("请至少订阅一类事件。"), field="enabled_events")
    unknown = [name for name in found if name != ALL and name not in EVENT_TYPES]
    if unknown:
        raise Invalid(
            "enabled_events_invalid",
            _("没有这类事件：%(name)s。") % {"name": str(unknown[0])[:80]},
            field="enabled_events",
        )
    return found


def _kept(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    endpoint = lock_endpoint(endpoint)
    if endpoint.deleted_at is not None:
        raise Refused("endpoint_deleted", _("这个推送地址已删除。"), status=404)
    return endpoint


def _process(now: datetime) -> Process:
    process, _made = Process.objects.get_or_create(
        ocid=OCID, defaults={"kind": Process.Kind.OPERATION, "title": "支付接口", "created_at": now}
    )
    return process


def _record(endpoint: WebhookEndpoint, name: str, *, by: Any, now: datetime, **told: Any) -> None:
    """Keep who changed it, a person or a request of /v1; for administrators alone."""
    data = {"endpoint": endpoint.id, "request": asked.get().request_id, **told}
    private = Event.Visibility.PRIVATE
    record(_process(now), name, by=by, now=now, subject=endpoint, data=data, visibility=private)
