"""Refunds: take the money out of the books' hold, then ask the provider, then record what it says.

Money that a firm has already is advanced by the platform, and the firm owes it.
"""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.core import clock
from marketplace.core.locks import lock
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.parties.models import Organization
from payments import gateways
from payments.alipay.answers import MIN_TRANSFER_FEN, Refunded, Rejected
from payments.models import Charge, PaymentIntent, Refund, Transfer
from payments.states import REFUND, ChargeStatus, PaymentIntentStatus, RefundStatus

from . import ledger
from .announcing import announce, tell_process
from .held import held_fen, released_fen
from .schedule import next_time
from .transfers import open_transfer

logger = logging.getLogger(__name__)


@transaction.atomic
def create_refund(
    *,
    intent: PaymentIntent,
    key: str,
    amount_fen: int | None = None,
    reason: str = Refund.Reason.REQUESTED_BY_CUSTOMER,
    after_release: bool = False,
    debtor: Organization | None = None,
    metadata: dict[str, str] | None = None,
    by: Any = None,
    now: datetime | None = None,
) -> Refund:
    """Return held money to the payer: all that is left, or `amount_fen`. The same `key` returns the first refund.

    `after_release` returns money that was paid out to a firm already: staff alone may, the platform's funds advance it,
    and the firm (`debtor`; need not be named where only one was paid) owes it, to be repaid from its next settlements.

    `by` is None when a chapter's own rule asks for it. The provider is asked after the commit. Refuses with
    `refund_not_allowed`, `state_conflict` (not paid), `charge_already_refunded`, `amount_too_large`, `debtor_unclear`,
    and after release with `balance_insufficient` when the platform's funds hold too little.
    """
    now = now or clock.now()
    intent = lock(intent)
    if after_release and not getattr(by, "is_staff", False):
        raise Forbidden("refund_not_allowed", _("款项已经结算，只有管理机构可以办理退款。"))
    if by is not None and not by.has_perm("payments.refund", intent):
        raise Forbidden("refund_not_allowed", _("您不能为这笔付款办理退款。"))
    if earlier := Refund.objects.filter(key=key).first():
        return earlier
    if intent.status != PaymentIntentStatus.SUCCEEDED:
        raise Refused("state_conflict", _("这笔款项尚未付清，没有可退的金额。"))
    charge = intent.charges.get(status=ChargeStatus.SUCCEEDED, is_late=False)
    if after_release:
        debtor, left = _debtor(intent, debtor)
    else:
        debtor, left = None, held_fen(intent)
    amount_fen = left if amount_fen is None else amount_fen
    if left <= 0:
        raise Refused("charge_already_refunded", _("这笔款项已全部退回或结算。"))
    if not 0 < amount_fen <= left:
        raise Invalid("amount_too_large", _("退款金额须大于零，且不超过可退的金额。"), field="amount")
    return open_refund(
        charge=charge,
        intent=intent,
        amount_fen=amount_fen,
        reason=reason,
        key=key,
        source=ledger.PLATFORM_FUNDS if debtor else ledger.escrow(intent.id),
        is_automatic=False,
        debtor=debtor,
        metadata=metadata,
        by=by,
        now=now,
    )


def _debtor(intent: PaymentIntent, named: Organization | None) -> tuple[Organization | None, int]:
    """Return who was paid out of this payment, and how much of that may still be returned to the payer."""
    released = released_fen(intent)
    if named is None and len(released) > 1:
        raise Invalid("debtor_unclear", _("这笔款项付给了多家机构，请指明由哪一家承担退款。"), field="debtor")
    key = named.pk if named is not None else next(iter(released), None)
    if key is None or key not in released:
        return None, 0
    return named or Organization.objects.get(pk=key), released[key]


def open_refund(
    *,
    charge: Charge,
    intent: PaymentIntent,
    amount_fen: int,
    reason: str,
    key: str,
    source: ledger.Purse,
    is_automatic: bool,
    debtor: Organization | None = None,
    metadata: dict[str, str] | None = None,
    by: Any,
    now: datetime,
) -> Refund:
    """Write the intention of a refund and move its money on its way; the intent is locked by the caller."""
    refund = Refund.objects.create(
        key=key,
        intent=intent,
        charge=charge,
        amount_fen=amount_fen,
        reason=reason,
        is_automatic=is_automatic,
        debtor=debtor,
        metadata=metadata or {},
        created_at=now,
        next_attempt_at=next_time(0, now),
    )
    lines = {source: -amount_fen, ledger.in_transit(refund.id): amount_fen}
    if debtor is not None:
        lines |= {ledger.debt(debtor.pk): -amount_fen, ledger.CLAIMS: amount_fen}
    kind = "refund_advanced" if debtor else "refund_created"
    ledger.post_entry(key=f"refund:{refund.id}", kind=kind, lines=lines, process=intent.process, now=now)
    _record(refund, "refund_created", by=by, now=now)
    announce("refund.created", refund, now=now)
    announce("charge.refunded", charge, now=now)
    transaction.on_commit(partial(send_refund, refund=refund, now=now), robust=True)
    return refund


