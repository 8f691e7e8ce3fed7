"""Transfer and its reversals in Stripe's shape."""

from __future__ import annotations

from typing import Any

from payments.models import Transfer, TransferReversal
from payments.states import TransferStatus

from .balances import booked_as
from .parts import account_id, livemode, seconds

NAMED = 10  # reversals that stand in the transfer itself


def transfer(row: Transfer) -> dict[str, Any]:
    """Return a Transfer; `status` is our addition, for Alipay pays out at once and may fail."""
    reversals = list(row.reversals.all()) if row.amount_reversed_fen else []
    return {
        "id": row.id,
        "object": "transfer",
        "amount": row.amount_fen,
        "amount_reversed": row.amount_reversed_fen,
        "balance_transaction": booked_as(row, f"transfer:{row.id}:paid") if row.status == TransferStatus.PAID else None,
        "created": seconds(row.created_at),
        "currency": row.intent.currency,
        "description": row.description or row.intent.description or None,
        "destination": account_id(row.destination_id),
        "destination_payment": None,
        "livemode": livemode(),
        "metadata": row.metadata,
        "reversals": {
            "object": "list",
            "data": [transfer_reversal(one) for one in reversals[:NAMED]],
            "has_more": len(reversals) > NAMED,
            "total_count": len(reversals),
            "url": f"/v1/transfers/{row.id}/reversals",
        },
        "reversed": row.amount_reversed_fen == row.amount_fen,
        "source_transaction": row.source_charge_id,
        "source_type": "alipay_account",
        "status": row.status,
        "transfer_group": row.intent.transfer_group,
    }


def transfer_reversal(row: TransferReversal) -> dict[str, Any]:
    """Return a TransferReversal."""
    return {
        "id": row.id,
        "object": "transfer_reversal",
        "amount": row.amount_fen,
        "balance_transaction": None,
        "created": seconds(row.created_at),
        "currency": "cny",
        "destination_payment_refund": None,
        "metadata": row.metadata,
        "source_refund": None,
        "transfer": row.transfer_id,
    }
