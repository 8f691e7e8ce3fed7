"""Balance and BalanceTransaction in Stripe's shape, read from the ledger."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Concat

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
    "transfer_reversed": "payment_refund",
    "provider_fee": "stripe_fee",
    "top_up": "topup",
}
OF_A_FIRM = {"transfer_paid": "payout"}
# Under which ledger keys an object's money moves.
KEYS = {
    "py": ("charge:{}",),
    "re": ("refund:{}:succeeded",),
    "tr": ("transfer:{}", "transfer:{}:paid"),
    "trr": ("reversal:{}",),
}


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
    name = entry.key.split(":")[1] if ":" in entry.key else ""
    made = types_of(is_firm=payable_of is not None).get(entry.kind, "adjustment")
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


def keys_of(source: str) -> list[str]:
    """Return the ledger keys of an object."""
    return [key.format(source) for key in KEYS.get(source.partition("_")[0], ())]


def types_of(*, is_firm: bool) -> dict[str, str]:
    """Return what kinds of entries are called."""
    return {**TYPES, **OF_A_FIRM} if is_firm else TYPES


def with_bookings(rows: QuerySet[Any], before: str, after: str = "") -> QuerySet[Any]:
    """Let a list know its rows' entries (`booked_as`) from one query."""
    key = Concat(Value(before), OuterRef("pk"), Value(after))
    return rows.annotate(booked_pk=Subquery(Entry.objects.filter(key=key).values("pk")[:1]))


def set_booked(row: Model, entry: Entry) -> None:
    """Let a row know its entry (`booked_as`), where it has just been booked."""
    row.booked_pk = entry.pk  # type: ignore[attr-defined]


def booked_as(row: Model, key: str) -> str | None:
    """Return the balance transaction of a row, booked under `key`, once it is there."""
    found: int | None = row.booked_pk if hasattr(row, "booked_pk") else _entry_pk(key)
    return None if found is None else transaction_id(found)


def _entry_pk(key: str) -> int | None:
    return Entry.objects.filter(key=key).values_list("pk", flat=True).first()
