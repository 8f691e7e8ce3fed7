"""Transfers: held money becomes the firm's, then the provider pays it out, then we record what it says.

The platform's fee is taken here, and what the firm owes from refunds that the platform advanced.
"""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.core import clock
from marketplace.core.locks import lock
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.parties.models import Organization
from payments import gateways
from payments.alipay.answers import MIN_TRANSFER_FEN, Rejected, Transferred
from payments.models import Charge, PaymentIntent, Transfer
from payments.states import TRANSFER, ChargeStatus, PaymentIntentStatus, TransferStatus

from . import ledger
from .announcing import announce, tell_process
from .fees import fee_fen
from .held import held_fen
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
    return open_transfer(
        intent=intent,
        charge=intent.charges.get(status=ChargeStatus.SUCCEEDED, is_late=False),
        destination=destination,
        source=Transfer.Source.ESCROW,
        amount_fen=amount_fen,
        key=key,
        description=description,
        metadata=metadata,
        by=by,
        now=now,
    )


def open_transfer(
    *,
    intent: PaymentIntent,
    charge: Charge,
    destination: Organization,
    source: Transfer.Source,
    amount_fen: int,
    key: str,
    description: str = "",
    metadata: dict[str, str] | None = None,
    by: Any,
    now: datetime,
) -> Transfer:
    """Write the intention of a transfer and credit the firm; the intent is locked by the caller.

    Of held money the platform's fee stays with the platform, rounded once, and what the firm owes is repaid first; both
    leave either nothing to pay out or at least what the provider pays out. What comes from the platform's own funds is
    the firm's back whole: it was withheld for a refund that failed.
    """
    transfer = Transfer(
        key=key,
        intent=intent,
        source_charge=charge,
        destination=destination,
        source=source,
        amount_fen=amount_fen,
        payout_fen=amount_fen,
        description=description[:256],
        metadata=metadata or {},
        created_at=now,
        next_attempt_at=next_time(0, now),
    )
    if source == Transfer.Source.ESCROW:
        lines = _shared(transfer)
    else:
        debt = ledger.debt(destination.pk)
        lines = {
            ledger.PLATFORM_FUNDS: -amount_fen,
            ledger.payable(destination.pk): amount_fen,
            debt: -amount_fen,
            ledger.CLAIMS: amount_fen,
        }
    transfer.save(force_insert=True)
    ledger.post_entry(
        key=f"transfer:{transfer.id}", kind="transfer_created", lines=lines, process=intent.process, now=now
    )
    _record(transfer, "transfer_created", by=by, now=now)
    if transfer.payout_fen:
        transaction.on_commit(partial(send_transfer, transfer=transfer, now=now), robust=True)
        return transfer
    return record_transfer(transfer=transfer, status=TransferStatus.PAID, now=now)


def _shared(transfer: Transfer) -> dict[ledger.Purse, int]:
    """Divide a transfer into payout, fee and what the firm owes; return the lines that book it."""
    escrow, payable = ledger.escrow(transfer.intent_id), ledger.payable(transfer.destination_id)
    debt = ledger.debt(transfer.destination_id)
    fee = fee_fen(transfer.amount_fen, settings.PAYMENTS_PLATFORM_FEE_BASIS_POINTS)
    transfer.fee_fen = min(fee, transfer.amount_fen - MIN_TRANSFER_FEN)
    rest = transfer.amount_fen - transfer.fee_fen
    if ledger.is_open(debt):
        touched = {escrow, payable, debt, ledger.PLATFORM_FEE, ledger.PLATFORM_FUNDS, ledger.CLAIMS}
        owed = -ledger.held_on(touched)[debt]
        repaid = max(min(rest, owed), 0)
        if 0 < rest - repaid < MIN_TRANSFER_FEN:
            repaid = rest - MIN_TRANSFER_FEN
        transfer.debt_repaid_fen = repaid
    transfer.payout_fen = rest - transfer.debt_repaid_fen
    lines = {
        escrow: -transfer.amount_fen,
        payable: transfer.payout_fen,
        ledger.PLATFORM_FEE: transfer.fee_fen,
        ledger.PLATFORM_FUNDS: transfer.debt_repaid_fen,
        debt: transfer.debt_repaid_fen,
        ledger.CLAIMS: -transfer.debt_repaid_fen,
    }
    return {purse: amount for purse, amount in lines.items() if amount}


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
    was_sent = transfer.sent_at is not None
    if not _mark_sent(transfer, now):
        return Transfer.objects.get(pk=transfer.pk)
    gateway = gateways.alipay()
    answer = gateway.transfer_query(out_biz_no=transfer.id) if was_sent else None
    if isinstance(answer, Rejected) and not answer.is_missing:  # a question that fails says nothing about the transfer
        return _postpone(transfer, now, "")
    if answer is None or (isinstance(answer, Rejected) and answer.is_missing):
        answer = gateway.transfer(
            out_biz_no=transfer.id,
            amount_fen=transfer.payout_fen,
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


@transaction.atomic
def _mark_sent(transfer: Transfer, now: datetime) -> bool:
    """Write down, before the provider is asked, that from now on the money may have been paid out; False when it is over."""
    current = lock(transfer)
    if current.status != TransferStatus.PENDING:
        return False
    if current.sent_at is None:
        current.sent_at = transfer.sent_at = now
        current.save(update_fields=["sent_at"])
    return True


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

    A failed one stays owed to the firm (payable) until it is retried or reversed.
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
    if status == TransferStatus.PAID and transfer.payout_fen:
        ledger.move(
            key=f"transfer:{transfer.id}:paid",
            kind="transfer_paid",
            source=ledger.payable(transfer.destination_id),
            target=ledger.CLEARING,
            amount_fen=transfer.payout_fen,
            process=intent.process,
            now=now,
        )
    elif status == TransferStatus.FAILED:
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
    transfer.sent_at = None  # the provider's no was final: it is asked to pay again, not what became of it
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
        "payout_fen": transfer.payout_fen,
        "fee_fen": transfer.fee_fen,
        "debt_repaid_fen": transfer.debt_repaid_fen,
        "failure_code": transfer.failure_code,
    }
    intent = transfer.intent
    tell_process(intent, name, subject=transfer, by=by, now=now, organization=transfer.destination, data=data)
    announce(name.replace("_", ".", 1), transfer, now=now)
