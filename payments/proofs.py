"""The proof of the ledger: no fen made, none lost, every balance the sum of its lines, escrow as the payments say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Sum

from marketplace.core.proofs import proof

from .bills.holdings import held_for_bills
from .models import Account, AccountKind, Balance, Charge, Line, PaymentIntent, Refund, Transfer
from .states import ChargeStatus, RefundStatus, TransferStatus


@proof("ledger")
def ledger() -> Iterable[str]:
    """Check the books against themselves and against the payment objects."""
    total = Line.objects.aggregate(total=Sum("amount_fen"))["total"] or 0
    if total:
        yield f"ledger: all lines together are {total} fen, not zero"
    uneven = Line.objects.values("entry__key").annotate(total=Sum("amount_fen")).exclude(total=0).order_by("entry__key")
    for row in uneven:
        yield f"ledger: entry {row['entry__key']} sums to {row['total']} fen"
    sums = dict(Line.objects.order_by().values_list("account").annotate(total=Sum("amount_fen")))
    balances = dict(Balance.objects.values_list("account", "amount_fen"))
    accounts = {account.pk: account for account in Account.objects.all()}
    for pk, account in accounts.items():
        if balances.get(pk, 0) != sums.get(pk, 0):
            yield f"ledger: {account} says {balances.get(pk, 0)} fen, its lines say {sums.get(pk, 0)}"
    wanted = _wanted()
    held = {(account.kind, account.owner): sums.get(pk, 0) for pk, account in accounts.items()}
    for kind, owner in sorted(set(wanted) | set(held)):
        if kind != AccountKind.PROVIDER_CLEARING and wanted[kind, owner] != held.get((kind, owner), 0):
            yield f"ledger: {kind}:{owner} holds {held.get((kind, owner), 0)} fen, the payments say {wanted[kind, owner]}"


def _wanted() -> defaultdict[tuple[str, str], int]:
    """Return what each account should hold, told from the payment objects alone."""
    wanted: defaultdict[tuple[str, str], int] = defaultdict(int)
    groups = dict(PaymentIntent.objects.values_list("id", "transfer_group"))
    for charge in Charge.objects.filter(status=ChargeStatus.SUCCEEDED).iterator():
        if charge.is_late:
            wanted[AccountKind.SUSPENSE, charge.id] += charge.amount_fen
        else:
            wanted[AccountKind.ESCROW, groups[charge.intent_id]] += charge.amount_fen
    for refund in Refund.objects.exclude(status=RefundStatus.FAILED).iterator():
        if refund.is_automatic:
            wanted[AccountKind.SUSPENSE, refund.charge_id] -= refund.amount_fen
        else:
            wanted[AccountKind.ESCROW, groups[refund.intent_id]] -= refund.amount_fen
        if refund.status == RefundStatus.PENDING:
            wanted[AccountKind.REFUND_IN_TRANSIT, refund.id] += refund.amount_fen
    for transfer in Transfer.objects.iterator():
        wanted[AccountKind.ESCROW, groups[transfer.intent_id]] -= transfer.amount_fen
        if transfer.status != TransferStatus.PAID:
            wanted[AccountKind.PAYABLE, str(transfer.destination_id)] += transfer.amount_fen
    for purse, amount in held_for_bills().items():
        wanted[purse] += amount
    return wanted
