"""The courier: claims what is due, sends each endpoint's events in a line of its own, records what came of it.

The database is spoken to by one thread, the network by others, so no transaction is open while a receiver takes its time. An
endpoint that does not answer costs its own line one time-out and keeps no other waiting; the rest of its line goes back.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Lock
from typing import NamedTuple

from django.conf import settings
from django.db import connections, transaction
from django.utils import translation

from marketplace.core import clock
from payments.actions.deliveries import (
    LEASE,
    Answer,
    claim_deliveries,
    due_deliveries,
    record_delivery,
    release_delivery,
)
from payments.models import WebhookDelivery
from payments.shapes.webhooks import body

from .post import CONNECT_SECONDS, WHOLE_SECONDS, Line
from .seals import Unreadable, unseal
from .signature import HEADER, header

logger = logging.getLogger(__name__)
LINES = 8  # endpoints sent to at the same time
EACH = 20  # events of one endpoint taken at a time
LOOK_SECONDS = 0.5  # how often endpoints without a line are looked at while others take their time
TOGETHER = 50  # answers recorded in one transaction
# No event is sent so late in its claim that somebody else may take it up before we have recorded it.
LAST_START = LEASE.total_seconds() - 2 * (CONNECT_SECONDS + WHOLE_SECONDS)


class Parcel(NamedTuple):
    """Be one delivery, ready for a thread that must not ask the database."""

    delivery: WebhookDelivery
    url: str
    secrets: list[str]
    body: bytes


class Report(NamedTuple):
    """Be what a line says: an answer to a delivery, none when it was not tried, or that the endpoint's line has ended."""

    endpoint: str
    delivery: WebhookDelivery | None = None
    answer: Answer | None = None


def deliver_due(now: datetime) -> int:
    """Send everything that is due until nothing is; return how many were tried. Call it outside a transaction.

    Returns when every line has ended; an endpoint whose line is under way is not claimed again before.
    """
    tried, busy, is_ending = 0, set[str](), False
    reports: SimpleQueue[Report] = SimpleQueue()
    with translation.override(settings.LANGUAGE_CODE), ThreadPoolExecutor(LINES, "webhook-line") as pool:
        while True:
            moment = max(now, clock.now())
            free = 0 if is_ending else LINES - len(busy)
            for claimed in claim_deliveries(now=moment, endpoints=free, each=EACH, without=busy):
                endpoint, begin = claimed[0].endpoint_id, time.monotonic()
                try:
                    pool.submit(_run_line, endpoint, list(_parcels(claimed, moment)), begin, reports)
                    busy.add(endpoint)
                except RuntimeError:  # Python is ending: what runs is still recorded, the rest goes back
                    is_ending = True
                    for delivery in claimed:
                        release_delivery(delivery=delivery)
            if not busy:
                return tried
            tried += _record(_waiting(reports), busy, now)


def _waiting(reports: SimpleQueue[Report]) -> list[Report]:
    """Return what the lines have said, waiting a moment for it; then others may have come to be due."""
    found = []
    with suppress(Empty):
        found.append(reports.get(timeout=LOOK_SECONDS))
        while len(found) < TOGETHER:
            found.append(reports.get_nowait())
    return found


def _record(reports: list[Report], busy: set[str], now: datetime) -> int:
    """Record answers in one transaction, for a commit costs more than a delivery; return how many there were.

    Endpoints are locked in the order of their names, as `resend_event` does.
    """
    answered = sorted((one for one in reports if one.answer is not None), key=lambda one: one.endpoint)
    if not reports:
        return 0
    with transaction.atomic():
        for report in answered:
            assert report.delivery is not None
            assert report.answer is not None
            record_delivery(delivery=report.delivery, answer=report.answer, now=max(now, clock.now()))
        for report in reports:
            if report.delivery is not None and report.answer is None:
                release_delivery(delivery=report.delivery)
    busy.difference_update(report.endpoint for report in reports if report.delivery is None)
    return len(answered)


def _parcels(claimed: list[WebhookDelivery], now: datetime) -> Iterator[Parcel]:
    for delivery in claimed:
        endpoint = delivery.endpoint
        try:
            secrets = [unseal(one) for one in endpoint.sealed_secrets(now)]
        except Unreadable:
            secrets = []
        yield Parcel(delivery, endpoint.url, secrets, body(delivery.event))


def _run_line(endpoint: str, parcels: list[Parcel], begin: float, reports: SimpleQueue[Report]) -> None:
    """Send one endpoint's events in their order, until one gets no answer at all or the claim is about to end."""
    try:
        with translation.override(settings.LANGUAGE_CODE), Line() as line:
            is_open = True
            for parcel in parcels:
                is_open = is_open and time.monotonic() - begin < LAST_START
                answer = send(parcel, line) if is_open else None
                reports.put(Report(endpoint, parcel.delivery, answer))
                is_open = answer is not None and answer.status is not None
    except Exception:  # a fault of ours: the claims end by themselves and the events are sent again
        logger.exception("webhook: the line to %s broke", endpoint)
    finally:
        reports.put(Report(endpoint))


def send(parcel: Parcel, line: Line) -> Answer:
    """Sign one event with every valid secret, as of now, and send it."""
    if not parcel.secrets:
        return Answer(None, "密钥无法解封（SAFE_KEY 已更换），请更换这个推送地址的密钥。", 0)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Marketplace-Webhooks/1",
        HEADER: header(parcel.secrets, clock.now(), parcel.body),
    }
    return line.post(parcel.url, parcel.body, headers)


_runner = ThreadPoolExecutor(1, "webhook-courier")
_guard = Lock()
_running: Future[int] | None = None


def nudge(now: datetime) -> int:
    """Start a courier in a thread of this process unless one is under way; return how many deliveries are due.

    The worker's round goes on meanwhile. When the process ends, Python waits for the courier to finish its lines.
    """
    global _running  # noqa: PLW0603 - one courier for each process
    count = due_deliveries(now).count()
    with _guard:
        if count and (_running is None or _running.done()):
            _running = _runner.submit(_run, now)
    return count


def wait() -> int:
    """Wait for the courier that was nudged; return how many deliveries it tried."""
    return _running.result() if _running is not None else 0


def _run(now: datetime) -> int:
    with _own_connection():
        try:
            return deliver_due(now)
        except Exception:
            logger.exception("webhook: the courier stumbled; the next round sends what is left")
            return 0


@contextmanager
def _own_connection() -> Iterator[None]:
    """Leave no connection behind: the next courier opens one of its own."""
    try:
        yield
    finally:
        connections.close_all()
