"""Refunds that a person asks for, with the person's words: the payer a part of what is held, an administrator any of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.core import clock
from marketplace.core.locks import lock
from marketplace.core.refusals import Forbidden, Invalid
from payments import rules
from payments.alipay.answers import MIN_TRANSFER_FEN
from payments.models import PaymentIntent, Refund

from .held import held_fen
from .refunds import create_refund

LEAST_WORDS, MOST_WORDS = 5, 200


@transaction.atomic
def request_refund(
    *, intent: PaymentIntent, amount_fen: int, note: str, key: str, by: Any, now: datetime | None = None
) -> Refund:
    """Return a part of the held money to the payer who asks for it; `note` says why and is kept with the refund.

    At least 0.10 yuan must stay, the least that can be settled: to give everything back is to end a contract, which the
    administrators do at their desk. The same `key` returns the first refund. Refuses with `not_payer`, `note_required`,
    `refund_whole`, and as `create_refund` does.
    """
    now = now or clock.now()
    intent = lock(intent)
    if not rules.is_payer(by, intent):
        raise Forbidden("not_payer", _("只有付款单位的经办人可以办理这笔付款。"))
    note = _words(note)
    if earlier := Refund.objects.filter(key=key, intent=intent).first():
        return earlier
    left = held_fen(intent)
    if 0 < left - MIN_TRANSFER_FEN < amount_fen <= left:
        message = _("至少要留下 0.10 元。全部退回等于解除合同，请联系平台管理机构办理。")
        raise Invalid("refund_whole", message, field="amount_fen")
    return create_refund(intent=intent, key=key, amount_fen=amount_fen, metadata={"note": note}, by=by, now=now)


@transaction.atomic
def order_refund(
    *, intent: PaymentIntent, amount_fen: int | None, note: str, key: str, by: Any, now: datetime | None = None
) -> Refund:
    """Return held money, `amount_fen` or all that is left, on an administrator's order; `note` says why.

    Refuses with `not_administrator`, `note_required`, and as `create_refund` does.
    """
    now = now or clock.now()
    if not getattr(by, "is_staff", False):
        raise Forbidden("not_administrator", _("只有管理机构可以办理。"))
    note = _words(note)
    intent = lock(intent)
    if earlier := Refund.objects.filter(key=key, intent=intent).first():
        return earlier
    return create_refund(intent=intent, key=key, amount_fen=amount_fen, metadata={"note": note}, by=by, now=now)


def _words(note: str) -> str:
    note = note.strip()
    if not LEAST_WORDS <= len(note) <= MOST_WORDS:
        raise Invalid("note_required", _("请写明退款原因，5 到 200 个字。"), field="note")
    return note
