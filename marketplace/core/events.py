"""Events: write one in the transaction of its change, deliver it after the commit."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import translation

from . import clock
from .models import DELIVERY, Delivery, DeliveryStatus, Event, Process
from .rows import insert, write_each

logger = logging.getLogger(__name__)
Handler = Callable[[Event], None]
Listener = Callable[[list[Event]], None]

_handlers: dict[str, dict[str, Handler]] = defaultdict(dict)
_listeners: list[Listener] = []
MAX_ATTEMPTS = 12
_is_deferred: ContextVar[bool] = ContextVar("deliveries_are_deferred", default=False)


def on(*names: str) -> Callable[[Handler], Handler]:
    """Register a durable reaction to the named events.

    It is called at least once after the commit and must be idempotent; a failure is retried by the worker with back-off.
    """

    def register(handler: Handler) -> Handler:
        key = f"{handler.__module__}.{handler.__qualname__}"
        for name in names:
            _handlers[name][key] = handler
        return handler

    return register


def listen(listener: Listener) -> Listener:
    """Register a listener that hears every event once after its commit, or never when the process dies.

    Events that were written together come together, in their order and of one process.
    """
    _listeners.append(listener)
    return listener


def canonical(event: Event) -> str:
    """Return an event as the JSON text that is hashed: keys sorted, no spaces, moments in UTC to the microsecond."""
    body = {
        "process": event.process.ocid,
        "number": event.number,
        "name": event.name,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": event.actor_id,
        "organization": event.organization_id,
        "subject": [event.subject_type, event.subject_id],
        "data": event.data,
        "visibility": event.visibility,
    }
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(event: Event) -> str:
    """Return the hash of an event: SHA-256 over the previous hash, a line feed and the canonical JSON."""
    return hashlib.sha256(f"{event.previous_hash}\n{canonical(event)}".encode()).hexdigest()


def record(
    process: Process,
    name: str,
    *,
    now: datetime,
    by: Any = None,
    organization: Any = None,
    subject: models.Model | None = None,
    data: dict[str, Any] | None = None,
    visibility: str = Event.Visibility.PUBLIC,
) -> Event:
    """Write the next event of a process; the last step of an action, inside its transaction.

    Takes the process row's lock, so numbers are gapless and in the order of commits. `data` holds only what JSON keeps
    exactly (strings, integers, booleans, lists, null); money in fen under keys that end in `_fen`.
    """
    actor = by if getattr(by, "pk", None) else None
    draft = Event(name=name, at=now, actor=actor, data=data or {}, visibility=visibility)
    draft.organization_id = organization.pk if organization is not None else None
    head = Process.objects.select_for_update().get(pk=process.pk)
    (event,) = record_all(head, [draft], subject=subject)
    process.head_number, process.head_hash = head.head_number, head.head_hash
    return event


def record_all(head: Process, events: list[Event], *, subject: models.Model | None = None) -> list[Event]:
    """Write several events of one process in their order, in as many statements as one takes.

    `head` is the process's row as it was read under its lock; the events come without number, links and hash.
    """
    _append(head, events, subject)
    _save(events, [head])
    return events


def record_each(drafts: Iterable[tuple[Process, Event, models.Model]]) -> None:
    """Write an event of each of several processes, as (process, event, subject), in as many statements as one process takes.

    The processes' rows were read under their locks, in the order of their keys.
    """
    events, heads = [], {}
    for head, event, subject in drafts:
        _append(head, [event], subject)
        events.append(event)
        heads[head.pk] = head
    if events:
        _save(events, list(heads.values()))


def _append(head: Process, events: list[Event], subject: models.Model | None) -> None:
    for event in events:
        event.process = head
        if subject is not None:
            event.subject_type, event.subject_id = subject._meta.label_lower, str(subject.pk)
        event.number, event.previous_hash = head.head_number + 1, head.head_hash
        event.hash = digest(event)
        head.head_number, head.head_hash = event.number, event.hash


def _save(events: list[Event], heads: list[Process]) -> None:
    if len(events) == 1:
        events[0].save(force_insert=True)
    else:
        insert(events)
    write_each(
        "UPDATE core_process SET head_number = column1, head_hash = column2 FROM fresh WHERE id = column3",
        [[head.head_number, head.head_hash, head.pk] for head in heads],
    )
    deliveries = [
        Delivery(event=event, handler=key, next_at=event.at)
        for event in events
        for key in _handlers.get(event.name, ())
    ]
    insert(deliveries)
    transaction.on_commit(lambda: _after_commit(events, deliveries))


def _after_commit(events: list[Event], deliveries: Iterable[Delivery]) -> None:
    by_process = defaultdict(list)
    for event in events:
        by_process[event.process_id].append(event)
    for listener in _listeners:
        for together in by_process.values():
            try:
                listener(together)
            except Exception:
                logger.exception("listener %s failed on %s", listener, together)
    if _is_deferred.get():
        return
    for delivery in deliveries:
        deliver(delivery=delivery)


@contextmanager
def deferred() -> Iterator[None]:
    """Leave deliveries to deliver_pending meanwhile: what falls due goes first, reactions to it follow."""
    token = _is_deferred.set(True)
    try:
        yield
    finally:
        _is_deferred.reset(token)


def deliver(*, delivery: Delivery, now: datetime | None = None) -> bool:
    """Give one event to its handler; keep the failure and the next attempt's time when it fails.

    Handlers work in the site's language, whoever's request or worker happens to deliver.
    """
    now = now or clock.now()
    event = delivery.event
    handler = _handlers.get(event.name, {}).get(delivery.handler)
    if handler is None:  # the code that wanted it is gone
        Delivery.objects.filter(pk=delivery.pk).update(status=DeliveryStatus.DONE, error="handler removed")
        return True
    try:
        with translation.override(settings.LANGUAGE_CODE), transaction.atomic():
            current = Delivery.objects.select_for_update(skip_locked=True).filter(pk=delivery.pk).first()
            if current is None or current.status == DeliveryStatus.DONE:
                return True
            handler(event)
            DELIVERY.check(current.status, DeliveryStatus.DONE)
            Delivery.objects.filter(pk=delivery.pk).update(
                status=DeliveryStatus.DONE, attempts=current.attempts + 1, error=""
            )
    except Exception as error:
        logger.exception("handler %s failed on %s", delivery.handler, event)
        attempts = delivery.attempts + 1
        Delivery.objects.filter(pk=delivery.pk).update(
            attempts=attempts,
            error=f"{type(error).__name__}: {error}"[:2000],
            status=DeliveryStatus.DEAD if attempts >= MAX_ATTEMPTS else DeliveryStatus.PENDING,
            next_at=now + timedelta(seconds=min(2**attempts, 3600)),
        )
        return False
    return True


def deliver_of(process_ids: Iterable[int]) -> None:
    """Deliver what these processes owe since now and nobody has tried yet: what a request does that answered before it."""
    rows = Delivery.objects.filter(status=DeliveryStatus.PENDING, attempts=0, event__process__in=set(process_ids))
    for delivery in rows.select_related("event__process").order_by("pk"):
        deliver(delivery=delivery)


def deliver_pending(now: datetime, limit: int = 200) -> int:
    """Deliver what is owed and due, `limit` at a time until nothing is; return how many were tried. The worker's part.

    A failure is due again later, so this ends; what was recorded since `now` counts as due.
    """
    tried = 0
    while True:
        moment = max(now, clock.now())
        due = Delivery.objects.filter(status=DeliveryStatus.PENDING, next_at__lte=moment)
        rows = list(due.select_related("event__process").order_by("next_at", "pk")[:limit])
        for row in rows:
            deliver(delivery=row, now=moment)
        tried += len(rows)
        if len(rows) < limit:
            return tried


def broken_links(process: Process) -> list[str]:
    """Return a sentence for each event of `process` whose number, link or hash does not fit.

    Takes no lock, so others may record meanwhile: the head is read before the events and once more after them, and the
    end of the chain has to lie between the two. An event that one head counted and the chain lacks, and an event that
    no head counts, are found all the same.
    """
    before = _head(process)
    wrong, number, previous = [], 0, ""
    hash_at_head = "" if before[0] == 0 else None
    for event in process.events.order_by("number").iterator():
        event.process = process
        number += 1
        if event.number != number:
            wrong.append(f"{process.ocid}: event {number} is missing, found {event.number}")
            number = event.number
        if event.previous_hash != previous:
            wrong.append(f"{process.ocid}#{event.number}: does not follow the event before it")
        if event.hash != digest(event):
            wrong.append(f"{process.ocid}#{event.number}: content does not match its hash")
        previous = event.hash
        if number == before[0]:
            hash_at_head = previous
    after = _head(process)
    if hash_at_head != before[1] or number > after[0] or (number == after[0] and previous != after[1]):
        wrong.append(f"{process.ocid}: head says {after[0]}, chain ends at {number}")
    return wrong


def _head(process: Process) -> tuple[int, str]:
    """Read number and hash of the newest event as they are now, whatever the given row remembers."""
    return Process.objects.values_list("head_number", "head_hash").get(pk=process.pk)


def visible_to(user: Any, organizations: Iterable[int] = (), *, is_party: bool = False) -> Q:
    """Return the filter for the events that somebody may read: the one place that decides it.

    Everybody reads public ones; members of the process's parties (`is_party`) read those for parties, and members of
    `organizations` those about their own organization; staff read all.
    """
    if getattr(user, "is_staff", False):
        return Q()
    wanted = Q(visibility=Event.Visibility.PUBLIC)
    if is_party:
        wanted |= Q(visibility=Event.Visibility.PARTIES)
    mine = list(organizations)
    if mine:
        wanted |= Q(organization_id__in=mine) & ~Q(visibility=Event.Visibility.PRIVATE)
    return wanted
