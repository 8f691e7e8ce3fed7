"""Work that falls due: ask the provider about what is not final. Notices may be lost; questions are not."""

from __future__ import annotations

from datetime import datetime

from marketplace.core.worker import due

from .actions import send_refund, send_transfer, sync_charge
from .models import Charge, Refund, Transfer

AT_ONCE = 20


@due("payments: charges")
def ask_about_charges(now: datetime) -> int:
    """Query attempts that are due, given-up ones once more after their time."""
    rows = list(
        Charge.objects.filter(next_query_at__lte=now).select_related("intent").order_by("next_query_at")[:AT_ONCE]
    )
    for charge in rows:
        sync_charge(charge=charge, now=now)
    return len(rows)


@due("payments: refunds")
def ask_about_refunds(now: datetime) -> int:
    """Send refunds that are still pending, under the same numbers."""
    rows = list(
        Refund.objects.filter(next_attempt_at__lte=now)
        .select_related("intent", "charge")
        .order_by("next_attempt_at")[:AT_ONCE]
    )
    for refund in rows:
        send_refund(refund=refund, now=now)
    return len(rows)


@due("payments: transfers")
def ask_about_transfers(now: datetime) -> int:
    """Send transfers that are still pending, under the same numbers."""
    due_rows = Transfer.objects.filter(next_attempt_at__lte=now).select_related("intent", "destination")
    rows = list(due_rows.order_by("next_attempt_at")[:AT_ONCE])
    for transfer in rows:
        send_transfer(transfer=transfer, now=now)
    return len(rows)
