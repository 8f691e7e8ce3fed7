"""Breaks: kept as runs find them, taken by somebody, explained, resolved. A run never loses what people wrote."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.core import clock
from marketplace.core.locks import lock
from marketplace.core.refusals import Invalid
from payments.bills.matching import Found
from payments.bills.states import BREAK, BreakStatus, ReceiptStatus
from payments.models import BillLine, Break

from .bills import require_finance

MAX_WORDS = 500
UNDECIDED = (ReceiptStatus.HELD, ReceiptStatus.RETURNING)


def name_of(found: Found) -> str:
    """Return a key as a break keeps it."""
    return "|".join(found.key)


def keep_breaks(*, day: date, book: str, found: Iterable[Found], lines: dict[int, int], now: datetime) -> list[Break]:
    """Keep what a run found of a book of a day; the caller holds the day's lock. Returns the breaks found, old and new.

    One found again keeps its row, owner and words; it opens again when its figures have changed, or when only a run had closed
    it. One that is not found any more is closed with the reason. `lines` gives the rows of lines by their numbers.
    """
    kept = {row.key: row for row in Break.objects.select_for_update().filter(day=day, book=book).order_by("pk")}
    rows = []
    for one in found:
        row = kept.pop(name_of(one), None) or Break(day=day, book=book, key=name_of(one), found_at=now)
        _take(row, one, lines, now)
        row.save()
        rows.append(row)
    for row in kept.values():
        if row.status != BreakStatus.RESOLVED:
            close_break(row, _("再次对账时两边已经相符。"), by=None, now=now)
            row.save()
    return rows


def _take(row: Break, found: Found, lines: dict[int, int], now: datetime) -> None:
    before = (row.cls, row.our_fen, row.their_fen)
    row.cls, row.our_fen, row.their_fen = str(found.cls), found.our_fen, found.their_fen
    row.type = found.key[1]
    row.out_trade_no = "" if found.key[0].startswith("#") else found.key[0]
    row.object_id, row.says = found.object_id[:120], found.says[:300]
    row.line_number = found.line_number
    row.line_id = lines.get(found.line_number) if found.line_number is not None else None
    is_other = row.pk is not None and before != (row.cls, row.our_fen, row.their_fen)
    if row.status != BreakStatus.OPEN and (is_other or (row.is_closed_by_run and not found.settled)):
        BREAK.check(row.status, BreakStatus.OPEN)
        row.status = BreakStatus.OPEN
        row.resolved_at = row.resolved_by = None
        row.is_closed_by_run = False
    if found.settled and row.status != BreakStatus.RESOLVED:
        close_break(row, found.settled, by=None, now=now)


def close_break(row: Break, words: str, *, by: Any, now: datetime) -> None:
    BREAK.check(row.status, BreakStatus.RESOLVED)
    row.status = BreakStatus.RESOLVED
    row.resolution = "\n".join(part for part in (row.resolution, words) if part)
    row.resolved_at, row.resolved_by = now, by
    row.is_closed_by_run = by is None


def line_ids(*, bill_id: int, found: Iterable[Found]) -> dict[int, int]:
    """Return the rows of the lines that breaks are about, by their numbers."""
    numbers = [one.line_number for one in found if one.line_number is not None]
    ids: dict[int, int] = {}
    for begin in range(0, len(numbers), 500):
        part = BillLine.objects.filter(bill_id=bill_id, number__in=numbers[begin : begin + 500])
        ids |= dict(part.values_list("number", "pk"))
    return ids


@transaction.atomic
def take_break(*, row: Break, by: Any, now: datetime | None = None) -> Break:
    """Make `by` the one who looks after a break. Refuses with `reconciliation_not_allowed`."""
    require_finance(by)
    row = lock(row)
    row.owner = by
    row.save(update_fields=["owner"])
    return row


@transaction.atomic
def explain_break(*, row: Break, reason: str, by: Any, now: datetime | None = None) -> Break:
    """Write down what is known of a break that is not over yet, such as "退款途中，明日到账".

    Refuses with `reason_missing`, `state_conflict`, `reconciliation_not_allowed`.
    """
    require_finance(by)
    words = checked_words(reason)
    row = lock(row)
    BREAK.check(row.status, BreakStatus.EXPLAINED)
    row.status = BreakStatus.EXPLAINED
    row.resolution = "\n".join(part for part in (row.resolution, words) if part)
    row.owner = row.owner or by
    row.save(update_fields=["status", "resolution", "owner"])
    return row


@transaction.atomic
def resolve_break(*, row: Break, reason: str, by: Any, now: datetime | None = None) -> Break:
    """End a break with what was done about it; no money moves by this.

    Refuses with `receipt_undecided` while money that nobody knows still waits in suspense, and as `explain_break` does.
    """
    now = now or clock.now()
    require_finance(by)
    words = checked_words(reason)
    row = lock(row)
    if row.receipts.filter(status__in=UNDECIDED).exists():
        raise Invalid("receipt_undecided", _("这笔款项还在待查账户里，请先归入一笔付款或者退回。"))
    close_break(row, words, by=by, now=now)
    row.owner = row.owner or by
    row.save()
    return row


def checked_words(reason: str) -> str:
    words = reason.strip()[:MAX_WORDS]
    if not words:
        raise Invalid("reason_missing", _("请写明原因。"), field="reason")
    return words
