"""Balance and BalanceTransaction in Stripe's shape, read from the ledger."""

from __future__ import annotations

from typing import Any

from payments.models import Entry
from payments.models.ledger import AccountKind

from .parts import livemode, seconds

# What a movement is called, as the platform sees it and as the firm sees it that is paid.
TYPES = {
    "charge": "charge",
    "late_charge": "charge",
    "refund_succeeded": "refund",
    "transfer_created": "payment",
    "transfer_paid": "transfer",
}
OF_A_FIRM = {"transfer_paid": "payout"}


def balance(*, available_fen: int, pending_fen: int) -> dict[str, Any]:
    """Return a Balance. What is held in escrow is pending; a firm's payable is available."""

    def fund(amount_fen: int) -> list[dict[str, Any]]:
        return [{"amount": amount_fen, "currency": "cny", "source_types": {"alipay_account": amount_fen}}]

    return {
        "object": "balance",
        "available": fund(available_fen),
        "livemode": livemode(),
        "pending": fund(pending_fen),
    }


def balance_transaction(entry: Entry, *, payable_of: int | None = None) -> dict[str, Any]:
    """Return an entry as what it changed of the money that Alipay keeps for us, or of what is payable to a firm.

    A line of clearing is negative where money came in; a line of payable is positive.
    """
    kind, owner = AccountKind.PROVIDER_CLEARING, ""
    if payable_of is not None:
        kind, owner = AccountKind.PAYABLE, str(payable_of)
    lines = [line for line in entry.lines.all() if (line.account.kind, line.account.owner) == (kind, owner)]
    moved = sum(line.amount_fen for line in lines)
    amount = moved if payable_of is not None else -moved
    known = {**TYPES, **OF_A_FIRM} if payable_of is not None else TYPES
    name = entry.key.split(":")[1] if ":" in entry.key else ""
    made = known.get(entry.kind, "adjustment")
    return {
        "id": transaction_id(entry.pk),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": seconds(entry.at),
        "balance_type": "payments",
        "created": seconds(entry.at),
        "currency": "cny",
        "description": None,
        "exchange_rate": None,
        "fee": 0,
        "fee_details": [],
        "net": amount,
        "reporting_category": made,
        "source": name if name.startswith(("py_", "re_", "tr_", "trr_")) else None,
        "status": "available",
        "type": made,
    }


def transaction_id(entry_pk: int) -> str:
    """Return the id of an entry as a balance transaction."""
    return f"txn_{entry_pk}"


def booked_as(key: str) -> str | None:
    """Return the balance transaction of a ledger key, once it is booked."""
    found = Entry.objects.filter(key=key).values_list("pk", flat=True).first()
    return None if found is None else transaction_id(found)
