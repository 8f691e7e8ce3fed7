"""The provider's asynchronous notice: verified, kept, applied once under the lock. Only it, or our own question, settles."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import F

from marketplace.core import clock
from marketplace.core.rows import insert
from payments import gateways
from payments.alipay import notify
from payments.alipay.answers import PAID
from payments.models import Charge, Notice, PaymentIntent, Refund
from payments.states import RefundStatus

from .charges import expire_charge
from .refunds import record_refund
from .settlement import DISPUTED, Paid, Settled, settle_charges

logger = logging.getLogger(__name__)
Outcome = Notice.Outcome


class Read(NamedTuple):
    """Be a notice as it came: verified, or with the reason why it is not believed."""

    raw: bytes
    notice: notify.Notification | None
    reason: str


def apply_notice(*, raw_body: bytes, now: datetime | None = None) -> Notice:
    """Take a notice as it came; see apply_notices."""
    (notice,) = apply_notices(raw_bodies=[raw_body], now=now)
    return notice


def apply_notices(*, raw_bodies: Sequence[bytes], now: datetime | None = None) -> list[Notice]:
    """Take notices as they came, all in one transaction. The provider is answered "success" unless the outcome is `refused`.

    Checked in this order: signature (SHA-256 alone), app, seller, that the trade is ours, its amount. A notice already
    taken, by its id, is counted and changes nothing; one with another id about the same payment has no effect either.
    When this returns, what it took is committed.
    """
    now = now or clock.now()
    read = [_read(raw) for raw in raw_bodies]
    try:
        return _applied(read, now)
    except IntegrityError:
        # One of them was taken by somebody else just now. Each by itself finds out whether it is the one.
        return [_taken_alone(one, now) for one in read]


def _taken_alone(one: Read, now: datetime) -> Notice:
    try:
        return _applied([one], now)[0]
    except IntegrityError:
        return _applied([one], now)[0]  # what was in its way is committed by now


def _read(raw: bytes) -> Read:
    """Verify a notice; one that is not believed carries its reason instead."""
    me = gateways.merchant()
    try:
        found = notify.read(raw, public_key=me.alipay_public_key, app_id=me.app_id, seller_id=me.seller_id)
    except notify.NoticeRefused as refused:
        logger.warning("refused a payment notice: %s", refused.code)
        return Read(raw, None, refused.code)
    return Read(raw, found, "")


@transaction.atomic
def _applied(read: Sequence[Read], now: datetime) -> list[Notice]:
    """Apply notices in their order and keep them; payments that follow each other are booked together."""
    charges = _locked({one.notice.out_trade_no for one in read if one.notice})
    seen = _seen({one.notice.notify_id for one in read if one.notice})
    rows: list[Notice] = []
    paid: list[tuple[Notice, Paid]] = []
    again: Counter[int] = Counter()
    for one in read:
        notice = one.notice
        charge = charges.get(notice.out_trade_no) if notice else None
        if notice is None:
            row = _row(one, now, Outcome.REFUSED, one.reason)
        elif charge is None:
            logger.warning("a payment notice speaks of %s, which is not ours", notice.out_trade_no)
            row = _row(one, now, Outcome.REFUSED, "out_trade_no")
        elif notice.notify_id in seen:
            row = seen[notice.notify_id]
            row.deliveries += 1
            if row.pk is not None:
                again[row.pk] += 1
        elif notice.total_fen != charge.amount_fen:
            logger.error("charge %s: a notice says %s fen, asked %s", charge.id, notice.total_fen, charge.amount_fen)
            row = _row(one, now, Outcome.REFUSED, Settled.WRONG_AMOUNT, charge)
        elif notice.trade_status in PAID and not _is_refund(notice):
            word = Paid(charge, charge.intent, notice.trade_no, notice.total_fen, notice.buyer_id, notice.paid_at)
            row = seen[notice.notify_id] = _row(one, now, Outcome.APPLIED, "", charge)
            paid.append((row, word))
        else:
            _settle(paid, now)
            row = seen[notice.notify_id] = _row(one, now, *_do(notice, charge, now), charge)
        rows.append(row)
    _settle(paid, now)
    insert(list({id(row): row for row in rows if row.pk is None}.values()))
    for pk, count in again.items():
        Notice.objects.filter(pk=pk).update(deliveries=F("deliveries") + count)
    return rows


def _locked(numbers: Collection[str]) -> dict[str, Charge]:
    """Lock the intents and then the attempts of these trades, each in the order of their keys; return the attempts by number."""
    keys = Charge.objects.filter(out_trade_no__in=numbers).values("intent_id")
    intents = PaymentIntent.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    by_key = {intent.pk: intent for intent in intents}
    charges = {}
    for charge in Charge.objects.select_for_update().filter(out_trade_no__in=numbers).order_by("pk"):
        charge.intent = by_key[charge.intent_id]
        charges[charge.out_trade_no] = charge
    return charges


def _is_refund(notice: notify.Notification) -> bool:
    return bool(notice.out_request_no and notice.refund_fee_fen)


def _do(notice: notify.Notification, charge: Charge, now: datetime) -> tuple[Notice.Outcome, str]:
    """Do what a notice says that tells of no payment: a refund, a closed trade, or nothing that concerns us."""
    if _is_refund(notice):
        return _refunded(notice, charge, now)
    if notice.trade_status == "TRADE_CLOSED":
        expire_charge(charge=charge, now=now, is_final=True)
        intent = charge.intent
        charge.refresh_from_db()
        intent.refresh_from_db()
        charge.intent = intent
        return Outcome.APPLIED, "closed"
    return Outcome.IGNORED, notice.trade_status


def _refunded(notice: notify.Notification, charge: Charge, now: datetime) -> tuple[Notice.Outcome, str]:
    refund = Refund.objects.filter(pk=notice.out_request_no, charge=charge).first()
    if refund is None or refund.status != RefundStatus.PENDING:
        return Outcome.IGNORED, "refund"
    record_refund(refund=refund, status=RefundStatus.SUCCEEDED, now=now)
    return Outcome.APPLIED, "refund"


def _settle(paid: list[tuple[Notice, Paid]], now: datetime) -> None:
    """Book the payments gathered so far and write into their notices what came of it."""
    for (row, _word), settled in zip(paid, settle_charges([word for _row, word in paid], now=now), strict=True):
        row.reason = settled
        if settled in DISPUTED:
            row.outcome = Outcome.REFUSED
        elif settled == Settled.ALREADY:
            row.outcome = Outcome.IGNORED
    paid.clear()


def _seen(numbers: Collection[str]) -> dict[str, Notice]:
    rows = Notice.objects.filter(notify_id__in=numbers, is_verified=True).exclude(outcome=Outcome.REFUSED)
    return {row.notify_id: row for row in rows}


def _row(one: Read, now: datetime, outcome: Notice.Outcome, reason: str, charge: Charge | None = None) -> Notice:
    return Notice(
        notify_id=one.notice.notify_id if one.notice else "",
        is_verified=one.notice is not None,
        charge=charge,
        raw=one.raw[: notify.MAX_BYTES],
        outcome=outcome,
        reason=str(reason)[:80],
        received_at=now,
    )
