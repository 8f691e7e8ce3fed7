"""Bills are read as Alipay writes them, in every variant seen, and refused whole with file, row and column when they are wrong."""

import io
import zipfile
from datetime import UTC, date, datetime

import pytest

from payments.bills import archive, cells
from payments.bills.reading import BillRefused, open_bill
from tests.factories.bills import (
    SELLER,
    Layout,
    Moved,
    Traded,
    at,
    fund_bill,
    fund_lines,
    pack,
    trade_bill,
)

DAY = date(2026, 11, 25)
TRADED = [
    Traded("py_1", 3_200_000, at(DAY, "00:00:00"), subject='测绘，含"复核", 第 1 期'),
    Traded("py_2", 1, at(DAY, "10:00:00")),
    Traded("py_1", -1_200_050, at(DAY, "23:59:59"), request_no="re_1"),
]


def read(content, **options):
    with open_bill(io.BytesIO(content), account=SELLER, day=DAY, **options) as reading:
        return list(reading.rows()), reading


def refusal(content, **options):
    with pytest.raises(BillRefused) as refused:
        read(content, **options)
    assert (refused.value.code, refused.value.status) == ("bill_refused", 422)
    return str(refused.value)


@pytest.mark.parametrize("layout", [Layout(), Layout(half_width=True, summary_first=True), Layout(summary=False)])
def test_a_trade_bill_is_read(layout):
    rows, reading = read(trade_bill(DAY, TRADED, layout), kind="trade")
    assert reading.head == ("trade", DAY, SELLER + "0156")
    first, _second, third = rows
    assert (first.out_trade_no, first.type, first.amount_fen, first.fee_fen) == ("py_1", "payment", 3_200_000, 19_200)
    assert first.trade_no == TRADED[0].number  # without the tab
    assert (third.type, third.request_no, third.amount_fen, third.fee_fen) == ("refund", "re_1", -1_200_050, 7_200)
    assert third.at == datetime(2026, 11, 25, 15, 59, 59, tzinfo=UTC)
    assert reading.sums.by_type == {"payment": [2, 3_200_001, 19_200], "refund": [1, -1_200_050, 7_200]}


@pytest.mark.parametrize(
    "layout",
    [
        Layout(),
        Layout(newest_first=True, half_width=True),
        Layout(extra={"业务订单号": "", "业务描述": "0010001|交易收款"}),
    ],
)
def test_a_fund_bill_is_read_with_its_balance_whichever_way_it_runs(layout):
    moved = [
        Moved("tr_1", -5_000, at(DAY, "12:00:00"), "transfer"),
        Moved("", -700, at(DAY, "13:00:00"), "other", word="提现"),
    ]
    rows, reading = read(fund_bill(DAY, fund_lines(TRADED, moved), layout))
    kinds = sorted(row.type for row in rows)
    assert kinds == ["fee", "fee", "other", "payment", "payment", "refund", "transfer"]
    assert reading.sums.first_fen == 1_000_000
    assert reading.sums.last_fen == 1_000_000 + sum(row.amount_fen for row in rows)
    refund = next(row for row in rows if row.type == "refund")
    assert refund.request_no == ("re_1" if layout.extra else "")


def test_a_day_without_movements_has_an_empty_bill():
    assert read(trade_bill(DAY, []))[0] == []
    assert read(fund_bill(DAY, []))[0] == []


def test_names_that_gbk_lacks_and_utf8_files_are_read():
    rows, _reading = read(trade_bill(DAY, [Traded("py_1", 100, at(DAY), subject="𠮷田 測量")]))
    assert len(rows) == 1
    with zipfile.ZipFile(io.BytesIO(trade_bill(DAY, TRADED)), metadata_encoding="gbk") as source:
        members = [(one.filename, source.read(one).decode("gb18030").encode("utf-8-sig")) for one in source.infolist()]
    assert len(read(pack(members))[0]) == 3


