"""Settle an attempt that the provider says is paid: hold the money, or return what came too late or twice."""

from __future__ import annotations

import logging
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from payments.models import Charge, PaymentIntent, Refund
from payments.states import CHARGE, PAYMENT_INTENT, ChargeStatus, PaymentIntentStatus

from . import ledger
from .announcing import announce, tell_process
from .refunds import open_refund

logger = logging.getLogger(__name__)


class Settled(StrEnum):
    """What came of it."""

    HELD = "held"
    RETURNED = "returned"
    ALREADY = "already"
    WRONG_AMOUNT = "wrong_amount"
    WRONG_TRADE = "wrong_trade"


DISPUTED = frozenset({Settled.WRONG_AMOUNT, Settled.WRONG_TRADE})  # somebody must look: nothing was booked


@transaction.atomic
def settle_charge(
    *,
    charge: Charge,
    intent: PaymentIntent,
    trade_no: str,
    total_fen: int,
    buyer_id: str,
    paid_at: datetime | None,
    now: datetime,
) -> Settled:
    """Book a paid attempt. `intent` and `charge` must be locked, in this order; the provider's word must be verified.

    The first success on a live attempt is held in escrow and makes the intent succeed. Anything else that was paid
    (after expiry, after cancellation, beside another attempt) goes to suspense and is refunded at once.
    """
    if charge.status == ChargeStatus.SUCCEEDED:
        return Settled.ALREADY if charge.trade_no == trade_no else Settled.WRONG_TRADE
    if total_fen != charge.amount_fen:
        logger.error("charge %s: asked %s fen, the provider says %s", charge.id, charge.amount_fen, total_fen)
        return Settled.WRONG_AMOUNT
    if Charge.objects.filter(trade_no=trade_no).exclude(pk=charge.pk).exists():
        logger.error("charge %s: trade %s belongs to another charge", charge.id, trade_no)
        return Settled.WRONG_TRADE
    is_live = charge.status == ChargeStatus.PENDING and PAYMENT_INTENT.allows(
        intent.status, PaymentIntentStatus.SUCCEEDED
    )
    CHARGE.check(charge.status, ChargeStatus.SUCCEEDED)
    charge.status = ChargeStatus.SUCCEEDED
    charge.is_late = not is_live
    charge.trade_no = trade_no
    charge.buyer_id = buyer_id
    charge.paid_at = paid_at or now
    charge.next_query_at = None
    charge.save(update_fields=["status", "is_late", "trade_no", "buyer_id", "paid_at", "next_query_at"])
    announce("charge.succeeded", charge, now=now)
    ledger.move(
        key=f"charge:{charge.id}",
        kind="charge" if is_live else "late_charge",
        source=ledger.CLEARING,
        target=ledger.escrow(intent.id) if is_live else ledger.suspense(charge.id),
        amount_fen=charge.amount_fen,
        process=intent.process,
        now=now,
    )
    if not is_live:
        logger.error("charge %s was paid after it was given up (%s); returning it", charge.id, intent.status)
        open_refund(
            charge=charge,
            intent=intent,
            amount_fen=charge.amount_fen,
            reason=Refund.Reason.DUPLICATE,
            key=f"late:{charge.id}",
            source=ledger.suspense(charge.id),
            is_automatic=True,
            by=None,
            now=now,
        )
        return Settled.RETURNED
    intent.status = PaymentIntentStatus.SUCCEEDED
    intent.amount_received_fen = charge.amount_fen
    intent.succeeded_at = now
    intent.last_payment_error = None
    intent.save(update_fields=["status", "amount_received_fen", "succeeded_at", "last_payment_error"])
    told = {"amount_fen": intent.amount_fen, "transfer_group": intent.transfer_group, "charge": charge.id}
    tell_process(
        intent, "payment_intent_succeeded", subject=intent, by=None, now=now, organization=intent.payer, data=told
    )
    announce("payment_intent.succeeded", intent, now=now)
    return Settled.HELD
