"""Work that falls due: ask the provider about what is not final, and send the webhooks that are owed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from marketplace.core.worker import due

from .actions import send_refund, send_transfer, sync_charge
from .actions.requests import forget_api_requests
from .models import Charge, Refund, Transfer
from .webhooks import courier

logger = logging.getLogger(__name__)
AT_ONCE = 20
Row = TypeVar("Row", Charge, Refund, Transfer)


def _each(rows: Iterable[Row], ask: Callable[[Row], object]) -> int:
    """Ask about each row; one that fails does not keep the others waiting."""
    asked = 0
    for row in rows:
        asked += 1
        try:
            ask(row)
        except Exception:
            logger.exception("asking about %s failed", row)
    return asked


@due("payments: charges")
def ask_about_charges(now: datetime) -> int:
    """Query attempts that are due, given-up ones once more after their time. Notices may be lost; questions are not."""
    rows = Charge.objects.filter(next_query_at__lte=now).select_related("intent").order_by("next_query_at")
    return _each(rows[:AT_ONCE], lambda charge: sync_charge(charge=charge, now=now))


@due("payments: refunds")
def ask_about_refunds(now: datetime) -> int:
    """Send refunds that are still pending, under the same numbers."""
    rows = Refund.objects.filter(next_attempt_at__lte=now).select_related("intent", "charge")
    return _each(rows.order_by("next_attempt_at")[:AT_ONCE], lambda refund: send_refund(refund=refund, now=now))


@due("payments: transfers")
def ask_about_transfers(now: datetime) -> int:
    """Send transfers that are still pending, under the same numbers."""
    rows = Transfer.objects.filter(next_attempt_at__lte=now).select_related("intent", "destination")
    return _each(rows.order_by("next_attempt_at")[:AT_ONCE], lambda transfer: send_transfer(transfer=transfer, now=now))


@due("payments: webhooks")
def send_webhooks(now: datetime) -> int:
    """See to it that a courier is under way when webhooks are due; the round does not wait for any receiver."""
    return courier.nudge(now)


@due("payments: idempotency keys")
def forget_requests(now: datetime) -> int:
    """Delete what /v1 remembers of requests that are older than a day."""
    return forget_api_requests(now=now)
