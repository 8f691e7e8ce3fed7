"""Payments in Stripe's objects, the provider's notices, and the ledger."""

from .api import ApiKey, ApiRequest
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
    "ApiKey",
    "ApiRequest",
    "Balance",
    "Charge",
    "Entry",
    "Line",
    "Notice",
    "PaymentEvent",
    "PaymentIntent",
    "Refund",
    "Transfer",
    "WebhookDelivery",
    "WebhookEndpoint",
]
