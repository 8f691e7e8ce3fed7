"""A day again and again: breaks keep what people wrote, what vanishes is closed, midnight resolves itself, fees are booked once."""

import logging
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from marketplace.core.refusals import Forbidden, Refused
from payments.actions.bills import take_bill
from payments.actions.breaks import explain_break, resolve_break, take_break
from payments.actions.reconciliation import reconcile_day
from payments.models import Bill, BillLine, Break, Line, Reconciliation, UnknownReceipt
from payments.proofs import ledger as ledger_proof
from tests.factories.accounts import make_admin, make_user
from tests.factories.bills import Layout, Traded, at, fund_bill, fund_lines, trade_bill
from tests.factories.days import line_of, make_charge

from .conftest import DAY, MORNING, found, run, take, take_both

pytestmark = pytest.mark.django_db
NOON = at(DAY, "12:00:00")
TOMORROW = DAY + timedelta(days=1)


def test_the_same_file_again_changes_nothing_and_a_newer_one_takes_its_place():
    charge = make_charge("a", 10_000, NOON)
    content = trade_bill(DAY, [line_of(charge)])
    first, again = take(content), take(content)
    assert (first.pk, Bill.objects.count(), BillLine.objects.count()) == (again.pk, 1, 1)
    newer = take(trade_bill(DAY, [line_of(charge)], Layout(half_width=True)))
    first.refresh_from_db()
    assert (first.is_current, newer.is_current) == (False, True)
    assert take(content).pk == first.pk  # brought back on purpose
    assert Bill.objects.get(is_current=True).pk == first.pk


def test_a_refused_bill_leaves_nothing_behind(tmp_path, settings):
    charge = make_charge("a", 10_000, NOON)
    spoiled = Layout(text=lambda text: text.replace("#交易合计：1笔", "#交易合计：2笔"))
    with pytest.raises(Refused, match="文件不完整"):
        take(trade_bill(DAY, [line_of(charge)], spoiled))
    assert (Bill.objects.count(), BillLine.objects.count()) == (0, 0)
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_a_reading_that_died_is_begun_again_and_one_under_way_is_left_alone():
    charge = make_charge("a", 10_000, NOON)
    content = trade_bill(DAY, [line_of(charge)])
    bill = take(content)
    Bill.objects.update(sums={}, is_current=False, lines_count=0)  # as a process that was killed leaves it
    with pytest.raises(Refused, match="正在读取"):
        take(content, now=MORNING + timedelta(minutes=14))
    again = take(content, now=MORNING + timedelta(minutes=16))
    assert again.pk != bill.pk
    assert BillLine.objects.count() == again.lines_count == 1


def test_breaks_keep_their_row_owner_and_words():
    make_charge("gone", 10_000, NOON)
    take_both([])
    run()
    row = Break.objects.get(book="trade")
    staff = make_admin()
    take_break(row=row, by=staff)
    explain_break(row=row, reason="已问支付宝", by=staff)
    run()
    again = Break.objects.get(book="trade")
    assert (again.pk, again.owner, again.resolution, again.status) == (row.pk, staff, "已问支付宝", "explained")
    resolve_break(row=row, reason="线下核实", by=staff, now=MORNING)
    assert run().status == "differing"  # the fund bill's own is still open
    again.refresh_from_db()
    assert (again.status, again.resolved_by) == ("resolved", staff)
    assert Break.objects.count() == 2


def test_what_was_ended_by_hand_opens_again_when_its_figures_change():
    charge = make_charge("a", 10_000, NOON)
    take_both([line_of(charge, fen=10_001)])
    run()
    row = Break.objects.get(book="trade")
    resolve_break(row=row, reason="一分钱差额核销", by=make_admin(), now=MORNING)
    take_both([line_of(charge, fen=10_002)])
    run()
    row.refresh_from_db()
    assert (row.status, row.their_fen, row.resolved_at, row.resolution) == ("open", 10_002, None, "一分钱差额核销")


def test_what_vanishes_is_closed_with_its_reason_and_opens_when_it_comes_back():
    charge = make_charge("a", 10_000, NOON)
    take_both([])
    run()
    assert found() == [("py_a", "missing_there")] * 2
    take_both([line_of(charge)])
    assert run().status == "balanced"
    row = Break.objects.get(book="trade")
    assert (row.status, row.is_closed_by_run, row.resolution) == ("resolved", True, "再次对账时两边已经相符。")
    take_both([])
    run()
    row.refresh_from_db()
    assert (row.status, row.is_closed_by_run, row.resolved_at) == ("open", False, None)


