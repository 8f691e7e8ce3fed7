"""Stripe's shapes of our objects: what /v1 answers and what events carry. One function for each kind of object."""

from __future__ import annotations

from typing import Any

from django.db import models

from marketplace.parties.models import Organization
from payments.models import (
    Charge,
    Entry,
    PaymentEvent,
    PaymentIntent,
    Refund,
    Transfer,
    TransferReversal,
    WebhookEndpoint,
)

from .accounts import account
from .balances import balance_transaction
from .intents import charge, payment_intent
from .refunds import refund
from .transfers import transfer, transfer_reversal
from .webhooks import event, webhook_endpoint

Shape = dict[str, Any]
_MAKERS: dict[type[models.Model], Any] = {
    PaymentIntent: payment_intent,
    Charge: charge,
    Refund: refund,
    Transfer: transfer,
    TransferReversal: transfer_reversal,
    PaymentEvent: event,
    WebhookEndpoint: webhook_endpoint,
    Entry: balance_transaction,
    Organization: account,
}


def shape(row: models.Model) -> Shape:
    """Return an object as JSON in Stripe's fields: amounts in fen, moments in whole seconds since 1970."""
    made: Shape = _MAKERS[type(row)](row)
    return made


__all__ = [
    "Shape",
    "account",
    "balance_transaction",
    "charge",
    "event",
    "payment_intent",
    "refund",
    "shape",
    "transfer",
    "transfer_reversal",
    "webhook_endpoint",
]
