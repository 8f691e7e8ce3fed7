"""Refund in Stripe's shape."""

from __future__ import annotations

from typing import Any

from payments.models import Refund
from payments.states import RefundStatus

from .balances import booked_as
from .parts import seconds


def refund(row: Refund) -> dict[str, Any]:
    """Return a Refund; a failed one says Alipay's code as the reason."""
    return {
        "id": row.id,
        "object": "refund",
        "amount": row.amount_fen,
        "balance_transaction": booked_as(row, f"refund:{row.id}:succeeded")
        if row.status == RefundStatus.SUCCEEDED
        else None,
        "charge": row.charge_id,
        "created": seconds(row.created_at),
        "currency": row.intent.currency,
        "destination_details": {"type": "alipay", "alipay": {}},
        "failure_reason": row.failure_code or None,
        "metadata": row.metadata,
        "payment_intent": row.intent_id,
        "reason": row.reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": row.status,
        "transfer_reversal": None,
    }
