"""Reconcile a day: get its bills, match them with what we hold, keep the breaks, book the fees. Harmless to repeat."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.core import clock
from marketplace.core.locks import lock
from marketplace.core.refusals import Invalid, Refused
from payments.alipay.answers import Rejected, Unknown
from payments.bills.comparing import compare_movements, compare_trades, fees_of
from payments.bills.matching import DAY, Class, Result, day_of
from payments.bills.reading import BillRefused
from payments.bills.sides import bounds
from payments.bills.states import RECONCILIATION, BreakStatus, DayStatus
from payments.models import AccountKind, Bill, BillKind, BillLine, Break, Charge, Line, Reconciliation, Refund
from payments.states import ChargeStatus

from . import ledger
from .bills import Progress, fetch_bill, require_finance, silent
from .breaks import keep_breaks, line_ids
from .receipts import hold_unknown_receipt

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=15)
AGAIN = timedelta(hours=1)
EMPTY_AFTER = timedelta(days=1)  # a bill that is still not there a day after it should be: there is none
NOT_THERE = frozenset({"BILL_NOT_EXIST", "isp.bill_not_exist"})


def reconcile_day(
    *,
    day: date,
    by: Any = None,
    now: datetime | None = None,
    again: bool = False,
    fetch: bool = True,
    progress: Progress = silent,
) -> Reconciliation:
    """Match a day of China with its bills, asking the provider for those that are missing (with `again`, for all).

    Returns the day: balanced, differing, waiting for a bill, or failed with a sentence that says why. Whatever bill is there
    is matched. Must be called outside a transaction. Refuses with `day_not_over`, `reconciliation_busy`,
    `reconciliation_not_allowed`.
    """
    now = now or clock.now()
    require_finance(by)
    if day >= day_of(now):
        raise Invalid("day_not_over", _("只能对已经过完的日子对账。"), field="day")
    row = _claim(day, now, is_due_again=True)
    try:
        waits, failure = _get_bills(row, now, again=again, progress=progress) if fetch else (False, "")
        _match_day(day, now, progress)
        row = _conclude(row, now, waits=waits, failure=failure)
    except Exception as error:
        _conclude(row, now, waits=False, failure=_("对账程序出错：%(error)s。") % {"error": repr(error)[:300]})
        raise
    for other in (day - DAY, day + DAY):
        _match_neighbour(other, now, progress)
    row.refresh_from_db()
    return row


@transaction.atomic
def _claim(day: date, now: datetime, *, is_due_again: bool) -> Reconciliation:
    """Keep others away from a day for a while; with `is_due_again` an attempt that dies is made good in an hour."""
    row, _is_new = Reconciliation.objects.get_or_create(day=day)
    row = lock(row)
    if row.busy_until is not None and row.busy_until > now:
        raise Refused("reconciliation_busy", _("%(day)s 正在对账，请稍后再看。") % {"day": day.isoformat()})
    row.busy_until = now + LEASE
    row.next_attempt_at = now + AGAIN if is_due_again else row.next_attempt_at
    row.save(update_fields=["busy_until", "next_attempt_at"])
    return row


def _get_bills(row: Reconciliation, now: datetime, *, again: bool, progress: Progress) -> tuple[bool, str]:
    """Fetch what is missing; return whether a bill is still to be waited for, and what is wrong in words."""
    there = set() if again else set(Bill.objects.filter(day=row.day, is_current=True).values_list("kind", flat=True))
    waits, wrong = False, []
    for kind in BillKind:
        if kind in there:
            continue
        try:
            answer = fetch_bill(day=row.day, kind=kind, now=now, progress=progress)
        except BillRefused as refused:
            wrong.append(f"{kind.label}：{refused}")
            continue
        if isinstance(answer, Rejected) and answer.code in NOT_THERE:
            waits = True
        elif isinstance(answer, Rejected):
            reason = {"kind": kind.label, "code": answer.code, "message": answer.message}
            wrong.append(_("%(kind)s：支付宝不给账单（%(code)s %(message)s）。") % reason)
        elif isinstance(answer, Unknown):
            wrong.append(
                _("%(kind)s：支付宝没有回应（%(reason)s）。") % {"kind": kind.label, "reason": answer.reason[:200]}
            )
    return waits, "\n".join(wrong)


def _match_day(day: date, now: datetime, progress: Progress = silent) -> None:
    """Match what bills there are. Trades come first: what nobody knows is then in the books that the movements are held against."""
    bills = {bill.kind: bill for bill in Bill.objects.filter(day=day, is_current=True)}
    trades, movements = bills.get(BillKind.TRADE), bills.get(BillKind.FUND)
    points = settings.PAYMENTS_PROVIDER_FEE_BASIS_POINTS
    if trades is not None:
        result = compare_trades(trades, basis_points=points if points >= 0 else None)
        _keep(day, trades, result, now)
        progress(_("业务账单：%(counts)s") % {"counts": in_words(result.counts)})
    if movements is not None:
        result = compare_movements(movements, trades)
        _keep(day, movements, result, now)
        progress(_("资金账单：%(counts)s") % {"counts": in_words(result.counts)})
    _book_fees(day, now)


@transaction.atomic
def _keep(day: date, bill: Bill, result: Result, now: datetime) -> None:
    row = Reconciliation.objects.select_for_update().get(day=day)
    ids = line_ids(bill_id=bill.pk, found=result.found)
    breaks = keep_breaks(day=day, book=bill.kind, found=result.found, lines=ids, now=now)
    strangers = [one for one in breaks if one.cls == Class.MISSING_HERE and one.type == "payment" and one.line_id]
    lines = BillLine.objects.in_bulk([one.line_id for one in strangers])
    for one in strangers:
        line = lines[one.line_id]
        if line.amount_fen > 0 and one.status == BreakStatus.OPEN:
            hold_unknown_receipt(row=one, line=line, now=now)
    row.counts = {**row.counts, bill.kind: dict(result.counts)}
    # Payments and refunds are told by the trade bill, what else moves by the fund bill.
    own = ("payment", "refund") if bill.kind == BillKind.TRADE else ("transfer", "other", "fee")
    row.ours = {**row.ours, **{kind: result.ours[kind] for kind in own}}
    row.theirs = {**row.theirs, **{kind: result.theirs[kind] for kind in own}}
    row.save(update_fields=["counts", "ours", "theirs"])


@transaction.atomic
def _book_fees(day: date, now: datetime) -> None:
    """Book the provider's fees of a day: the first time all of them, later what a newer bill has more or less."""
    row = Reconciliation.objects.select_for_update().get(day=day)
    fees = fees_of(day)
    more = 0 if fees is None else fees - row.fees_fen
    if more:
        number = (
            Line.objects.filter(entry__key__startswith=f"provider_fee:{day.isoformat()}:")
            .values("entry")
            .distinct()
            .count()
        )
        ledger.move(
            key=f"provider_fee:{day.isoformat()}:{number + 1}",
            kind="provider_fee",
            source=ledger.PROVIDER_FEE,
            target=ledger.CLEARING,
            amount_fen=more,
            process=None,
            now=now,
        )
        row.fees_fen += more
    row.ours = {**row.ours, "fee": -row.fees_fen}
    row.save(update_fields=["fees_fen", "ours"])


