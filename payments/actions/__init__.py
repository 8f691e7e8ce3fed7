"""Verbs on payments. Intention first, commit, then the provider, then the lock and the record; never the provider under a lock."""

from .charges import cancel_payment_intent, confirm_payment_intent, create_payment_intent, expire_charge, sync_charge
from .funds import book_provider_fee, top_up_platform_funds
from .invoices import issue_invoice, request_invoice, void_invoice
from .ledger import Purse, post_entry
from .notices import apply_notice, apply_notices
from .refunds import create_refund, send_refund
from .reversals import create_reversal
from .transfers import create_transfer, retry_transfer, send_transfer
from .webhooks import (
    create_webhook_endpoint,
    delete_webhook_endpoint,
    resend_event,
    roll_webhook_secret,
    update_webhook_endpoint,
)

__all__ = [
    "Purse",
    "apply_notice",
    "apply_notices",
    "book_provider_fee",
    "cancel_payment_intent",
    "confirm_payment_intent",
    "create_payment_intent",
    "create_refund",
    "create_reversal",
    "create_transfer",
    "create_webhook_endpoint",
    "delete_webhook_endpoint",
    "expire_charge",
    "issue_invoice",
    "post_entry",
    "request_invoice",
    "resend_event",
    "retry_transfer",
    "roll_webhook_secret",
    "send_refund",
    "send_transfer",
    "sync_charge",
    "top_up_platform_funds",
    "update_webhook_endpoint",
    "void_invoice",
]
