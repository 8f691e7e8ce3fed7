"""The drill: one day with every class of break planted among 500 good lines. All are found, none is invented."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from payments.models import BillKind, Break, Reconciliation, UnknownReceipt
from tests.factories.bills import Moved, Traded, at, fund_bill, fund_lines, trade_bill
from tests.factories.days import (
    line_of,
    make_charge,
    make_refund,
    make_transfer,
    refund_line_of,
    transfer_line_of,
)
from tests.factories.payments import make_party

from .conftest import DAY, found, run, take

pytestmark = pytest.mark.django_db
GOOD = 500
YESTERDAY, TOMORROW = DAY - timedelta(days=1), DAY + timedelta(days=1)


def plant():
    """Return the trades and movements of both bills, and what must be found in each."""
    firm = make_party(role="intermediary")
    good = [make_charge(number, 10_000 + 7 * number, at(DAY, "10:00:00")) for number in range(GOOD - 20)]
    traded = [line_of(charge) for charge in good]
    refunds = [make_refund(good[number], number, 1_000 + number, at(DAY, "11:00:00")) for number in range(10)]
    traded += [refund_line_of(refund) for refund in refunds]
    moved = [
        transfer_line_of(make_transfer(good[20 + number], number, 2_000 + number, at(DAY, "12:00:00"), firm))
        for number in range(10)
    ]
    noon = at(DAY, "12:30:00")
    only_traded, only_moved, trades, movements = [], [], {}, {}

    def both(order, cls):
        trades[order] = movements[order] = cls

    # missing here: money that nobody knows. The trade bill tells first; then it is in the books.
    traded.append(Traded("stranger_1", 5_500, noon))
    trades["stranger_1"] = "missing_here"
    # missing there: settled here, on neither bill
    make_charge("gone", 6_600, noon)
    both("py_gone", "missing_there")
    # amount: one fen more on the bills
    charge = make_charge("amount", 7_700, noon)
    traded.append(line_of(charge, fen=7_701))
    both("py_amount", "amount")
    # state: paid there, still waiting here
    charge = make_charge("waiting", 8_800, noon, status="pending")
    traded.append(line_of(charge, at=noon))
    both("py_waiting", "state")
    # state of a refund: done there, not here
    refund = make_refund(good[30], "slow", 1_234, noon, status="pending")
    traded.append(refund_line_of(refund, at=noon))
    both(good[30].out_trade_no, "state")
    # fee: the trade bill takes another one than the contract says, the fund bill takes what is right
    charge = make_charge("fee", 100_000, noon)
    only_traded.append(line_of(charge, fee_fen=700))
    only_moved += fund_lines([line_of(charge, fee_fen=600)])
    both("py_fee", "fee")
    # duplicate: one payment twice on the trade bill alone
    only_traded.append(line_of(good[40]))
    trades[good[40].out_trade_no] = "duplicate"
    # cut-off at the end of the day: it waits for tomorrow's bill
    make_charge("late", 9_900, at(DAY, "23:59:50"))
    both("py_late", "cut_off")
    # cut-off at its beginning: ours is of yesterday
    charge = make_charge("early", 9_901, at(YESTERDAY, "23:59:58"))
    traded.append(line_of(charge, at=at(DAY, "00:00:03")))
    both("py_early", "cut_off")
    # a transfer that the account never paid, one that it paid and nobody asked for, one of another amount
    make_transfer(good[50], "gone", 3_300, noon, firm)
    movements["tr_gone"] = "missing_there"
    moved.append(Moved("tr_stranger", -4_400, noon, "transfer"))
    movements["tr_stranger"] = "missing_here"
    moved.append(transfer_line_of(make_transfer(good[51], "amount", 5_500, noon, firm), fen=-5_501))
    movements["tr_amount"] = "amount"
    # money that only the fund bill knows of, and a withdrawal
    moved.append(Moved("stranger_2", 2_200, noon))
    movements["stranger_2"] = "missing_here"
    moved.append(Moved("", -100_000, noon, "other", word="提现"))
    movements[""] = "missing_here"
    take(trade_bill(DAY, [*traded, *only_traded]))
    take(fund_bill(DAY, sorted([*fund_lines(traded, moved), *only_moved], key=lambda one: one.at)))
    return trades, movements


def test_every_class_is_found_and_none_invented():
    trades, movements = plant()
    row = run()
    assert dict(found(book="trade", everything=True)) == trades
    assert dict(found(book="signcustomer", everything=True)) == movements
    assert {one.cls for one in Break.objects.all()} == set(Break.Class.values)
    assert Break.objects.count() == len(trades) + len(movements)
    assert row.status == "differing"
    # of the good ones the payment that stands twice and the two with other fates are no longer counted as such
    assert row.counts["trade"]["ok"] == GOOD - 20 + 10
    assert row.counts[BillKind.FUND]["ok"] >= GOOD
    settled = Break.objects.filter(status="resolved").values_list("out_trade_no", flat=True)
    assert set(settled) == {"py_early"}  # resolves itself
    held = dict(UnknownReceipt.objects.values_list("out_trade_no", "amount_fen"))
    assert held == {"stranger_1": 5_500, "stranger_2": 2_200}


def test_a_good_day_has_no_breaks():
    good = [make_charge(number, 10_000 + number, at(DAY, "10:00:00")) for number in range(20)]
    traded = [line_of(charge) for charge in good]
    traded.append(refund_line_of(make_refund(good[0], 1, 400, at(DAY, "11:00:00"))))
    firm = make_party(role="intermediary")
    moved = [transfer_line_of(make_transfer(good[1], 1, 5_000, at(DAY, "12:00:00"), firm))]
    take(trade_bill(DAY, traded))
    take(fund_bill(DAY, fund_lines(traded, moved)))
    row = run()
    assert (row.status, Break.objects.count()) == ("balanced", 0)
    assert row.ours == row.theirs
    assert row.theirs["payment"] == sum(charge.amount_fen for charge in good)
    assert row.theirs["transfer"] == -5_000
    assert Reconciliation.objects.get().counts["signcustomer"] == {"ok": 22 + 20}  # movements, and fees per order


def test_a_fund_bill_that_numbers_no_refunds_is_matched_by_amount():
    charge = make_charge("a", 10_000, at(DAY))
    traded = [line_of(charge)]
    for number, fen in ((1, 100), (2, 300), (3, 300), (4, 500)):
        traded.append(refund_line_of(make_refund(charge, number, fen, at(DAY, "11:00:00"))))
    take(trade_bill(DAY, traded))
    movements = fund_lines(traded)
    wrong = next(place for place, one in enumerate(movements) if one.fen == -500)
    movements[wrong] = replace(movements[wrong], fen=-501)
    take(fund_bill(DAY, movements))
    run()
    assert found() == [("py_a", "amount")]
    row = Break.objects.get()
    assert (row.our_fen, row.their_fen, row.object_id) == (-500, -501, "refund:re_4:succeeded")


def test_the_day_is_chinas_not_the_worlds():
    early, late = at(DAY, "00:30:00"), at(DAY, "07:59:59")  # still the 24th in UTC
    charges = [make_charge("early", 500, early), make_charge("late", 700, late)]
    traded = [line_of(charge) for charge in charges]
    take(trade_bill(DAY, traded))
    take(fund_bill(DAY, fund_lines(traded)))
    assert run().status == "balanced"
    assert early.astimezone(tz=None).date() <= DAY
    assert date(2026, 11, 25) == DAY
