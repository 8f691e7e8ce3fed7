"""Statuses of reconciliation: of a day, of a break, and of money on a bill that nobody knows; and what may follow what."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.core.states import Table


class DayStatus(models.TextChoices):
    WAITING = "waiting", _("等待账单")
    BALANCED = "balanced", _("账单相符")
    DIFFERING = "differing", _("有差异")
    FAILED = "failed", _("未能对账")


_ENDS: dict[str, str] = {
    DayStatus.BALANCED: "reconcile_day",
    DayStatus.DIFFERING: "reconcile_day",
    DayStatus.FAILED: "reconcile_day",
}

RECONCILIATION = Table(
    "reconciliation",
    DayStatus,
    {
        DayStatus.WAITING: _ENDS,
        # A day may be matched again whenever something has changed on either side.
        **{before: {end: verb for end, verb in _ENDS.items() if end != before} for before in _ENDS},
    },
)


class BreakStatus(models.TextChoices):
    OPEN = "open", _("待处理")
    EXPLAINED = "explained", _("已说明")
    RESOLVED = "resolved", _("已了结")


BREAK = Table(
    "break",
    BreakStatus,
    {
        BreakStatus.OPEN: {BreakStatus.EXPLAINED: "explain_break", BreakStatus.RESOLVED: "resolve_break"},
        # A later run that finds other figures, or finds again what it had closed itself, opens it once more.
        BreakStatus.EXPLAINED: {BreakStatus.RESOLVED: "resolve_break", BreakStatus.OPEN: "reconcile_day"},
        BreakStatus.RESOLVED: {BreakStatus.OPEN: "reconcile_day"},
    },
)


class ReceiptStatus(models.TextChoices):
    HELD = "held", _("待查")
    SETTLED = "settled", _("已归入付款")
    RETURNING = "returning", _("退回中")
    RETURNED = "returned", _("已退回")


UNKNOWN_RECEIPT = Table(
    "unknown_receipt",
    ReceiptStatus,
    {
        ReceiptStatus.HELD: {
            ReceiptStatus.SETTLED: "settle_unknown_receipt",
            ReceiptStatus.RETURNING: "return_unknown_receipt",
        },
        ReceiptStatus.RETURNING: {
            ReceiptStatus.RETURNED: "record_return",
            # The provider refused: the money is still here and somebody has to decide again.
            ReceiptStatus.HELD: "record_return",
        },
    },
)
