"""Transfers: held money becomes the firm's, then the provider pays it out, then we record what it says."""

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
from payments.alipay.answers import MIN_TRANSFER_FEN, Rejected, Transferred
from payments.models import PaymentIntent, Transfer
from payments.states import TRANSFER, ChargeStatus, PaymentIntentStatus, TransferStatus

from . import ledger
from .announcing import announce, tell_process
from .refunds import held_fen
from .schedule import next_time

logger = logging.getLogger(__name__)


@transaction.atomic
def create_transfer(
    *,
    intent: PaymentIntent,
    destination: Organization,
    amount_fen: int | None = None,
    key: str,
    description: str = "",
    metadata: dict[str, str] | None = None,
    by: Any = None,
    now: datetime | None = None,
) -> Transfer:
    """Settle held money to `destination`: all that is left, or `amount_fen`. The same `key` returns the first transfer.

    `by` is None when a chapter's own rule (an acceptance) asks for it. The provider is asked after the commit. Refuses
    with `transfer_not_allowed`, `state_conflict` (not paid), `balance_insufficient`, `amount_too_small`.
    """
    now = now or clock.now()
    intent = lock(intent)
    if by is not None and not by.has_perm("payments.transfer", intent):
        raise Forbidden("transfer_not_allowed", _("只有付款单位的经办人可以办理结算。"))
    if earlier := Transfer.objects.filter(key=key).first():
        return earlier
    if intent.status != PaymentIntentStatus.SUCCEEDED:
        raise Refused("state_conflict", _("这笔款项尚未付清，不能结算。"))
    left = held_fen(intent)
    amount_fen = left if amount_fen is None else amount_fen
    if amount_fen > left:
        raise Refused("balance_insufficient", _("结算金额超过尚在保管的金额。"), field="amount")
    if amount_fen < MIN_TRANSFER_FEN:
        raise Invalid("amount_too_small", _("结算金额不能少于 0.10 元。"), field="amount")
    transfer = Transfer.objects.create(
        key=key,
        intent=intent,
        source_charge=intent.charges.get(status=ChargeStatus.SUCCEEDED, is_late=False),
        destination=destination,
        amount_fen=amount_fen,
        description=description[:256],
        metadata=metadata or {},
        created_at=now,
        next_attempt_at=next_time(0, now),
    )
    ledger.move(
        key=f"transfer:{transfer.id}",
        kind="transfer_created",
        source=ledger.escrow(intent.transfer_group),
        target=ledger.payable(destination.pk),
        amount_fen=amount_fen,
        process=intent.process,
        now=now,
    )
    _record(transfer, "transfer_created", by=by, now=now)
    transaction.on_commit(partial(send_transfer, transfer=transfer, now=now), robust=True)
    return transfer


def send_transfer(*, transfer: Transfer, now: datetime | None = None) -> Transfer:
    """Ask the provider to pay a pending transfer out. Must be called outside a transaction.

    After an unknown answer it asks what became of it before it sends again, under the same number.
    """
    now = now or clock.now()
    if transfer.status != TransferStatus.PENDING:
        return transfer
    identity = payout_identity(transfer.destination)
    if not identity:
        return _postpone(transfer, now, "payout_account_missing")
    gateway = gateways.alipay()
    answer = gateway.transfer_query(out_biz_no=transfer.id) if transfer.attempts else None
    if answer is None or (isinstance(answer, Rejected) and answer.is_missing):
        answer = gateway.transfer(
            out_biz_no=transfer.id,
            amount_fen=transfer.amount_fen,
            title=transfer.intent.description,
            identity=identity,
            name=transfer.destination.name,
        )
    if isinstance(answer, Transferred) and answer.status == "SUCCESS":
        return record_transfer(transfer=transfer, status=TransferStatus.PAID, order_id=answer.order_id, now=now)
    if isinstance(answer, Transferred) and answer.status == "FAIL":
        return record_transfer(transfer=transfer, status=TransferStatus.FAILED, code=answer.reason or "FAIL", now=now)
    if isinstance(answer, Rejected):
        return record_transfer(
            transfer=transfer, status=TransferStatus.FAILED, code=answer.code, message=answer.message, now=now
        )
    return _postpone(transfer, now, "")


def payout_identity(organization: Organization) -> str:
    """Return the Alipay account that an organization is paid to; the local gateway gives every firm one."""
    if organization.alipay_account:
        return str(organization.alipay_account)
    return f"org{organization.pk}@firms.sandbox.invalid" if gateways.is_local() else ""


@transaction.atomic
def record_transfer(
    *, transfer: Transfer, status: str, now: datetime, order_id: str = "", code: str = "", message: str = ""
) -> Transfer:
    """Record the provider's final word on a transfer; a word already recorded changes nothing.

    A failed one stays owed to the firm (payable) until it is retried.
    """
    intent = lock(transfer.intent)
    transfer = lock(transfer)
    if transfer.status != TransferStatus.PENDING:
        return transfer
    TRANSFER.check(transfer.status, status)
    transfer.status = status
    transfer.next_attempt_at = None
    transfer.order_id = order_id or None
    transfer.failure_code, transfer.failure_message = code[:80], message[:300]
    transfer.paid_at = now if status == TransferStatus.PAID else None
    transfer.save()
    if status == TransferStatus.PAID:
        ledger.move(
            key=f"transfer:{transfer.id}:paid",
            kind="transfer_paid",
            source=ledger.payable(transfer.destination_id),
            target=ledger.CLEARING,
            amount_fen=transfer.amount_fen,
            process=intent.process,
            now=now,
        )
    else:
        logger.error("transfer %s failed: %s %s", transfer.id, code, message)
    _record(transfer, f"transfer_{status}", by=None, now=now)
    return transfer


@transaction.atomic
def retry_transfer(*, transfer: Transfer, by: Any, now: datetime | None = None) -> Transfer:
    """Send a failed transfer again, once its cause (a wrong account) is mended. For administrators.

    Refuses with `transfer_not_allowed` and `state_conflict`.
    """
    now = now or clock.now()
    if not getattr(by, "is_staff", False):
        raise Forbidden("transfer_not_allowed", _("只有管理机构可以重新发起结算。"))
    lock(transfer.intent)
    transfer = lock(transfer)
    TRANSFER.check(transfer.status, TransferStatus.PENDING)
    transfer.status = TransferStatus.PENDING
    transfer.failure_code = transfer.failure_message = ""
    transfer.attempts = 0
    transfer.next_attempt_at = next_time(0, now)
    transfer.save()
    transaction.on_commit(partial(send_transfer, transfer=transfer, now=now), robust=True)
    return transfer


def _postpone(transfer: Transfer, now: datetime, code: str) -> Transfer:
    with transaction.atomic():
        transfer = lock(transfer)
        if transfer.status == TransferStatus.PENDING:
            transfer.attempts += 1
            transfer.failure_code = code
            transfer.next_attempt_at = next_time(transfer.attempts, now)
            transfer.save(update_fields=["attempts", "failure_code", "next_attempt_at"])
    return transfer


def _record(transfer: Transfer, name: str, *, by: Any, now: datetime) -> None:
    data = {
        "transfer": transfer.id,
        "destination": transfer.destination_id,
        "amount_fen": transfer.amount_fen,
        "failure_code": transfer.failure_code,
    }
    intent = transfer.intent
    tell_process(intent, name, subject=transfer, by=by, now=now, organization=transfer.destination, data=data)
    announce(name.replace("_", ".", 1), transfer, now=now)
