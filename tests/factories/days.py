"""Days of payments as they stand once they are settled: charges, refunds and transfers with their entries in the ledger."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from marketplace.parties.models import Organization
from payments.actions import ledger
from payments.models import Charge, PaymentIntent, Refund, Transfer

from .bills import Moved, Traded, trade_no_of

GROUP = "HT-2026-0001"
SHORT = timedelta(minutes=1)


def make_charge(number: int | str, fen: int, paid_at: datetime, **overrides: Any) -> Charge:
    """Make a payment that was settled at `paid_at`, booked as `settle_charge` books it; `status` may leave it unpaid."""
    name = f"py_{number}"
    status = overrides.pop("status", "succeeded")
    done = status == "succeeded"
    intent = PaymentIntent.objects.create(
        id=f"pi_{number}",
        amount_fen=fen,
        amount_received_fen=fen if done else 0,
        status="succeeded" if done else "requires_action" if status == "pending" else "requires_payment_method",
        description="水土保持方案编制",
        transfer_group=GROUP,
        created_at=paid_at - SHORT,
        succeeded_at=paid_at if done else None,
    )
    values = {
        "id": name,
        "intent": intent,
        "amount_fen": fen,
        "out_trade_no": name,
        "trade_no": trade_no_of(name) if done else None,
        "status": status,
        "time_expire": paid_at + SHORT,
        "created_at": paid_at - SHORT,
        "paid_at": paid_at if done else None,
    }
    charge = Charge.objects.create(**{**values, **overrides})
    if done:
        _move(f"charge:{name}", "charge", ledger.CLEARING, ledger.escrow(intent.pk), fen, paid_at)
    return charge


def make_refund(charge: Charge, number: int | str, fen: int, at: datetime, status: str = "succeeded") -> Refund:
    """Make a refund of a charge, done at `at` or in another status."""
    refund = Refund.objects.create(
        id=f"re_{number}",
        key=f"key-{number}",
        intent=charge.intent,
        charge=charge,
        amount_fen=fen,
        status=status,
        created_at=at - SHORT,
        succeeded_at=at if status == "succeeded" else None,
    )
    way = ledger.in_transit(refund.id)
    _move(f"refund:{refund.id}", "refund_created", ledger.escrow(charge.intent_id), way, fen, at)
    if status == "succeeded":
        _move(f"refund:{refund.id}:succeeded", "refund_succeeded", way, ledger.CLEARING, fen, at)
    return refund


def make_transfer(
    charge: Charge, number: int | str, fen: int, at: datetime, destination: Organization, status: str = "paid"
) -> Transfer:
    """Make a transfer from a charge to a firm, paid at `at` or in another status."""
    transfer = Transfer.objects.create(
        id=f"tr_{number}",
        key=f"key-{number}",
        intent=charge.intent,
        source_charge=charge,
        destination=destination,
        amount_fen=fen,
        payout_fen=fen,
        status=status,
        created_at=at - SHORT,
        paid_at=at if status == "paid" else None,
    )
    owed = ledger.payable(destination.pk)
    _move(f"transfer:{transfer.id}", "transfer_created", ledger.escrow(charge.intent_id), owed, fen, at)
    if status == "paid":
        _move(f"transfer:{transfer.id}:paid", "transfer_paid", owed, ledger.CLEARING, fen, at)
    return transfer


def _move(key: str, kind: str, source: ledger.Purse, target: ledger.Purse, fen: int, now: datetime) -> None:
    ledger.move(key=key, kind=kind, source=source, target=target, amount_fen=fen, process=None, now=now)


def line_of(charge: Charge, **overrides: Any) -> Traded:
    """Return the line that a charge makes on the trade bill."""
    values = {"fen": charge.amount_fen, "at": charge.paid_at, "trade_no": charge.trade_no or ""}
    return Traded(charge.out_trade_no, **{**values, **overrides})


def refund_line_of(refund: Refund, **overrides: Any) -> Traded:
    """Return the line that a refund makes on the trade bill."""
    values = {
        "fen": -refund.amount_fen,
        "at": refund.succeeded_at,
        "request_no": refund.id,
        "trade_no": refund.charge.trade_no or "",
    }
    return Traded(refund.charge.out_trade_no, **{**values, **overrides})


def transfer_line_of(transfer: Transfer, **overrides: Any) -> Moved:
    """Return the line that a transfer makes on the fund bill."""
    values = {"fen": -transfer.amount_fen, "at": transfer.paid_at, "type": "transfer"}
    return Moved(transfer.id, **{**values, **overrides})