def spoiled(change, fund=False):
    layout = Layout(text=change)
    return fund_bill(DAY, fund_lines(TRADED), layout) if fund else trade_bill(DAY, TRADED, layout)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda text: text.replace("32000.00,32000.00", "32000.0x,32000.00"),
            ("第 6 行", "“订单金额(元)”", "32000.0x"),
        ),
        (lambda text: text.replace("32000.00,32000.00", "32000.001,32000.00"), ("第 6 行", "“订单金额(元)”")),
        (
            lambda text: text.replace("2026-11-25 10:00:00,2026-11-25 10:00:00", "x,昨天"),
            ("第 7 行", "“完成时间”", "昨天"),
        ),
        (
            lambda text: text.replace("2026-11-25 10:00:00", "2026-11-26 10:00:00"),
            ("第 7 行", "“完成时间", "不是账单日"),
        ),
        (lambda text: text.replace(",订单金额（元）", ",金额"), ("“订单金额(元)”", "缺少这一列")),
        (lambda text: text.replace("\t,退款,", "\t,退款,多,"), ("第 8 行", "应有 25 列，实有 26 列")),
        (lambda text: text.replace("32000.00,32000.00", "-32000.00,32000.00"), ("第 6 行", "付款应为正数")),
        (lambda text: text.replace("#交易合计：2笔", "#交易合计：3笔"), ("交易笔数是 3，明细加起来是 2",)),
        (lambda text: text.replace("商家实收共32000.01元", "商家实收共32000.02元"), ("交易金额",)),
        (lambda text: text + "py_9,1\r\n", ("列表结束之后还有内容",)),
        (lambda text: text.replace("#起始日期", "#日期"), ("没有写明账单日",)),
        (lambda text: text.replace("11月26日 00:00:00]", "12月25日 00:00:00]"), ("账单不是一天的",)),
        (
            lambda text: text.replace("11月25日 00:00:00]", "11月24日 00:00:00]").replace("11月26日", "11月25日"),
            ("2026-11-24 的账单",),
        ),
        (lambda text: text.replace("#支付宝业务明细查询", "#支付宝别的明细"), ("按第一行辨认",)),
        (lambda text: text.replace("测绘", "测" + "绘" * 20_000), ("超过 2 万字",)),
    ],
)
def test_a_spoiled_bill_is_refused_with_its_place(change, words):
    said = refusal(spoiled(change))
    assert any(word in said for word in words[-1:])
    if words[0].startswith("第 "):
        assert "业务明细.csv" in said
        assert all(word in said for word in words)


def test_the_summary_is_held_against_the_detail():
    lost = Layout(
        text=lambda text: "\r\n".join(one for one in text.split("\r\n") if "py_2" not in one and "合计" not in one)
    )
    said = refusal(trade_bill(DAY, TRADED, lost))
    assert "(汇总).csv" in said
    assert "交易笔数是 2，明细加起来是 1" in said
    torn = Layout(summary=False, text=lambda text: text[: text.index("#-----", 400)])
    assert "没有汇总" in refusal(trade_bill(DAY, TRADED, torn))


def test_a_missing_movement_is_seen_by_the_balance():
    cut = lambda text: "\r\n".join(one for one in text.split("\r\n") if "收费" not in one)  # noqa: E731
    said = refusal(spoiled(cut, fund=True))
    assert "第 7 行" in said
    assert "账户余额" in said
    assert "按上一行应为" in said
    trailer = lambda text: text.replace("#收入合计：3笔", "#收入合计：4笔")  # noqa: E731
    assert "收入笔数是 4，明细加起来是 3" in refusal(spoiled(trailer, fund=True))


def test_another_merchants_and_another_kinds_bill_are_refused():
    assert "账单属于账号 20889999999999990156" in refusal(
        trade_bill(DAY, TRADED, Layout(account="20889999999999990156"))
    )
    assert "另一种账单" in refusal(trade_bill(DAY, TRADED), kind="signcustomer")


def zipped(size, level=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", level) as file, file.open("a.csv", "w") as member:
        for _part in range(size // 2**20):
            member.write(b"0" * 2**20)
    return out.getvalue()


def test_bombs_and_rubbish_are_refused_before_they_are_unpacked(monkeypatch):
    assert "压缩比" in refusal(zipped(64 * 2**20))
    assert "不是支付宝的账单压缩包" in refusal(b"")
    assert "不是支付宝的账单压缩包" in refusal(b"PK\x03\x04 not a zip")
    assert "这里有 11 个" in refusal(pack((f"{number}.csv", "x") for number in range(11)))
    assert "没有找到表头" in refusal(pack([("a.csv", "#支付宝业务明细查询\r\n")]))
    assert "不是 GBK 编码" in refusal(pack([("a.csv", b"#\xff\xff\xff\r\n")]))
    content = bytearray(trade_bill(DAY, TRADED))
    content[120] ^= 0xFF
    assert "损坏" in refusal(bytes(content))
    monkeypatch.setattr(archive, "MAX_TEXT", 1_000)
    assert "不予展开" in refusal(trade_bill(DAY, TRADED))
    monkeypatch.setattr(archive, "MAX_ARCHIVE", 100)
    assert "超过 64 MB" in refusal(trade_bill(DAY, TRADED))


@pytest.mark.parametrize(
    ("text", "fen"), [("1,234.50", 123_450), ("-0.6", -60), ("+3", 300), ("", 0), ("0.10\t", 10), ("2.500", 250)]
)
def test_amounts(text, fen):
    assert cells.fen(text) == fen


@pytest.mark.parametrize("text", ["1.234", "１２", "1e5", "--1", "0x1", "1.2.3", "9" * 13, "NaN", "12.", "1 2"])
def test_what_is_no_amount(text):
    with pytest.raises(ValueError):  # noqa: PT011
        cells.fen(text)