def test_a_payment_near_midnight_resolves_itself_with_the_next_bill():
    charge = make_charge("late", 10_000, at(DAY, "23:59:59"))
    take_both([])
    assert run().status == "balanced"  # it waits, nobody is called
    assert found() == [("py_late", "cut_off")] * 2
    next_morning = MORNING + timedelta(days=1)
    take_both([line_of(charge, at=at(TOMORROW, "00:00:02"))], day=TOMORROW, now=next_morning)
    assert run(TOMORROW, next_morning).status == "balanced"
    assert found() == found(TOMORROW) == []
    closed = Break.objects.get(day=DAY, book="trade")
    assert f"在 {TOMORROW} 的账单里" in closed.resolution
    assert Reconciliation.objects.get(day=DAY).status == "balanced"
    assert set(Break.objects.values_list("cls", flat=True)) == {"cut_off"}


def test_a_payment_near_midnight_that_the_next_bill_lacks_raises_the_alarm(caplog):
    make_charge("late", 10_000, at(DAY, "23:59:59"))
    take_both([])
    run()
    pk = Break.objects.get(book="trade").pk
    next_morning = MORNING + timedelta(days=1)
    take_both([], day=TOMORROW, now=next_morning)
    run(TOMORROW, next_morning)
    assert found() == [("py_late", "missing_there")] * 2
    assert Break.objects.get(book="trade").pk == pk
    assert Reconciliation.objects.get(day=DAY).status == "differing"
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def booked():
    return Line.objects.filter(account__kind="provider_fee").aggregate(total=Sum("amount_fen"))["total"] or 0


def test_fees_are_booked_once_and_corrected_by_a_newer_bill():
    charge = make_charge("a", 10_000, NOON)
    take_both([line_of(charge)])
    run()
    run()
    assert booked() == -60
    take_both([line_of(charge, fee_fen=70)])
    row = run()
    assert (booked(), row.fees_fen, row.ours["fee"], row.theirs["fee"]) == (-70, 70, -70, -70)
    assert found(book="trade") == [("py_a", "fee")]
    assert not [words for words in ledger_proof() if "provider_fee" in words]


def test_nobody_else_works_on_a_day_meanwhile_and_a_dead_claim_ends():
    take_both([])
    Reconciliation.objects.create(day=DAY, busy_until=MORNING + timedelta(minutes=1))
    with pytest.raises(Refused, match="正在对账"):
        run()
    assert run(now=MORNING + timedelta(minutes=2)).status == "balanced"


def test_who_may_and_what_day():
    stranger = make_user()
    with pytest.raises(Forbidden):
        run(by=stranger)
    with pytest.raises(Forbidden):
        take_bill(content=b"", by=stranger)
    for action in (take_break, explain_break, resolve_break):
        with pytest.raises(Forbidden):
            action(row=Break(), by=stranger, **({} if action is take_break else {"reason": "x"}))
    with pytest.raises(Refused, match="已经过完"):
        reconcile_day(day=TOMORROW, now=MORNING)
    with pytest.raises(Refused, match="还没有过完"):
        take(trade_bill(TOMORROW, []))
    assert not Reconciliation.objects.exists()


def test_the_command_takes_files_and_says_what_it_found(tmp_path, capsys):
    charge = make_charge("a", 10_000, NOON)
    traded = [line_of(charge), Traded("stranger", 500, NOON)]
    trade, fund = tmp_path / "trade.zip", tmp_path / "fund.zip"
    trade.write_bytes(trade_bill(DAY, traded))
    fund.write_bytes(fund_bill(DAY, fund_lines(traded)))
    logging.disable(logging.ERROR)
    call_command("reconcile", day=DAY, file=[trade, fund])
    logging.disable(logging.NOTSET)
    said = capsys.readouterr().out
    for words in (
        "业务账单：已读 2 行",
        "付款：本地 100.00 元，支付宝 105.00 元",
        "本地没有 付款 stranger",
        "有差异",
        "相符 1",
    ):
        assert words in said
    assert UnknownReceipt.objects.get().amount_fen == 500
    trade.write_bytes(b"rubbish")
    with pytest.raises(CommandError, match="不是支付宝的账单压缩包"):
        call_command("reconcile", day=DAY, file=[trade])
    with pytest.raises(CommandError, match="读不到文件"):
        call_command("reconcile", day=DAY, file=[tmp_path / "none.zip"])