def send_refund(*, refund: Refund, now: datetime | None = None) -> Refund:
    """Ask the provider for a pending refund, under the same number each time. Must be called outside a transaction."""
    now = now or clock.now()
    if refund.status != RefundStatus.PENDING:
        return refund
    gateway = gateways.alipay()
    numbers = {"out_trade_no": refund.charge.out_trade_no, "out_request_no": refund.id}
    answer = gateway.refund(**numbers, amount_fen=refund.amount_fen, reason=str(refund.get_reason_display()))
    if isinstance(answer, Refunded) and not answer.is_done:
        answer = gateway.refund_query(**numbers)
        if isinstance(answer, Rejected):  # a question that fails says nothing about the refund
            answer = Refunded(is_done=False, refunded_fen=0)
    if isinstance(answer, Refunded) and answer.is_done:
        return record_refund(refund=refund, status=RefundStatus.SUCCEEDED, now=now)
    if isinstance(answer, Rejected):
        return record_refund(
            refund=refund, status=RefundStatus.FAILED, code=answer.code, message=answer.message, now=now
        )
    with transaction.atomic():
        refund = lock(refund)
        if refund.status == RefundStatus.PENDING:
            refund.attempts += 1
            refund.next_attempt_at = next_time(refund.attempts, now)
            refund.save(update_fields=["attempts", "next_attempt_at"])
    return refund


@transaction.atomic
def record_refund(*, refund: Refund, status: str, now: datetime, code: str = "", message: str = "") -> Refund:
    """Record the provider's final word on a refund; a word already recorded changes nothing."""
    intent = lock(refund.intent)
    refund = lock(refund)
    if refund.status != RefundStatus.PENDING:
        return refund
    REFUND.check(refund.status, status)
    refund.status = status
    refund.next_attempt_at = None
    refund.failure_code, refund.failure_message = code[:80], message[:300]
    refund.succeeded_at = now if status == RefundStatus.SUCCEEDED else None
    refund.save()
    _book(refund, intent, now)
    if status == RefundStatus.FAILED:
        logger.error("refund %s failed: %s %s", refund.id, code, message)
    _record(refund, f"refund_{status}", by=None, now=now)
    announce(
        "refund.failed" if status == RefundStatus.FAILED else "refund.updated",
        refund,
        now=now,
        previous={"status": "pending"},
    )
    return refund


def _book(refund: Refund, intent: PaymentIntent, now: datetime) -> None:
    """Book what became of a refund: gone from the provider, or back where it came from."""
    amount = refund.amount_fen
    lines = {ledger.in_transit(refund.id): -amount}
    if refund.status == RefundStatus.SUCCEEDED:
        lines[ledger.CLEARING] = amount
    elif refund.debtor is not None:
        debt = ledger.debt(refund.debtor.pk)
        lines |= {ledger.PLATFORM_FUNDS: amount, debt: amount, ledger.CLAIMS: -amount}
        # Locks all that the entry and a giving back touch, in one order; what the firm has repaid of this debt stands above zero.
        balances = ledger.held_on({*lines, ledger.payable(refund.debtor.pk)})
        overpaid = min(balances[debt], balances[ledger.PLATFORM_FUNDS]) + amount
    else:
        back = ledger.suspense(refund.charge_id) if refund.is_automatic else ledger.escrow(intent.id)
        lines[back] = amount
    key, kind = f"refund:{refund.id}:{refund.status}", f"refund_{refund.status}"
    ledger.post_entry(key=key, kind=kind, lines=lines, process=intent.process, now=now)
    if refund.status == RefundStatus.FAILED and refund.debtor is not None and overpaid >= MIN_TRANSFER_FEN:
        open_transfer(
            intent=intent,
            charge=refund.charge,
            destination=refund.debtor,
            source=Transfer.Source.PLATFORM_FUNDS,
            amount_fen=overpaid,
            key=f"given-back:{refund.id}",
            by=None,
            now=now,
        )


def _record(refund: Refund, name: str, *, by: Any, now: datetime) -> None:
    intent = refund.intent
    data = {
        "refund": refund.id,
        "amount_fen": refund.amount_fen,
        "reason": refund.reason,
        "is_automatic": refund.is_automatic,
        "debtor": refund.debtor_id,
        "failure_code": refund.failure_code,
    }
    tell_process(intent, name, subject=refund, by=by, now=now, organization=intent.payer, data=data)
