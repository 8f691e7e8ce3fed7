"""Transfer in Stripe's shape."""

from __future__ import annotations

from typing import Any

from payments.models import Transfer
from payments.states import TransferStatus

from .balances import booked_as
from .parts import account_id, livemode, seconds


def transfer(row: Transfer) -> dict[str, Any]:
    """Return a Transfer; `status` is our addition, for Alipay pays out at once and may fail."""
    return {
        "id": row.id,
        "object": "transfer",
        "amount": row.amount_fen,
        "amount_reversed": 0,
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
            "data": [],
            "has_more": False,
            "total_count": 0,
            "url": f"/v1/transfers/{row.id}/reversals",
        },
        "reversed": False,
        "source_transaction": row.source_charge_id,
        "source_type": "alipay_account",
        "status": row.status,
        "transfer_group": row.intent.transfer_group,
    }
