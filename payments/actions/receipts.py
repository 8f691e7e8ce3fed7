"""Money on a bill that nobody knows: held in suspense once, then settled as the payment that it is, or returned."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.core import clock
from marketplace.core.locks import lock
from marketplace.core.refusals import Invalid, Refused
from payments import gateways
from payments.alipay.answers import Refunded, Rejected
from payments.bills.clearing import RETURNED, SUSPENSE
from payments.bills.states import UNKNOWN_RECEIPT, BreakStatus, ReceiptStatus
from payments.models import BillLine, Break, Charge, PaymentIntent, UnknownReceipt
from payments.models.ids import charge_id, new_id
from payments.states import PAYMENT_INTENT, ChargeStatus, PaymentIntentStatus

from . import ledger
from .bills import require_finance
from .breaks import checked_words, close_break
from .charges import PAY_WITHIN, expire_charge
from .schedule import next_time
from .settlement import DISPUTED, Paid, settle_charge

logger = logging.getLogger(__name__)


def purse_of(key: str) -> ledger.Purse:
    """Return the suspense account of an unknown receipt."""
    return ledger.suspense(f"bill:{key}")


def hold_unknown_receipt(*, row: Break, line: BillLine, now: datetime) -> UnknownReceipt:
    """Take money that nobody knows into the books, once: both bills speak of it, and every run does. The day is locked.

    Its key is the trade's order number, or a digest where that is long.
    """
    name = line.out_trade_no or line.trade_no or line.serial
    key = name if len(name) <= 64 and ":" not in name else hashlib.sha256(name.encode()).hexdigest()
    receipt, is_new = UnknownReceipt.objects.get_or_create(
        key=key,
        defaults={
            "found_in": row,
            "out_trade_no": line.out_trade_no,
            "trade_no": line.trade_no,
            "amount_fen": line.amount_fen,
            "paid_at": line.at,
            "created_at": now,
        },
    )
    if is_new:
        ledger.move(
            key=f"bill:{key}",
            kind=SUSPENSE,
            source=ledger.CLEARING,
            target=purse_of(key),
            amount_fen=receipt.amount_fen,
            process=None,
            now=now,
        )
        logger.error("the bill of %s has %s fen under %s that nobody knows", row.day, receipt.amount_fen, key)
    return receipt


@transaction.atomic
def settle_unknown_receipt(
    *, receipt: UnknownReceipt, charge: Charge, reason: str, by: Any, now: datetime | None = None
) -> UnknownReceipt:
    """Settle an unknown receipt as the payment that `charge` tried to make, by the action that settles every payment.

    The money bears the bill's order number, by which alone it can be refunded later; so an attempt of that number is
    opened on the payment and settled, and the one under way is given up (money that comes there after all returns by itself).
    Refuses with `amount_mismatch`, `payment_not_open`, `reason_missing`, `state_conflict`, `reconciliation_not_allowed`.
    """
    now = now or clock.now()
    require_finance(by)
    words = checked_words(reason)
    row = lock(receipt.found_in)
    receipt = lock(receipt)
    UNKNOWN_RECEIPT.check(receipt.status, ReceiptStatus.SETTLED)
    intent = lock(charge.intent)
    if receipt.amount_fen != intent.amount_fen:
        raise Invalid("amount_mismatch", _("金额与这笔付款不同，不能归入，只能退回。"), field="charge")
    own = _own_attempt(receipt, intent, now, by)
    ledger.move(
        key=f"bill:{receipt.key}:settled",
        kind="unknown_receipt_settled",
        source=purse_of(receipt.key),
        target=ledger.CLEARING,
        amount_fen=receipt.amount_fen,
        process=intent.process,
        now=now,
    )
    paid = Paid(own, intent, receipt.trade_no, receipt.amount_fen, "", receipt.paid_at)
    settled = settle_charge(paid, now=now)
    if settled in DISPUTED:
        raise Refused("payment_not_open", _("这笔支付宝交易已记在另一笔付款上，不能再归入。"))
    receipt.status = ReceiptStatus.SETTLED
    receipt.charge = own
    receipt.ended_at = now
    _decide(receipt, words, by, now)
    if row.status != BreakStatus.RESOLVED:
        close_break(row, _("归入付款 %(intent)s：%(words)s") % {"intent": intent.id, "words": words}, by=by, now=now)
        row.owner = row.owner or by
        row.save()
    return receipt


def _own_attempt(receipt: UnknownReceipt, intent: PaymentIntent, now: datetime, by: Any) -> Charge:
    """Return a locked attempt under the receipt's own number on a payment that is still to be made."""
    if not receipt.trade_no or not receipt.out_trade_no:
        raise Refused("payment_not_open", _("账单没有写明交易号和订单号，不能归入，只能由人工查明。"))
    if earlier := Charge.objects.filter(out_trade_no=receipt.out_trade_no).first():
        if earlier.intent_id != intent.pk:
            raise Refused("payment_not_open", _("这个商户订单号属于另一笔付款 %(id)s。") % {"id": earlier.intent_id})
        return lock(earlier)
    pending = intent.pending_charge
    if pending is not None:
        expire_charge(charge=pending, now=now, is_final=False, by=by)
        intent.refresh_from_db()
    if intent.status != PaymentIntentStatus.REQUIRES_PAYMENT_METHOD:
        raise Refused("payment_not_open", _("这笔付款已经付清或取消，不能归入，只能退回。"))
    PAYMENT_INTENT.check(intent.status, PaymentIntentStatus.REQUIRES_ACTION)
    intent.status = PaymentIntentStatus.REQUIRES_ACTION
    intent.save(update_fields=["status"])
    return Charge.objects.create(
        id=charge_id(),
        intent=intent,
        amount_fen=receipt.amount_fen,
        out_trade_no=receipt.out_trade_no,
        status=ChargeStatus.PENDING,
        time_expire=now + PAY_WITHIN,
        created_at=now,
    )


