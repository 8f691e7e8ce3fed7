"""Payments in Stripe's objects, the provider's notices, and the ledger."""

from .bills import Bill, BillKind, BillLine, Break, LineType, Reconciliation, UnknownReceipt
from .events import PaymentEvent
from .intents import Charge, PaymentIntent
from .ledger import Account, AccountKind, Balance, Entry, Line
from .notices import Notice
from .refunds import Refund
from .transfers import Transfer
from .webhooks import WebhookDelivery, WebhookEndpoint

__all__ = [
    "Account",
    "AccountKind",
    "Balance",
    "Bill",
    "BillKind",
    "BillLine",
    "Break",
    "Charge",
    "Entry",
    "Line",
    "LineType",
    "Notice",
    "PaymentEvent",
    "PaymentIntent",
    "Reconciliation",
    "Refund",
    "Transfer",
    "UnknownReceipt",
    "WebhookDelivery",
    "WebhookEndpoint",
]
