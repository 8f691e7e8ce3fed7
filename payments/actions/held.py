"""How much of a payment is where: still held, or already a firm's."""

from __future__ import annotations

from django.db.models import F, Sum

from payments.models import PaymentIntent, Transfer
from payments.states import RefundStatus, TransferStatus


def held_fen(intent: PaymentIntent) -> int:
    """Return what of a payment is still held: received, less refunds from it that did not fail, less what was transferred."""
    refunds = intent.refunds.filter(is_automatic=False, debtor=None).exclude(status=RefundStatus.FAILED)
    refunded = refunds.aggregate(total=Sum("amount_fen"))["total"] or 0
    transfers = intent.transfers.filter(source=Transfer.Source.ESCROW)
    transferred = transfers.aggregate(total=Sum(F("amount_fen") - F("amount_reversed_fen")))["total"] or 0
    return int(intent.amount_received_fen - refunded - transferred)


def released_fen(intent: PaymentIntent) -> dict[int, int]:
    """Return, by organization, what of a payment was paid out to it and not yet returned to the payer after that."""
    paid = intent.transfers.filter(source=Transfer.Source.ESCROW, status=TransferStatus.PAID)
    released = dict(
        paid.order_by().values_list("destination").annotate(total=Sum(F("amount_fen") - F("amount_reversed_fen")))
    )
    refunds = intent.refunds.filter(debtor__isnull=False).exclude(status=RefundStatus.FAILED)
    for debtor, total in refunds.order_by().values_list("debtor").annotate(total=Sum("amount_fen")):
        released[debtor] -= total
    return released