@transaction.atomic
def return_unknown_receipt(
    *, receipt: UnknownReceipt, reason: str, by: Any, now: datetime | None = None
) -> UnknownReceipt:
    """Send an unknown receipt back to whoever paid it. The provider is asked after the commit, under one number for ever.

    Refuses with `payment_not_open` (no order number to return by), `reason_missing`, `state_conflict`,
    `reconciliation_not_allowed`.
    """
    now = now or clock.now()
    require_finance(by)
    words = checked_words(reason)
    lock(receipt.found_in)
    receipt = lock(receipt)
    UNKNOWN_RECEIPT.check(receipt.status, ReceiptStatus.RETURNING)
    if not receipt.out_trade_no:
        raise Refused("payment_not_open", _("账单没有写明商户订单号，不能原路退回，请与支付宝联系。"))
    receipt.status = ReceiptStatus.RETURNING
    # A return that the provider has refused is a new one when it is tried again.
    receipt.request_no = new_id("re")
    receipt.next_attempt_at = next_time(0, now)
    receipt.attempts = 0
    receipt.failure_code = receipt.failure_message = ""
    _decide(receipt, words, by, now)
    ledger.move(
        key=f"bill:{receipt.key}:return:{receipt.request_no}",
        kind="unknown_receipt_return",
        source=purse_of(receipt.key),
        target=ledger.in_transit(receipt.request_no),
        amount_fen=receipt.amount_fen,
        process=None,
        now=now,
    )
    transaction.on_commit(partial(send_return, receipt=receipt, now=now), robust=True)
    return receipt


def _decide(receipt: UnknownReceipt, words: str, by: Any, now: datetime) -> None:
    receipt.reason, receipt.decided_by, receipt.decided_at = words, by, now
    receipt.save()


def send_return(*, receipt: UnknownReceipt, now: datetime | None = None) -> UnknownReceipt:
    """Ask the provider for a pending return, under the same number each time. Must be called outside a transaction."""
    now = now or clock.now()
    if receipt.status != ReceiptStatus.RETURNING:
        return receipt
    gateway = gateways.alipay()
    numbers = {"out_trade_no": receipt.out_trade_no, "out_request_no": receipt.request_no}
    answer = gateway.refund(**numbers, amount_fen=receipt.amount_fen, reason=_("无对应订单，退回"))
    if isinstance(answer, Refunded) and not answer.is_done:
        answer = gateway.refund_query(**numbers)
        if isinstance(answer, Rejected):  # a question that fails says nothing about the refund
            answer = Refunded(is_done=False, refunded_fen=0)
    if isinstance(answer, Refunded) and answer.is_done:
        return record_return(receipt=receipt, is_done=True, now=now)
    if isinstance(answer, Rejected):
        return record_return(receipt=receipt, is_done=False, code=answer.code, message=answer.message, now=now)
    with transaction.atomic():
        receipt = lock(receipt)
        if receipt.status == ReceiptStatus.RETURNING:
            receipt.attempts += 1
            receipt.next_attempt_at = next_time(receipt.attempts, now)
            receipt.save(update_fields=["attempts", "next_attempt_at"])
    return receipt


@transaction.atomic
def record_return(
    *, receipt: UnknownReceipt, is_done: bool, now: datetime, code: str = "", message: str = ""
) -> UnknownReceipt:
    """Record the provider's final word on a return; a word already recorded changes nothing.

    A return that is refused leaves the money in suspense, and the break open for another decision.
    """
    row = lock(receipt.found_in)
    receipt = lock(receipt)
    if receipt.status != ReceiptStatus.RETURNING:
        return receipt
    status = ReceiptStatus.RETURNED if is_done else ReceiptStatus.HELD
    UNKNOWN_RECEIPT.check(receipt.status, status)
    receipt.status = status
    receipt.next_attempt_at = None
    receipt.ended_at = now if is_done else None
    receipt.failure_code, receipt.failure_message = code[:80], message[:300]
    receipt.save()
    ledger.move(
        key=f"bill:{receipt.key}:{'returned' if is_done else 'kept'}:{receipt.request_no}",
        kind=RETURNED if is_done else "unknown_receipt_kept",
        source=ledger.in_transit(receipt.request_no),
        target=ledger.CLEARING if is_done else purse_of(receipt.key),
        amount_fen=receipt.amount_fen,
        process=None,
        now=now,
    )
    if not is_done:
        logger.error("the return of %s was refused: %s %s", receipt.key, code, message)
    elif row.status != BreakStatus.RESOLVED:
        close_break(row, _("已原路退回：%(words)s") % {"words": receipt.reason}, by=receipt.decided_by, now=now)
        row.owner = row.owner or receipt.decided_by
        row.save()
    return receipt
