"""Reads for payment pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Sum

from payments.models import Balance, PaymentIntent, Refund, Transfer
from payments.models.ledger import AccountKind


@dataclass(frozen=True)
class PaymentPage:
    """What a payer is shown about one payment."""

    intent: PaymentIntent
    refunds: list[Refund]
    transfers: list[Transfer]


def payment_for(*, intent_id: str) -> PaymentIntent | None:
    """Return an intent with its parties, or None."""
    return PaymentIntent.objects.select_related("payer", "payee", "process").filter(pk=intent_id).first()


def payment_page(*, intent: PaymentIntent) -> PaymentPage:
    """Return what the payment page shows."""
    return PaymentPage(intent, list(intent.refunds.all()), list(intent.transfers.select_related("destination")))


def payments_of(*, organization: Any) -> QuerySet[PaymentIntent]:
    """Return the payments that an organization owes or has made, newest first."""
    return PaymentIntent.objects.select_related("payee", "process").filter(payer=organization)


def held_in(*, transfer_group: str) -> int:
    """Return the fen held in escrow for all payments of a transfer group."""
    intents = PaymentIntent.objects.filter(transfer_group=transfer_group).values("pk")
    balances = Balance.objects.filter(account__kind=AccountKind.ESCROW, account__owner__in=intents)
    return int(balances.aggregate(fen=Sum("amount_fen"))["fen"] or 0)


def held_for(*, intent: PaymentIntent) -> int:
    """Return the fen held in escrow for one payment, as the books say."""
    balance = Balance.objects.filter(account__kind=AccountKind.ESCROW, account__owner=intent.pk).first()
    return balance.amount_fen if balance else 0


def owed_by(*, organization: Any) -> int:
    """Return the fen that a firm still has to repay for refunds which the platform advanced."""
    balance = Balance.objects.filter(account__kind=AccountKind.DEBT, account__owner=str(organization.pk)).first()
    return max(-balance.amount_fen, 0) if balance else 0
