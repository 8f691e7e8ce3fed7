"""Compare a day: its current bills with the charges, refunds and movements of that day. Reads only."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from functools import partial

from django.db.models import Max, Sum

from payments.models import Bill, BillLine

from .clearing import fund_side
from .matching import Class, Result, match
from .pairing import fee_rule, match_fees, other_keys, refund_keys
from .sides import elsewhere, lines_of, neighbours, trade_side

MOVEMENTS = ("payment", "refund", "transfer", "other")


def compare_trades(bill: Bill, *, basis_points: int | None) -> Result:
    """Match the trade bill with charges and refunds."""
    near = neighbours(bill.day, bill.kind)
    return match(
        lines_of(bill),
        trade_side(bill.day, partial(lines_of, bill)),
        day=bill.day,
        fee=fee_rule(basis_points),
        elsewhere=partial(elsewhere, near),
        covered=frozenset(near),
    )


def compare_movements(bill: Bill, trades: Bill | None) -> Result:
    """Match the fund bill with the ledger's clearing account, and its fees with those that the trade bill states."""
    ours = fund_side(bill.day, partial(lines_of, bill, *MOVEMENTS))
    near = neighbours(bill.day, bill.kind)
    keys = refund_keys(lines_of(bill, "refund"), ours, day=bill.day)
    keys |= other_keys(lines_of(bill, "other"), ours, day=bill.day)
    result = match(
        lines_of(bill, *MOVEMENTS),
        ours,
        day=bill.day,
        keys=keys,
        elsewhere=partial(elsewhere, near),
        covered=frozenset(near),
    )
    taken = taken_fees(bill)
    result.theirs["fee"] = -sum(taken.values())
    if trades is not None:
        found = match_fees(stated_fees(trades), taken)
        result.found += found
        result.counts += Counter({Class.FEE: len(found), Class.OK: len(taken.keys() - {one.key[0] for one in found})})
    return result


def stated_fees(bill: Bill) -> dict[str, int]:
    """Return the fees that a trade bill states, fen per order: of the payment, less what its refunds give back.

    A line that stands twice is one fee: it is said as a duplicate already.
    """
    fees: defaultdict[str, int] = defaultdict(int)
    rows = BillLine.objects.filter(bill=bill).exclude(fee_fen=0).order_by()
    lines = rows.values_list("out_trade_no", "type", "request_no").annotate(fee=Max("fee_fen"))
    for order, kind, _request, fee in lines.iterator():
        fees[order] += -fee if kind == "refund" else fee
    return {order: fen for order, fen in fees.items() if fen}


def taken_fees(bill: Bill) -> dict[str, int]:
    """Return the fees that a fund bill shows, fen per order, "" for those without one."""
    rows = BillLine.objects.filter(bill=bill, type="fee").order_by()
    totals = rows.values_list("out_trade_no").annotate(total=Sum("amount_fen"))
    return {order: -total for order, total in totals.iterator() if total}


def fees_of(day: date) -> int | None:
    """Return the provider's fees of a day in fen: what the fund bill took, else what the trade bill states; None without bills."""
    bills = {bill.kind: bill for bill in Bill.objects.filter(day=day, is_current=True)}
    if "signcustomer" in bills:
        return sum(taken_fees(bills["signcustomer"]).values())
    return sum(stated_fees(bills["trade"]).values()) if "trade" in bills else None
