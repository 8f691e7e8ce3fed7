"""Statements add up to the ledger, row by row, and no cell of a file is a formula."""

import csv
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from marketplace.core import clock
from payments.actions import create_refund, create_reversal, create_transfer, top_up_platform_funds
from payments.models import Balance, Transfer
from payments.queries import held_in, statement_of, statement_of_group
from payments.sandbox.store import SELLER, shift
from payments.statements import csv_lines, excel_file
from tests.factories.payments import make_paid_intent, make_party

pytestmark = pytest.mark.django_db
GROUP = "HT-2026-1"


@pytest.fixture
def staff(django_user_model):
    return django_user_model.objects.create_user(username="desk", password="not-a-secret-1", is_staff=True)


@pytest.fixture
def story(gateway, staff, settings):
    """Let a contract of two payments run through all that can happen to money; return its firm and its days."""
    settings.PAYMENTS_PLATFORM_FEE_BASIS_POINTS = 100
    firm, payer = make_party(role="intermediary"), make_party(role="buyer")
    days = [clock.now() + timedelta(days=number) for number in range(-6, 0)]
    same = {"payee": firm, "payer": payer, "transfer_group": GROUP}
    with gateway.sandbox.store.change():
        shift(gateway.sandbox.store, SELLER, 10_000)
    top_up_platform_funds(amount_fen=10_000, key="f", by=staff, note="x", now=days[0])
    first = make_paid_intent(gateway, amount_fen=100_000, description="=1+1 第 1 节点", **same)
    create_refund(intent=first, amount_fen=20_000, key="r1", now=days[1])
    create_transfer(intent=first, destination=firm, key="t1", now=days[1])
    create_refund(intent=first, amount_fen=5_000, key="r2", after_release=True, by=staff, now=days[2])
    second = make_paid_intent(gateway, amount_fen=50_000, description="第 2 节点", **same)
    type(firm).objects.filter(pk=firm.pk).update(alipay_account="nobody@example.invalid")
    firm.refresh_from_db()
    create_transfer(intent=second, destination=firm, amount_fen=40_000, key="t2", now=days[3])
    create_reversal(transfer=Transfer.objects.get(key="t2"), amount_fen=10_000, key="v", now=days[4])
    return firm, days


def what(rows):
    return [(str(row.what), row.in_fen, row.out_fen, row.balance_fen) for row in rows]


def test_of_a_firm(story):
    firm, _days = story
    rows = list(statement_of(organization=firm))
    assert what(rows) == [
        ("结算", 80_000, 0, 80_000),
        ("平台服务费", 0, 800, 79_200),
        ("支付宝付款", 0, 79_200, 0),
        ("平台垫付退款，待抵还", 0, 0, 0),
        ("结算", 40_000, 0, 40_000),
        ("平台服务费", 0, 400, 39_600),
        ("抵还垫付退款", 0, 5_000, 34_600),
        ("撤回结算", 0, 10_000, 24_600),
        ("退还平台服务费", 100, 0, 24_700),
        ("撤销抵还垫付退款", 1_250, 0, 25_950),
    ]
    assert [row.debt_fen for row in rows] == [0, 0, 0, 5_000, 0, 0, 0, 1_250, 1_250, 1_250]
    assert Balance.objects.get(account__kind="payable", account__owner=str(firm.pk)).amount_fen == 25_950
    assert {row.about for row in rows} == {"=1+1 第 1 节点", "第 2 节点"}
    assert {row.reference[:3] for row in rows} == {"tr_", "re_", "trr"}


def test_of_a_firm_between_two_days(story):
    firm, days = story
    rows = list(statement_of(organization=firm, since=days[3], until=days[4]))
    assert what(rows)[0] == ("期初余额", 0, 0, 0)
    assert rows[0].debt_fen == 5_000
    assert [row.balance_fen for row in rows[1:]] == [40_000, 39_600, 34_600]
    later = list(statement_of(organization=firm, since=days[4]))
    assert (later[0].balance_fen, later[0].debt_fen, later[-1].balance_fen) == (34_600, 0, 25_950)


def test_of_a_contract(story):
    rows = sorted(what(statement_of_group(transfer_group=GROUP)))
    assert [row[:3] for row in rows] == sorted(
        [
            ("付款", 100_000, 0),
            ("退款", 0, 20_000),
            ("结算", 0, 80_000),
            ("结算后退款，平台垫付", 5_000, 5_000),
            ("付款", 50_000, 0),
            ("结算", 0, 40_000),
            ("撤回结算", 10_000, 0),
        ]
    )
    last = list(statement_of_group(transfer_group=GROUP))[-1]
    assert last.balance_fen == held_in(transfer_group=GROUP) == 20_000
    assert list(statement_of_group(transfer_group="another")) == []


def test_a_file_that_a_spreadsheet_reads_and_does_not_run(story):
    firm, _days = story
    text = b"".join(csv_lines(statement_of(organization=firm), with_debt=True)).decode("utf-8-sig")
    table = list(csv.reader(StringIO(text)))
    assert table[0] == ["时间", "事项", "编号", "款项", "收入（元）", "支出（元）", "余额（元）", "待抵还（元）"]
    assert table[1][3:] == ["'=1+1 第 1 节点", "800.00", "", "800.00", "0.00"]
    assert not any(cell.startswith(("=", "+", "@", "\t", "\r")) for line in table for cell in line)


def test_a_workbook_with_numbers_and_no_formula(story):
    firm, _days = story
    content = excel_file(statement_of(organization=firm), title="结算/对账:单", with_debt=True)
    sheet = load_workbook(BytesIO(content)).active
    assert sheet.title == "结算对账单"
    cells = [list(line) for line in sheet.iter_rows()]
    assert [cell.value for cell in cells[1]][3:] == ["=1+1 第 1 节点", 800, None, 800, 0]
    assert {cell.data_type for line in cells for cell in line} == {"s", "n"}
    assert len(cells) == 11


def test_the_questions_do_not_grow_with_the_rows(story, django_assert_num_queries, gateway):
    firm, _days = story
    with django_assert_num_queries(6):
        list(statement_of(organization=firm))
    type(firm).objects.filter(pk=firm.pk).update(alipay_account="")
    for number in range(3):
        create_transfer(intent=make_paid_intent(gateway, payee=firm), destination=firm, key=f"more{number}")
    with django_assert_num_queries(6):
        assert len(list(statement_of(organization=firm))) > 15
