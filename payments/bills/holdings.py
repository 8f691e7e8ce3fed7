"""What the ledger should hold by the word of reconciliation: suspense of unknown receipts, their returns, the provider's fees."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Sum

from payments.models import AccountKind, Reconciliation, UnknownReceipt

from .states import ReceiptStatus


def held_for_bills() -> dict[tuple[str, str], int]:
    """Return the fen that each account should hold, by kind and owner, told from the rows of reconciliation alone."""
    held: defaultdict[tuple[str, str], int] = defaultdict(int)
    for receipt in UnknownReceipt.objects.iterator():
        if receipt.status == ReceiptStatus.HELD:
            held[AccountKind.SUSPENSE, f"bill:{receipt.key}"] += receipt.amount_fen
        elif receipt.status == ReceiptStatus.RETURNING:
            held[AccountKind.REFUND_IN_TRANSIT, receipt.request_no] += receipt.amount_fen
    fees = Reconciliation.objects.aggregate(total=Sum("fees_fen"))["total"] or 0
    if fees:
        held[AccountKind.PROVIDER_FEE, ""] -= fees
    return dict(held)
