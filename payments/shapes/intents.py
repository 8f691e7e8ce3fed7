"""PaymentIntent and Charge in Stripe's shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from payments.models import Charge, PaymentIntent
from payments.states import ChargeStatus, PaymentIntentStatus, RefundStatus

from .balances import booked_as
from .parts import account_id, livemode, seconds

CHARGE_STATUS = {
    ChargeStatus.PENDING: "pending",
    ChargeStatus.SUCCEEDED: "succeeded",
    ChargeStatus.EXPIRED: "failed",
}


def payment_intent(intent: PaymentIntent, *, attempts: Sequence[Charge] | None = None) -> dict[str, Any]:
    """Return a PaymentIntent; only its newest attempt is named. `attempts` are those that matter, where the caller knows them."""
    if attempts is None:  # a list has them at hand
        attempts = sorted(intent.charges.all(), key=lambda one: (one.created_at, one.pk))
    latest = attempts[-1] if attempts else None
    destination = account_id(intent.payee_id)
    return {
        "id": intent.id,
        "object": "payment_intent",
        "amount": intent.amount_fen,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": intent.amount_received_fen,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": seconds(intent.canceled_at),
        "cancellation_reason": intent.cancellation_reason or None,
        "capture_method": "automatic",
        "client_secret": f"{intent.id}_secret_{intent.client_secret}",
        "confirmation_method": "automatic",
        "created": seconds(intent.created_at),
        "currency": intent.currency,
        "customer": None,
        "description": intent.description or None,
        "last_payment_error": intent.last_payment_error,
        "latest_charge": latest.id if latest else None,
        "livemode": livemode(),
        "metadata": intent.metadata,
        "next_action": _next_action(intent, attempts),
        "on_behalf_of": destination,
        "payment_method": None,
        "payment_method_options": {"alipay": {}},
        "payment_method_types": ["alipay"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": intent.status,
        "transfer_data": None,
        "transfer_group": intent.transfer_group,
    }


def _next_action(intent: PaymentIntent, attempts: Sequence[Charge]) -> dict[str, Any] | None:
    """Return where to send the payer: Stripe's `alipay_handle_redirect`, with `redirect_to_url` beside it (docs/payments.md)."""
    pending = [attempt for attempt in attempts if attempt.status == ChargeStatus.PENDING]
    charge = pending[0] if pending else None
    if charge is None or intent.status != PaymentIntentStatus.REQUIRES_ACTION:
        return None
    if charge.way == Charge.Way.QR:
        return {"type": "alipay_display_qr_code", "alipay_display_qr_code": {"data": charge.qr_code or None}}
    target = {"url": charge.gateway_url, "return_url": charge.return_url}
    return {
        "type": "alipay_handle_redirect",
        "alipay_handle_redirect": {**target, "native_url": None, "native_data": None},
        "redirect_to_url": target,
    }


def charge(attempt: Charge, *, returned: int | None = None) -> dict[str, Any]:
    """Return an attempt as a Charge; one that was given up has failed. `returned` is what refunds took, where it is known."""
    if returned is None:
        returned = sum(refund.amount_fen for refund in attempt.refunds.all() if refund.status != RefundStatus.FAILED)
    is_paid = attempt.status == ChargeStatus.SUCCEEDED
    is_failed = attempt.status == ChargeStatus.EXPIRED
    return {
        "id": attempt.id,
        "object": "charge",
        "amount": attempt.amount_fen,
        "amount_captured": attempt.amount_fen if is_paid else 0,
        "amount_refunded": returned,
        "application": None,
        "application_fee_amount": None,
        "balance_transaction": booked_as(attempt, f"charge:{attempt.id}") if is_paid else None,
        "captured": is_paid,
        "created": seconds(attempt.created_at),
        "currency": attempt.intent.currency,
        "customer": None,
        "description": attempt.intent.description or None,
        "disputed": False,
        "failure_code": "payment_intent_payment_attempt_expired" if is_failed else None,
        "failure_message": "The payer did not pay in time." if is_failed else None,
        "livemode": livemode(),
        "metadata": attempt.intent.metadata,
        "on_behalf_of": account_id(attempt.intent.payee_id),
        "outcome": None,
        "paid": is_paid,
        "payment_intent": attempt.intent_id,
        "payment_method": None,
        "payment_method_details": {
            "type": "alipay",
            "alipay": {"buyer_id": attempt.buyer_id or None, "fingerprint": None, "transaction_id": attempt.trade_no},
        },
        "receipt_email": None,
        "refunded": is_paid and returned >= attempt.amount_fen,
        "status": CHARGE_STATUS[ChargeStatus(attempt.status)],
        "transfer_group": attempt.intent.transfer_group,
    }
