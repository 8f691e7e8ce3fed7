"""The provider's asynchronous notice: verified, kept, applied once under the lock. Only it, or our own question, settles."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from marketplace.core import clock
from marketplace.core.locks import lock
from payments import gateways
from payments.alipay import notify
from payments.alipay.answers import PAID
from payments.models import Charge, Notice, Refund
from payments.states import RefundStatus

from .charges import expire_charge
from .refunds import record_refund
from .settlement import DISPUTED, Settled, settle_charge

logger = logging.getLogger(__name__)
Outcome = Notice.Outcome


def apply_notice(*, raw_body: bytes, now: datetime | None = None) -> Notice:
    """Take a notice as it came. The provider is answered "success" unless the outcome is `refused`.

    Checked in this order: signature (SHA-256 alone), app, seller, that the trade is ours, its amount. A notice already
    taken, by its id, is counted and changes nothing; one with another id about the same payment has no effect either.
    """
    now = now or clock.now()
    me = gateways.merchant()
    try:
        notice = notify.read(raw_body, public_key=me.alipay_public_key, app_id=me.app_id, seller_id=me.seller_id)
    except notify.NoticeRefused as refused:
        logger.warning("refused a payment notice: %s", refused.code)
        return _keep(raw_body, now, outcome=Outcome.REFUSED, reason=refused.code)
    charge = Charge.objects.filter(out_trade_no=notice.out_trade_no).first()
    if charge is None:
        logger.warning("a payment notice speaks of %s, which is not ours", notice.out_trade_no)
        return _keep(raw_body, now, notice, outcome=Outcome.REFUSED, reason="out_trade_no")
    try:
        with transaction.atomic():
            return _apply(notice, charge, raw_body, now)
    except IntegrityError:  # the same notice, taken by somebody else just now
        seen = _seen(notice.notify_id)
        if seen is None:
            raise
        return seen


def _apply(notice: notify.Notification, charge: Charge, raw: bytes, now: datetime) -> Notice:
    intent = lock(charge.intent)
    charge = lock(charge)
    if seen := _seen(notice.notify_id):
        return seen
    if notice.total_fen != charge.amount_fen:
        logger.error("charge %s: a notice says %s fen, asked %s", charge.id, notice.total_fen, charge.amount_fen)
        return _keep(raw, now, notice, charge=charge, outcome=Outcome.REFUSED, reason=Settled.WRONG_AMOUNT)
    if notice.out_request_no and notice.refund_fee_fen:
        return _apply_refund(notice, charge, raw, now)
    if notice.trade_status in PAID:
        settled = settle_charge(
            charge=charge,
            intent=intent,
            trade_no=notice.trade_no,
            total_fen=notice.total_fen,
            buyer_id=notice.buyer_id,
            paid_at=notice.paid_at,
            now=now,
        )
        if settled in DISPUTED:
            return _keep(raw, now, notice, charge=charge, outcome=Outcome.REFUSED, reason=settled)
        outcome = Outcome.IGNORED if settled == Settled.ALREADY else Outcome.APPLIED
        return _keep(raw, now, notice, charge=charge, outcome=outcome, reason=settled)
    if notice.trade_status == "TRADE_CLOSED":
        expire_charge(charge=charge, now=now, is_final=True)
        return _keep(raw, now, notice, charge=charge, outcome=Outcome.APPLIED, reason="closed")
    return _keep(raw, now, notice, charge=charge, outcome=Outcome.IGNORED, reason=notice.trade_status)


def _apply_refund(notice: notify.Notification, charge: Charge, raw: bytes, now: datetime) -> Notice:
    refund = Refund.objects.filter(pk=notice.out_request_no, charge=charge).first()
    if refund is None or refund.status != RefundStatus.PENDING:
        return _keep(raw, now, notice, charge=charge, outcome=Outcome.IGNORED, reason="refund")
    record_refund(refund=refund, status=RefundStatus.SUCCEEDED, now=now)
    return _keep(raw, now, notice, charge=charge, outcome=Outcome.APPLIED, reason="refund")


def _seen(notify_id: str) -> Notice | None:
    rows = Notice.objects.filter(notify_id=notify_id, is_verified=True).exclude(outcome=Outcome.REFUSED)
    if rows.update(deliveries=F("deliveries") + 1):
        return rows.get()
    return None


def _keep(
    raw: bytes,
    now: datetime,
    notice: notify.Notification | None = None,
    *,
    outcome: Notice.Outcome,
    reason: str,
    charge: Charge | None = None,
) -> Notice:
    return Notice.objects.create(
        notify_id=notice.notify_id if notice else "",
        is_verified=notice is not None,
        charge=charge,
        raw=raw[: notify.MAX_BYTES],
        outcome=outcome,
        reason=str(reason)[:80],
        received_at=now,
    )
