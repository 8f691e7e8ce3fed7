"""The bills of the local gateway: when they can be had, their layout, and that their figures are those of the accounts."""

import csv
import io
import zipfile
from datetime import date, datetime, timedelta

import pytest

from payments import gateways
from payments.alipay.answers import BillUrl, Rejected
from payments.alipay.client import CHINA, Undownloadable
from payments.sandbox.fees import fee_returned, service_fee
from payments.sandbox.store import OPENING_FEN, SELLER
from tests.payments.conftest import order
from tests.payments.test_sandbox import ask, code_of

DAY = date(2026, 11, 25)


def at(hour, minute=0, second=0, *, day=25):
    return datetime(2026, 11, day, hour, minute, second, tzinfo=CHINA)


def pay(gateway, number, fen, moment):
    gateway.now = moment
    gateway.pay(order(number, fen, time_expire=moment + timedelta(minutes=30)))


def fetch(kind, day=DAY):
    answer = gateways.alipay().bill_url(day=day, kind=kind)
    assert isinstance(answer, BillUrl)
    return gateways.alipay().download(answer.url)


def read(content):
    """Return the texts in a ZIP by their names, as whoever reads Alipay's archives has to."""
    with zipfile.ZipFile(io.BytesIO(content), metadata_encoding="gbk") as archive:
        return {name: archive.read(name).decode("gb18030") for name in archive.namelist()}


def rows_of(text):
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


@pytest.fixture
def traded(silent):
    """Give a gateway after a day with payments, refunds and a transfer, and neighbors on both sides of midnight."""
    alipay = gateways.alipay()
    pay(silent, "py_before", 100, at(23, 59, 59, day=24))
    pay(silent, "py_1", 12_345, at(0, 0, 0))
    pay(silent, "py_2", 3_200_000, at(9, 30))
    silent.now = at(10)
    assert alipay.refund(out_trade_no="py_1", out_request_no="re_1", amount_fen=2_345, reason="部分退").is_done
    silent.now = at(11)
    assert alipay.refund(out_trade_no="py_1", out_request_no="re_2", amount_fen=10_000, reason="全退").is_done
    silent.now = at(12)
    payee = {"title": "结算", "identity": "org1@firms.sandbox.invalid", "name": "样例测绘有限公司"}
    assert alipay.transfer(out_biz_no="tr_1", amount_fen=2_500_000, **payee).status == "SUCCESS"
    pay(silent, "py_last", 1, at(23, 59, 59))
    pay(silent, "py_after", 100, at(0, 0, 0, day=26))
    silent.now = at(9, day=26)
    return silent


def test_the_trade_bill_lists_payments_and_refunds_of_chinas_day(traded):
    files = read(fetch("trade"))
    stem = f"{SELLER}0156_20261125_业务明细"
    assert set(files) == {f"{stem}.csv", f"{stem}(汇总).csv"}
    detail = files[f"{stem}.csv"]
    lines = detail.split("\r\n")
    assert lines[:3] == [
        "#支付宝业务明细查询",
        f"#账号：[{SELLER}0156]",
        "#起始日期：[2026年11月25日 00:00:00]   终止日期：[2026年11月26日 00:00:00]",
    ]
    assert lines[3].strip("#-") == "业务明细列表"
    assert len(lines[4].split(",")) == 25
    assert lines[-4:] == [
        "#交易合计：3笔，商家实收共32123.46元，商家优惠共0.00元",
        "#退款合计：2笔，商家实收退款共-123.45元，商家优惠退款共0.00元",
        "#导出时间：[2026年11月26日 02:46:50]",
        "",
    ]
    names = (
        "商户订单号",
        "业务类型",
        "完成时间",
        "订单金额（元）",
        "商家实收（元）",
        "退款批次号/请求号",
        "服务费（元）",
    )
    listed = [tuple(row[name] for name in names) for row in rows_of(detail)]
    assert listed == [
        ("py_1\t", "交易", "2026-11-25 00:00:00", "123.45", "123.45", "", "-0.74"),
        ("py_2\t", "交易", "2026-11-25 09:30:00", "32000.00", "32000.00", "", "-192.00"),
        ("py_1\t", "退款", "2026-11-25 10:00:00", "-23.45", "-23.45", "re_1\t", "0.14"),
        ("py_1\t", "退款", "2026-11-25 11:00:00", "-100.00", "-100.00", "re_2\t", "0.60"),
        ("py_last\t", "交易", "2026-11-25 23:59:59", "0.01", "0.01", "", "0.00"),
    ]
    first = rows_of(detail)[0]
    assert first["支付宝交易号"].endswith("\t")
    assert first["对方账户"] == "*箱大额付款单位(ric***@sandbox.invalid)"
    (total,) = rows_of(files[f"{stem}(汇总).csv"])
    assert (total["门店编号"], total["交易订单总笔数"], total["退款订单总笔数"]) == ("合计", "3", "2")
    assert (total["商家实收（元）"], total["服务费（元）"], total["实收净额（元）"]) == (
        "32000.01",
        "-192.00",
        "31808.01",
    )


