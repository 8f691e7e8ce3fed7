"""Settle attempts that the provider says are paid: hold the money, or return what came too late or twice."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from django.db import transaction

from marketplace.core.events import record_each
from marketplace.core.models import Event, Process
from marketplace.core.rows import moment, write_each
from payments.models import Charge, PaymentIntent, Refund
from payments.shapes import charge as charge_shape
from payments.shapes import payment_intent as intent_shape
from payments.shapes.balances import set_booked
from payments.states import CHARGE, PAYMENT_INTENT, ChargeStatus, PaymentIntentStatus

from . import ledger
from .announcing import announce_each, told
from .refunds import open_refund

logger = logging.getLogger(__name__)
SAVE_CHARGE = """
    UPDATE payments_charge SET
      status = column1, is_late = column2, trade_no = column3, buyer_id = column4, paid_at = column5, next_query_at = NULL
    FROM fresh WHERE id = column6
"""
SAVE_INTENT = """
    UPDATE payments_paymentintent SET
      status = column1, amount_received_fen = column2, succeeded_at = column3, last_payment_error = NULL
    FROM fresh WHERE id = column4
"""


class Settled(StrEnum):
    """What came of it."""

    HELD = "held"
    RETURNED = "returned"
    ALREADY = "already"
    WRONG_AMOUNT = "wrong_amount"
    WRONG_TRADE = "wrong_trade"


DISPUTED = frozenset({Settled.WRONG_AMOUNT, Settled.WRONG_TRADE})  # somebody must look: nothing was booked


class Paid(NamedTuple):
    """Be the provider's verified word that an attempt was paid. `intent` and `charge` are locked, in this order."""

    charge: Charge
    intent: PaymentIntent
    trade_no: str
    total_fen: int
    buyer_id: str
    paid_at: datetime | None


def settle_charge(paid: Paid, *, now: datetime) -> Settled:
    """Book one paid attempt; see settle_charges."""
    (settled,) = settle_charges([paid], now=now)
    return settled


@transaction.atomic
def settle_charges(payments: Sequence[Paid], *, now: datetime) -> list[Settled]:
    """Book paid attempts, in as many statements as one of them takes; return what came of each, in the order given.

    Two that speak of one intent or charge hold the same objects. The first success on a live attempt is held in escrow and makes
    the intent succeed. Anything else that was paid (after expiry, after cancellation, beside another attempt) goes to
    suspense and is refunded at once.
    """
    owners = dict(
        Charge.objects.filter(trade_no__in=[paid.trade_no for paid in payments]).values_list("trade_no", "pk")
    )
    outcomes = []
    booked = []
    for paid in payments:
        outcome = _judge(paid, owners)
        outcomes.append(outcome)
        if outcome in {Settled.HELD, Settled.RETURNED}:
            owners[paid.trade_no] = paid.charge.pk
            _mark(paid, outcome, now)
            booked.append((paid, outcome))
    if booked:
        _save([paid.charge for paid, _outcome in booked])
        written = ledger.write_entries([_posting(paid, outcome) for paid, outcome in booked], now=now)
        for (paid, _outcome), entry in zip(booked, written.entries, strict=True):
            set_booked(paid.charge, entry)
        held = [paid for paid, outcome in booked if outcome == Settled.HELD]
        write_each(SAVE_INTENT, [_of_intent(paid.intent, now) for paid in held])
        news = [("charge.succeeded", charge_shape(paid.charge, returned=0), None) for paid, _outcome in booked]
        news += [("payment_intent.succeeded", intent_shape(one.intent, attempts=[one.charge]), None) for one in held]
        announce_each(news, now=now)
        ledger.finish_entries(written)
        for paid, outcome in booked:
            if outcome == Settled.RETURNED:
                _return(paid, now)
        _tell(held, now)
    return outcomes


def _judge(paid: Paid, owners: dict[str | None, str]) -> Settled:
    charge, intent = paid.charge, paid.intent
    if charge.status == ChargeStatus.SUCCEEDED:
        return Settled.ALREADY if charge.trade_no == paid.trade_no else Settled.WRONG_TRADE
    if paid.total_fen != charge.amount_fen:
        logger.error("charge %s: asked %s fen, the provider says %s", charge.id, charge.amount_fen, paid.total_fen)
        return Settled.WRONG_AMOUNT
    if owners.get(paid.trade_no, charge.pk) != charge.pk:
        logger.error("charge %s: trade %s belongs to another charge", charge.id, paid.trade_no)
        return Settled.WRONG_TRADE
    is_live = charge.status == ChargeStatus.PENDING and PAYMENT_INTENT.allows(
        intent.status, PaymentIntentStatus.SUCCEEDED
    )
    return Settled.HELD if is_live else Settled.RETURNED


def _mark(paid: Paid, outcome: Settled, now: datetime) -> None:
    charge, intent = paid.charge, paid.intent
    charge.intent = intent
    CHARGE.check(charge.status, ChargeStatus.SUCCEEDED)
    charge.status = ChargeStatus.SUCCEEDED
    charge.is_late = outcome == Settled.RETURNED
    charge.trade_no = paid.trade_no
    charge.buyer_id = paid.buyer_id
    charge.paid_at = paid.paid_at or now
    charge.next_query_at = None
    if outcome == Settled.HELD:
        intent.status = PaymentIntentStatus.SUCCEEDED
        intent.amount_received_fen = charge.amount_fen
        intent.succeeded_at = now
        intent.last_payment_error = None


def _save(charges: Sequence[Charge]) -> None:
    rows = []
    for one in charges:
        assert one.paid_at is not None
        rows.append([one.status, one.is_late, one.trade_no, one.buyer_id, moment(one.paid_at), one.pk])
    write_each(SAVE_CHARGE, rows)


def _posting(paid: Paid, outcome: Settled) -> ledger.Posting:
    charge, intent = paid.charge, paid.intent
    is_held = outcome == Settled.HELD
    target = ledger.escrow(intent.id) if is_held else ledger.suspense(charge.id)
    return ledger.Posting(
        key=f"charge:{charge.id}",
        kind="charge" if is_held else "late_charge",
        lines={ledger.CLEARING: -charge.amount_fen, target: charge.amount_fen},
        process_id=intent.process_id,
    )


def _of_intent(intent: PaymentIntent, now: datetime) -> list[object]:
    return [intent.status, intent.amount_received_fen, moment(now), intent.pk]


def _return(paid: Paid, now: datetime) -> None:
    charge, intent = paid.charge, paid.intent
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


def _tell(held: Sequence[Paid], now: datetime) -> None:
    """Tell the marketplace what is held, where it asked for the payment: the processes are locked last, in their order."""
    keys = sorted({paid.intent.process_id for paid in held if paid.intent.process_id is not None})
    if not keys:
        return
    heads = {head.pk: head for head in Process.objects.select_for_update().filter(pk__in=keys).order_by("pk")}
    drafts = []
    for paid in held:
        intent = paid.intent
        if intent.process_id is None:
            continue
        data = told(intent, amount_fen=intent.amount_fen, transfer_group=intent.transfer_group, charge=paid.charge.id)
        event = Event(
            name="payment_intent_succeeded",
            at=now,
            data=data,
            visibility=Event.Visibility.PARTIES,
            organization_id=intent.payer_id,
        )
        drafts.append((heads[intent.process_id], event, intent))
    record_each(drafts)
