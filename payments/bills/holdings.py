"""What the ledger should hold by the word of reconciliation, and the proof that it does: unknown receipts, the provider's fees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q, Sum

from marketplace.core.proofs import proof
from payments.models import Account, AccountKind, Reconciliation, UnknownReceipt

from .states import ReceiptStatus


def held_for_bills() -> dict[tuple[str, str], int]:
    """Return the fen that each account should hold, by kind and owner, told from the rows of reconciliation alone."""
    held: defaultdict[tuple[str, str], int] = defaultdict(int)
    for receipt in UnknownReceipt.objects.iterator():
        if receipt.status == ReceiptStatus.HELD:
            held[AccountKind.SUSPENSE, f"bill:{receipt.key}"] += receipt.amount_fen
    fees = Reconciliation.objects.aggregate(total=Sum("fees_fen"))["total"] or 0
    if fees:
        held[AccountKind.PROVIDER_FEE, ""] -= fees
    return dict(held)


@proof("bills")
def bills() -> Iterable[str]:
    """Check that the books hold what bills put there and nothing else: `ledger` leaves these accounts to this proof."""
    held = held_for_bills()
    of_bills = Account.objects.filter(
        Q(kind=AccountKind.SUSPENSE, owner__startswith="bill:") | Q(kind=AccountKind.PROVIDER_FEE)
    )
    sums = {
        (kind, owner): int(total or 0)
        for kind, owner, total in of_bills.values_list("kind", "owner").annotate(total=Sum("lines__amount_fen"))
    }
    for purse in sorted(held.keys() | sums.keys()):
        if held.get(purse, 0) != sums.get(purse, 0):
            name = ":".join(part for part in purse if part)
            yield f"bills: {name} holds {sums.get(purse, 0)} fen, the bills say {held.get(purse, 0)}"