def test_the_fund_bill_lists_every_movement_with_the_balance_after_it(traded):
    files = read(fetch("signcustomer"))
    stem = f"{SELLER}0156_20261125_账务明细"
    detail = files[f"{stem}.csv"]
    assert detail.startswith("#支付宝账务明细查询\r\n")
    rows = rows_of(detail)
    assert [row["业务类型"] for row in rows] == [
        *("在线支付", "收费", "在线支付", "收费", "交易退款", "退费", "交易退款", "退费", "转账", "在线支付")
    ]
    balance = OPENING_FEN + 100 - service_fee(100)
    for row in rows:
        balance += round(100 * float(row["收入金额（+元）"])) + round(100 * float(row["支出金额（-元）"]))
        assert row["账户余额（元）"] == f"{balance / 100:.2f}"
    assert len({row["账务流水号"] for row in rows}) == len(rows)
    assert rows[8]["商户订单号"] == "tr_1\t"
    totals = {row["类型"]: row for row in rows_of(files[f"{stem}(汇总).csv"])}
    assert (totals["合计"]["收入笔数"], totals["合计"]["支出笔数"]) == ("5", "5")
    assert totals["转账"]["支出金额（-元）"] == "-25000.00"
    traded.now = at(9, day=27)
    after = rows_of(next(iter(read(fetch("signcustomer", date(2026, 11, 26))).values())))
    account = traded.sandbox.store.one("SELECT balance_fen FROM account WHERE user_id = ?", (SELLER,))
    assert after[-1]["账户余额（元）"] == f"{account['balance_fen'] / 100:.2f}"


def test_a_bill_downloaded_again_is_the_same_bytes_with_gbk_names(traded):
    content = fetch("trade")
    assert content == fetch("trade")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not any(entry.flag_bits & 0x800 for entry in archive.infolist())
    assert content.count(f"{SELLER}0156_20261125_业务明细.csv".encode("gbk")) == 2  # before the file and in the index


def test_a_bill_can_be_had_from_nine_the_next_morning_and_its_link_for_thirty_seconds(traded):
    alipay = gateways.alipay()
    for moment, day in ((at(8, 59, 59, day=26), 25), (at(23, day=26), 26), (at(23, day=26), 27)):
        traded.now = moment
        assert alipay.bill_url(day=date(2026, 11, day), kind="trade") == Rejected("BILL_NOT_EXIST", "账单不存在")
    traded.now = at(9, day=26)
    url = alipay.bill_url(day=DAY, kind="trade").url
    traded.now = at(9, 0, 30, day=26)
    assert alipay.download(url)
    traded.now = at(9, 0, 31, day=26)
    with pytest.raises(Undownloadable, match="403"):
        alipay.download(url)
    with pytest.raises(Undownloadable, match="403"):
        alipay.download(url + "x")


def test_a_day_without_movements_has_an_empty_bill_and_months_have_theirs(traded, merchant):
    assert rows_of(next(iter(read(fetch("trade", date(2026, 11, 1))).values()))) == []
    traded.now = datetime(2026, 12, 3, 8, 59, tzinfo=CHINA)
    method = "alipay.data.dataservice.bill.downloadurl.query"
    month = {"bill_type": "trade", "bill_date": "2026-11"}
    assert code_of(ask(traded, merchant, method=method, content=month)) == ("40004", "BILL_NOT_EXIST")
    traded.now += timedelta(minutes=1)
    answer = ask(traded, merchant, method=method, content=month)
    url = answer["alipay_data_dataservice_bill_downloadurl_query_response"]["bill_download_url"]
    files = read(gateways.alipay().download(url))
    assert len(rows_of(files[f"{SELLER}0156_202611_业务明细.csv"])) == 7


@pytest.mark.parametrize(
    "content",
    [
        {"bill_date": "2026-11-25"},
        {"bill_type": "merchant_act", "bill_date": "2026-11-25"},
        {"bill_type": "trade"},
        {"bill_type": "trade", "bill_date": "20261125"},
        {"bill_type": "trade", "bill_date": "2026-13"},
        {"bill_type": "trade", "bill_date": "2026-11-31"},
        {"bill_type": "trade", "bill_date": 20261125},
        {"bill_type": ["trade"], "bill_date": "9999-12-31"},
        {"bill_type": "trade", "bill_date": "9999-12-31"},
    ],
)
def test_a_wrong_question_for_a_bill_is_refused(silent, merchant, content):
    method = "alipay.data.dataservice.bill.downloadurl.query"
    assert code_of(ask(silent, merchant, method=method, content=content)) == ("40004", "INVAILID_ARGUMENTS")


def test_the_fee_rounds_half_up_and_a_full_refund_returns_all_of_it():
    assert [service_fee(fen) for fen in (1, 83, 84, 250, 10_000, 10**10)] == [0, 0, 1, 2, 60, 60_000_000]
    for total in (1, 84, 9_999, 12_345):
        parts = [total // 3, total // 3, total - 2 * (total // 3)]
        returned = [fee_returned(total, sum(parts[:n]), part) for n, part in enumerate(parts)]
        assert sum(returned) == service_fee(total)
        assert min(returned) >= 0
