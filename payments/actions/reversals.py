"""Reversals: take back what a transfer has not paid out, so that the payment holds it again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.core import clock
from marketplace.core.locks import lock
from marketplace.core.refusals import Forbidden, Invalid, Refused
from payments.models import Transfer, TransferReversal
from payments.states import TRANSFER, TransferStatus

from . import ledger
from .announcing import announce, tell_process
from .fees import split_fen


@transaction.atomic
def create_reversal(
    *,
    transfer: Transfer,
    amount_fen: int | None = None,
    key: str,
    metadata: dict[str, str] | None = None,
    by: Any = None,
    now: datetime | None = None,
) -> TransferReversal:
    """Take back a transfer's money, all that is left of it or `amount_fen`. The same `key` returns the first reversal.

    Only what the firm's payable still holds can come back: of a transfer that failed, or that the provider was never asked
    to pay. Fee and repaid debt come back in the same proportion. A transfer that is reversed wholly is over. `by` is None
    when /v1 asks for it, else staff.

    Refuses with `transfer_not_allowed`, `transfer_already_reversed`, `balance_insufficient` (paid out, or being paid out)
    and `amount_too_large`.
    """
    now = now or clock.now()
    if by is not None and not by.is_staff:
        raise Forbidden("transfer_not_allowed", _("只有管理机构可以撤回结算。"))
    intent = lock(transfer.intent)
    transfer = lock(transfer)
    if earlier := TransferReversal.objects.filter(key=key).first():
        return earlier
    left = transfer.amount_fen - transfer.amount_reversed_fen
    if not left:
        raise Refused("transfer_already_reversed", _("这笔结算已经全部撤回。"))
    if transfer.status == TransferStatus.PAID:
        raise Refused("balance_insufficient", _("款项已付给机构，不能撤回；需要退款的，请办理结算后的退款。"))
    if transfer.status == TransferStatus.PENDING and transfer.sent_at is not None:
        raise Refused("balance_insufficient", _("支付宝正在办理这笔结算，有结果以前不能撤回。"))
    amount_fen = left if amount_fen is None else amount_fen
    if not 0 < amount_fen <= left:
        raise Invalid("amount_too_large", _("撤回金额须大于零，且不超过尚未付出的金额。"), field="amount")
    # By the largest remainder of what is left of each, so that the last reversal takes exactly the rest.
    payout, fee, repaid = split_fen(amount_fen, [transfer.payout_fen, transfer.fee_fen, transfer.debt_repaid_fen])
    reversal = TransferReversal.objects.create(
        key=key,
        transfer=transfer,
        amount_fen=amount_fen,
        fee_fen=fee,
        debt_repaid_fen=repaid,
        metadata=metadata or {},
        created_at=now,
    )
    before = transfer.amount_reversed_fen
    transfer.payout_fen -= payout
    transfer.fee_fen -= fee
    transfer.debt_repaid_fen -= repaid
    transfer.amount_reversed_fen += amount_fen
    if amount_fen == left:
        TRANSFER.check(transfer.status, TransferStatus.REVERSED)
        transfer.status = TransferStatus.REVERSED
        transfer.next_attempt_at = None
    transfer.save()
    ledger.post_entry(
        key=f"reversal:{reversal.id}",
        kind="transfer_reversed",
        lines=_lines(transfer, reversal, payout),
        process=intent.process,
        now=now,
    )
    told = {"transfer": transfer.id, "reversal": reversal.id, "amount_fen": amount_fen}
    tell_process(
        intent, "transfer_reversed", subject=transfer, by=by, now=now, organization=transfer.destination, data=told
    )
    previous = {"amount_reversed": before, **({"reversed": False} if amount_fen == left else {})}
    announce("transfer.reversed", transfer, now=now, previous=previous)
    return reversal


def _lines(transfer: Transfer, reversal: TransferReversal, payout: int) -> dict[ledger.Purse, int]:
    payable, debt = ledger.payable(transfer.destination_id), ledger.debt(transfer.destination_id)
    if transfer.source == Transfer.Source.PLATFORM_FUNDS:  # the firm's claim on the platform stands again
        lines = {
            payable: -payout,
            ledger.PLATFORM_FUNDS: payout,
            debt: payout,
            ledger.CLAIMS: -payout,
        }
    else:
        lines = {
            payable: -payout,
            ledger.PLATFORM_FEE: -reversal.fee_fen,
            ledger.PLATFORM_FUNDS: -reversal.debt_repaid_fen,
            debt: -reversal.debt_repaid_fen,
            ledger.CLAIMS: reversal.debt_repaid_fen,
            ledger.escrow(transfer.intent_id): reversal.amount_fen,
        }
    return {purse: amount for purse, amount in lines.items() if amount}
