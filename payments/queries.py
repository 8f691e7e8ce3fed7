"""Reads for payment pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from .models import Balance, PaymentIntent, Refund, Transfer
from .models.ledger import AccountKind


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
    """Return the fen held in escrow for a transfer group."""
    balance = Balance.objects.filter(account__kind=AccountKind.ESCROW, account__owner=transfer_group).first()
    return balance.amount_fen if balance else 0
