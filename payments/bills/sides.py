"""The sides of a day, fetched: the lines of its current bills, and the charges and refunds that we hold under their keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from itertools import islice, starmap
from typing import Any, TypeVar

from payments.models import (
    Bill,
    BillLine,
    Charge,
    Refund,
    UnknownReceipt,
)
from payments.states import ChargeStatus, RefundStatus

from .cells import CHINA
from .matching import DAY, Key, Ours, Theirs, key_of
from .states import ReceiptStatus

T = TypeVar("T")
Lines = Callable[[], Iterable[Theirs]]
FIELDS = ("number", "serial", "trade_no", "out_trade_no", "type", "request_no", "amount_fen", "fee_fen")  # of Theirs
CHUNK = 500  # values in one question: SQLite takes 32,766, PostgreSQL plans short lists better


def bounds(day: date) -> tuple[datetime, datetime]:
    """Return the moments at which China's day begins and ends."""
    begin = datetime.combine(day, time(), CHINA)
    return begin, begin + timedelta(days=1)


def around(day: date) -> tuple[datetime, datetime]:
    """Return the bounds of the day with the days before and after."""
    return bounds(day - DAY)[0], bounds(day + DAY)[1]


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """Yield values in lists that fit into one question."""
    rest = iter(values)
    while part := list(islice(rest, CHUNK)):
        yield part


def lines_of(bill: Bill, *types: str) -> Iterator[Theirs]:
    """Yield the lines of a bill, or those of some types, without holding them all."""
    rows = BillLine.objects.filter(bill=bill).order_by("number")
    rows = rows.filter(type__in=types) if types else rows
    return starmap(Theirs, rows.values_list(*FIELDS).iterator(chunk_size=2000))


def trade_side(day: date, lines: Lines) -> dict[Key, Ours]:
    """Return charges, refunds and returned unknown receipts by key: of the days around, and whatever else the lines name."""
    span = around(day)
    ours: dict[Key, Ours] = {}
    take_charges(ours, Charge.objects.filter(paid_at__range=span, status=ChargeStatus.SUCCEEDED))
    take_refunds(ours, Refund.objects.filter(succeeded_at__range=span))
    orders: set[str] = set()
    requests: set[str] = set()
    for line in lines():
        if key_of(line) not in ours:
            if line.type == "payment":
                orders.add(line.out_trade_no)
            elif line.type == "refund":
                requests.add(line.request_no)
    for part in chunks(sorted(orders)):
        take_charges(ours, Charge.objects.filter(out_trade_no__in=part))
    for part in chunks(sorted(requests)):
        take_refunds(ours, Refund.objects.filter(pk__in=part))
    _take_returns(ours, requests, span)
    return ours


def take_charges(ours: dict[Key, Ours], charges: Any) -> None:
    """Take charges in under their keys, settled or not."""
    rows = charges.order_by().values_list("pk", "out_trade_no", "trade_no", "amount_fen", "status", "paid_at")
    words = dict(ChargeStatus.choices)
    for pk, order, trade_no, fen, status, paid_at in rows.iterator(chunk_size=2000):
        done = status == ChargeStatus.SUCCEEDED
        ours[order, "payment", ""] = Ours(pk, fen, paid_at, done, str(words[status]), trade_no or "")


def take_refunds(ours: dict[Key, Ours], refunds: Any) -> None:
    """Take refunds in under their keys, done or not."""
    rows = refunds.order_by().values_list("pk", "charge__out_trade_no", "amount_fen", "status", "succeeded_at")
    words = dict(RefundStatus.choices)
    for pk, order, fen, status, at in rows.iterator(chunk_size=2000):
        ours[order, "refund", pk] = Ours(pk, -fen, at, status == RefundStatus.SUCCEEDED, str(words[status]))


def _take_returns(ours: dict[Key, Ours], requests: set[str], span: tuple[datetime, datetime]) -> None:
    """Take the returns of money that nobody knew: they stand on bills as refunds of trades that we never began."""
    for receipt in UnknownReceipt.objects.exclude(request_no=""):
        done = receipt.status == ReceiptStatus.RETURNED
        is_near = receipt.ended_at is not None and span[0] <= receipt.ended_at < span[1]
        if receipt.request_no in requests or (done and is_near):
            word = str(receipt.get_status_display())
            key = (receipt.out_trade_no, "refund", receipt.request_no)
            ours[key] = Ours(receipt.key, -receipt.amount_fen, receipt.ended_at, done, word)


def neighbours(day: date, kind: str) -> dict[date, Bill]:
    """Return the current bills of the days before and after."""
    rows = Bill.objects.filter(kind=kind, is_current=True, day__in=(day - DAY, day + DAY))
    return {bill.day: bill for bill in rows}


def elsewhere(bills: Mapping[date, Bill], missing: Mapping[Key, Ours]) -> dict[Key, date]:
    """Return on which of the neighbouring bills a key stands; a refund that is not numbered there is known by its amount."""
    found: dict[Key, date] = {}
    by_order: dict[tuple[str, str], list[Key]] = {}
    for key in missing:
        by_order.setdefault(key[:2], []).append(key)
    for part in chunks(sorted({order for order, _type in by_order})):
        rows = BillLine.objects.filter(bill__in=bills.values(), out_trade_no__in=part)
        for day, order, kind, request, fen in rows.values_list(
            "bill__day", "out_trade_no", "type", "request_no", "amount_fen"
        ):
            for key in by_order.get((order, kind), ()):
                if kind != "refund" or key[2] == request or (not request and missing[key].amount_fen == fen):
                    found[key] = day
    return found
