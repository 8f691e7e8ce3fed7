"""Payments in Stripe's objects, the provider's notices, and the ledger."""

from .api import ApiKey, ApiRequest
from .events import PaymentEvent
from .intents import Charge, PaymentIntent
from .invoices import Invoice
from .ledger import Account, AccountKind, Balance, Entry, Line, TopUp
from .notices import Notice
from .refunds import Refund
from .transfers import Transfer, TransferReversal
from .webhooks import WebhookDelivery, WebhookEndpoint

__all__ = [
    "Account",
    "AccountKind",
    "ApiKey",
    "ApiRequest",
    "Balance",
    "Charge",
    "Entry",
    "Invoice",
    "Line",
    "Notice",
    "PaymentEvent",
    "PaymentIntent",
    "Refund",
    "TopUp",
    "Transfer",
    "TransferReversal",
    "WebhookDelivery",
    "WebhookEndpoint",
]