@transaction.atomic
def _conclude(row: Reconciliation, now: datetime, *, waits: bool, failure: str) -> Reconciliation:
    row = lock(row)
    there = set(Bill.objects.filter(day=row.day, is_current=True).values_list("kind", flat=True))
    open_ones = alarming(row.day)
    missing = [kind for kind in BillKind if kind not in there]
    due = bounds(row.day)[1] + timedelta(hours=settings.PAYMENTS_RECONCILE_HOUR) + EMPTY_AFTER
    status, words = DayStatus.DIFFERING if open_ones else DayStatus.BALANCED, failure
    if failure:
        status = DayStatus.FAILED
    elif missing and now < due:
        status = DayStatus.WAITING
    elif missing:
        # Alipay gives no bill of a kind without a movement; then nothing of ours may lie on that day either.
        names = "、".join(str(kind.label) for kind in missing)
        if not waits or any(_has_moved(kind, row.day) for kind in missing):
            status = DayStatus.FAILED
            words = _("至今没有取得%(names)s，本地这一天却有进出。") % {"names": names}
        else:
            words = _("这一天没有进出，支付宝没有%(names)s。") % {"names": names}
    if status != row.status:
        RECONCILIATION.check(row.status, status)
    before, row.status, row.failure = row.status, status, words
    row.runs += 1
    row.ran_at = now
    row.busy_until = None
    row.next_attempt_at = None if status in {DayStatus.BALANCED, DayStatus.DIFFERING} else now + AGAIN
    row.save()
    if status == DayStatus.FAILED:
        logger.log(logging.ERROR if before != status else logging.WARNING, "reconciling %s failed: %s", row.day, words)
    elif open_ones:
        logger.error("reconciling %s found %s breaks that nobody has explained", row.day, open_ones)
    return row


def alarming(day: date) -> int:
    """Count the breaks of a day that somebody must look at: open ones, but for what waits for the next day's bill."""
    return Break.objects.filter(day=day, status=BreakStatus.OPEN).exclude(cls=Class.CUT_OFF, their_fen=None).count()


def _has_moved(kind: str, day: date) -> bool:
    """Tell whether we hold anything that should stand on a bill of this kind."""
    span = bounds(day)
    if kind == BillKind.TRADE:
        paid = Charge.objects.filter(paid_at__range=span, status=ChargeStatus.SUCCEEDED)
        return paid.exists() or Refund.objects.filter(succeeded_at__range=span).exists()
    rows = Line.objects.filter(account__kind=AccountKind.PROVIDER_CLEARING, entry__at__range=span)
    return rows.exclude(entry__kind="provider_fee").exists()


def _match_neighbour(day: date, now: datetime, progress: Progress) -> None:
    """Match a neighbouring day once more when it has breaks that the bill of this day may end."""
    waiting = Break.objects.filter(day=day, cls__in=(Class.CUT_OFF, Class.MISSING_THERE))
    waiting = waiting.exclude(status=BreakStatus.RESOLVED)
    row = Reconciliation.objects.filter(day=day).first()
    if row is None or not waiting.exists():
        return
    try:
        row = _claim(day, now, is_due_again=False)
    except Refused:  # somebody is at it just now, with this day's bill before them
        return
    try:
        _match_day(day, now, progress)
        if row.status in {DayStatus.BALANCED, DayStatus.DIFFERING}:
            _conclude(row, now, waits=False, failure="")
    finally:
        Reconciliation.objects.filter(pk=row.pk).update(busy_until=None)


def in_words(counts: Mapping[Any, int]) -> str:
    """Say how many lines came to which class."""
    labels = {**dict(Break.Class.choices), Class.OK: _("相符")}
    return "，".join(f"{labels[name]} {count}" for name, count in sorted(counts.items()) if count) or _("没有行")
