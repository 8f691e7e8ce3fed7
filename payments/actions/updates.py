"""Verbs that change words on payment objects: amount and grouping before anything is under way, metadata always."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _

from marketplace.core import clock
from marketplace.core.locks import lock
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.parties.models import Organization
from payments.alipay.answers import MAX_AMOUNT_FEN
from payments.models import PaymentIntent, Refund, Transfer
from payments.states import ChargeStatus, PaymentIntentStatus

from .announcing import announce
from .charges import _checked_metadata as checked_metadata

Row = TypeVar("Row", bound=models.Model)


@transaction.atomic
def update_payment_intent(
    *,
    intent: PaymentIntent,
    amount_fen: int | None = None,
    description: str | None = None,
    metadata: Mapping[str, str] | None = None,
    transfer_group: str | None = None,
    payee: Organization | None = None,
    by: Any = None,
    now: datetime | None = None,
) -> PaymentIntent:
    """Change what is given; None leaves it. `metadata` is the whole of it.

    Amount, transfer group and payee stand still once an attempt is under way or money has come, late money included
    (Stripe; facts 4.2); words never do. Refuses with `updates_not_allowed`, `state_conflict`, `amount_invalid`,
    `metadata_invalid`.
    """
    del now  # nothing is dated: Stripe has no event for it
    _require_operator(by)
    intent = lock(intent)
    changes: dict[str, Any] = {}
    if amount_fen is not None and amount_fen != intent.amount_fen:
        if isinstance(amount_fen, bool) or not isinstance(amount_fen, int) or not 0 < amount_fen <= MAX_AMOUNT_FEN:
            raise Invalid("amount_invalid", _("付款金额须在 0.01 元至 1 亿元之间。"), field="amount")
        changes["amount_fen"] = amount_fen
    if transfer_group is not None and transfer_group != intent.transfer_group:
        changes["transfer_group"] = transfer_group
    if payee is not None and payee.pk != intent.payee_id:
        changes["payee"] = payee
    if changes:
        has_money = intent.charges.filter(status=ChargeStatus.SUCCEEDED).exists()
        if intent.status != PaymentIntentStatus.REQUIRES_PAYMENT_METHOD or has_money:
            raise Refused("state_conflict", _("付款已经开始，金额和收款方不能再改。"))
    if description is not None:
        changes["description"] = description[:256]
    if metadata is not None:
        changes["metadata"] = checked_metadata(dict(metadata))
    return _changed(intent, changes)


@transaction.atomic
def update_refund(
    *, refund: Refund, metadata: Mapping[str, str], by: Any = None, now: datetime | None = None
) -> Refund:
    """Change a refund's metadata, the whole of it. Refuses with `updates_not_allowed`, `metadata_invalid`."""
    _require_operator(by)
    refund = lock(refund)
    earlier, wanted = refund.metadata, checked_metadata(dict(metadata))
    if earlier == wanted:
        return refund
    _changed(refund, {"metadata": wanted})
    announce("refund.updated", refund, now=now or clock.now(), previous={"metadata": earlier})
    return refund


@transaction.atomic
def update_transfer(
    *,
    transfer: Transfer,
    description: str | None = None,
    metadata: Mapping[str, str] | None = None,
    by: Any = None,
    now: datetime | None = None,
) -> Transfer:
    """Change a transfer's words; None leaves them. Refuses with `updates_not_allowed`, `metadata_invalid`."""
    del now
    _require_operator(by)
    transfer = lock(transfer)
    changes: dict[str, Any] = {}
    if description is not None:
        changes["description"] = description[:256]
    if metadata is not None:
        changes["metadata"] = checked_metadata(dict(metadata))
    return _changed(transfer, changes)


def merged_metadata(earlier: Mapping[str, str], given: Mapping[str, str] | None) -> dict[str, str]:
    """Return metadata as Stripe merges it: an empty value deletes a name, None (an empty `metadata`) all of them."""
    if given is None:
        return {}
    return {name: value for name, value in {**earlier, **given}.items() if value != ""}


def _changed(row: Row, changes: Mapping[str, Any]) -> Row:
    for name, value in changes.items():
        setattr(row, name, value)
    if changes:
        row.save(update_fields=list(changes))
    return row


def _require_operator(by: Any) -> None:
    if by is not None and not getattr(by, "is_staff", False):
        raise Forbidden("updates_not_allowed", _("只有平台管理机构可以改这些内容。"))
