"""The platform's own money at the provider: put in to advance refunds from, and what the provider charges."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.core import clock
from marketplace.core.refusals import Forbidden, Invalid
from payments.alipay.answers import MAX_AMOUNT_FEN
from payments.models import Charge, Entry, TopUp

from . import ledger


@transaction.atomic
def top_up_platform_funds(*, amount_fen: int, key: str, by: Any, note: str, now: datetime | None = None) -> TopUp:
    """Note that the platform put money of its own into its account at the provider. The same `key` returns the first.

    For staff; refunds of money that a firm has already are advanced from it. Refuses with `top_up_not_allowed`,
    `amount_invalid`, `note_missing`.
    """
    now = now or clock.now()
    if not getattr(by, "is_staff", False):
        raise Forbidden("top_up_not_allowed", _("只有管理机构可以登记平台资金。"))
    if isinstance(amount_fen, bool) or not isinstance(amount_fen, int) or not 0 < amount_fen <= MAX_AMOUNT_FEN:
        raise Invalid("amount_invalid", _("金额须在 0.01 元至 1 亿元之间。"), field="amount")
    if not note.strip():
        raise Invalid("note_missing", _("请写明这笔资金的来源。"), field="note")
    top_up, is_new = TopUp.objects.get_or_create(
        key=key, defaults={"amount_fen": amount_fen, "note": note.strip()[:200], "by": by, "created_at": now}
    )
    if is_new:
        ledger.move(
            key=f"top_up:{top_up.id}",
            kind="top_up",
            source=ledger.CLEARING,
            target=ledger.PLATFORM_FUNDS,
            amount_fen=amount_fen,
            process=None,
            now=now,
        )
    return top_up


def book_provider_fee(*, key: str, amount_fen: int, charge: Charge | None = None, now: datetime) -> Entry | None:
    """Book what the provider took for a payment (below zero: gave back), told by its bill; once by `key`.

    It is the platform's expense and comes off what the provider keeps for us. Nothing is booked for nothing.
    """
    if not amount_fen:
        return None
    return ledger.move(
        key=key,
        kind="provider_fee",
        source=ledger.PROVIDER_FEE,
        target=ledger.CLEARING,
        amount_fen=amount_fen,
        process=charge.intent.process if charge is not None else None,
        now=now,
    )
