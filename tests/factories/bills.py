"""Bills in Alipay's layout: ZIP, GBK names without the flag, tabs behind long numbers, full-width brackets, a summary beside."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
SELLER = "2088000000000001"
TRADE = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,"
    "商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,"
    "卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
FUND = "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注"
TRADE_SUMMARY = (
    "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,商家优惠（元）,卡消费金额（元）,"
    "服务费（元）,分润（元）,实收净额（元）"
)
FUND_SUMMARY = "类型,收入笔数,收入金额（+元）,支出笔数,支出金额（-元）,总金额（元）"
WORDS = {"payment": "在线支付", "refund": "交易退款", "transfer": "转账", "fee": "收费", "other": "其它"}


@dataclass(frozen=True)
class Traded:
    """Be one line of the trade bill: a payment, or with `request_no` a refund. Amounts are fen and signed."""

    out_trade_no: str
    fen: int
    at: datetime
    request_no: str = ""
    trade_no: str = ""
    fee_fen: int | None = None
    word: str = ""
    subject: str = "水土保持方案编制 第 1 期"

    @property
    def number(self) -> str:
        return self.trade_no or trade_no_of(self.out_trade_no)

    @property
    def fee(self) -> int:
        return fee_of(abs(self.fen)) if self.fee_fen is None else self.fee_fen


@dataclass(frozen=True)
class Moved:
    """Be one line of the fund bill; `fen` is what the account gained."""

    out_trade_no: str
    fen: int
    at: datetime
    type: str = "payment"
    trade_no: str = ""
    word: str = ""
    other_number: str = ""


@dataclass
class Layout:
    """Say how a file differs from the usual one: for what must be read or refused."""

    half_width: bool = False
    account: str = SELLER + "0156"
    summary: bool = True
    summary_first: bool = False
    opening_fen: int = 1_000_000
    newest_first: bool = False
    extra: dict[str, str] = field(default_factory=dict)  # heading -> value, for columns that newer files add
    text: Any = None  # a function of the detail's text, to spoil it


def fee_of(fen: int, basis_points: int = 60) -> int:
    """Return 0.6 %, half up."""
    return (fen * basis_points + 5_000) // 10_000


def trade_no_of(out_trade_no: str) -> str:
    return f"2026112522001{zlib.crc32(out_trade_no.encode()):015d}"


def at(day: date, clock: str = "10:00:00") -> datetime:
    """Return a moment of China's day."""
    return datetime.combine(day, time.fromisoformat(clock), CHINA)


def yuan(fen: int) -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def trade_bill(day: date, lines: Iterable[Traded], layout: Layout | None = None) -> bytes:
    """Return the ZIP of a trade bill."""
    layout = layout or Layout()
    lines = list(lines)
    rows = [_trade_row(line) for line in lines]
    paid = [line for line in lines if not line.request_no]
    back = [line for line in lines if line.request_no]
    trailer = [
        f"#交易合计：{len(paid)}笔，商家实收共{yuan(sum(one.fen for one in paid))}元，商家优惠共0.00元",
        f"#退款合计：{len(back)}笔，商家实收退款共{yuan(sum(one.fen for one in back))}元，商家优惠退款共0.00元",
    ]
    total = sum(one.fen for one in lines)
    fees = sum(-one.fee if one.fen > 0 else one.fee for one in lines)
    sums = ["合计", "", str(len(paid)), str(len(back)), yuan(total), yuan(total), "0.00", "0.00", "0.00", yuan(fees), "0.00", yuan(total + fees)]  # fmt: skip
    return _pack(day, "业务", TRADE.split(","), rows, trailer, TRADE_SUMMARY, [sums], layout)


def _trade_row(line: Traded) -> list[str]:
    when = f"{line.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
    fee = -line.fee if line.fen > 0 else line.fee
    return [
        line.number + "\t", line.out_trade_no + "\t", line.word or ("退款" if line.request_no else "交易"), line.subject,
        when, when, "\t", "\t", "\t", "\t", "*测试(137****0001)\t", yuan(line.fen), yuan(line.fen), "0.00", "0.00", "0.00",
        "0.00", "0.00", "", "0.00\t", "0.00", line.request_no + "\t", yuan(fee), "0.00", "",
    ]  # fmt: skip


def fund_bill(day: date, lines: Iterable[Moved], layout: Layout | None = None) -> bytes:
    """Return the ZIP of a fund bill; the balance runs from the layout's opening."""
    layout = layout or Layout()
    lines = list(lines)
    balance, rows = layout.opening_fen, []
    headings = [*FUND.split(","), *layout.extra]
    for number, line in enumerate(lines, 1):
        balance += line.fen
        rows.append(
            [
                f"{day:%Y%m%d}{number:010d}\t", (line.trade_no or trade_no_of(line.out_trade_no)) + "\t",
                line.out_trade_no + "\t", "付款", f"{line.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}", "对方(137****0001)\t",
                yuan(max(line.fen, 0)), yuan(min(line.fen, 0)), yuan(balance), "支付宝", line.word or WORDS[line.type], "",
                *(value or line.other_number for value in layout.extra.values()),
            ]
        )  # fmt: skip
    income, expense = [one.fen for one in lines if one.fen >= 0], [one.fen for one in lines if one.fen < 0]
    trailer = [
        f"#支出合计：{len(expense)}笔，共{yuan(sum(expense))}元",
        f"#收入合计：{len(income)}笔，共{yuan(sum(income))}元",
    ]
    total = ["合计", str(len(income)), yuan(sum(income)), str(len(expense)), yuan(sum(expense)), yuan(sum(income) + sum(expense))]  # fmt: skip
    if layout.newest_first:
        rows.reverse()
    return _pack(day, "账务", headings, rows, trailer, FUND_SUMMARY, [total], layout)


def _pack(
    day: date,
    word: str,
    headings: list[str],
    rows: list[list[str]],
    trailer: list[str],
    summary_headings: str,
    sums: list[list[str]],
    layout: Layout,
) -> bytes:
    head = [
        f"#账号：[{layout.account}]",
        f"#起始日期：[{day:%Y年%m月%d日} 00:00:00]   终止日期：[{day + timedelta(days=1):%Y年%m月%d日} 00:00:00]",
        f"#-----------------------------------------{word}明细列表----------------------------------------",
    ]
    end = [f"#-----------------------------------------{word}明细列表结束------------------------------------"]
    when = [f"#导出时间：[{day + timedelta(days=1):%Y年%m月%d日} 09:00:00]"]
    detail = _text([f"#支付宝{word}明细查询", *head], headings, rows, [*end, *trailer, *when], layout)
    summary = _text([f"#支付宝{word}汇总查询", *head], summary_headings.split(","), sums, [*end, *when], layout)
    if layout.text is not None:
        detail = layout.text(detail)
    name = f"{SELLER}0156_{day:%Y%m%d}_{word}明细"
    members = [(f"{name}.csv", detail)]
    if layout.summary:
        members.insert(0 if layout.summary_first else 1, (f"{name}(汇总).csv", summary))
    return pack(members)


def _text(head: list[str], headings: list[str], rows: list[list[str]], tail: list[str], layout: Layout) -> str:
    out = io.StringIO()
    names = [name.replace("（", "(").replace("）", ")") for name in headings] if layout.half_width else headings
    for line in head:
        out.write(line + "\r\n")
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows(rows)
    for line in tail:
        out.write(line + "\r\n")
    return out.getvalue()


class GbkName(zipfile.ZipInfo):
    """Write a name as Alipay does: GBK, without the flag that would say UTF-8."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - zipfile's own name
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def pack(members: Iterable[tuple[str, str | bytes]]) -> bytes:
    """Return a ZIP of texts in GB18030 under GBK names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members:
            member = GbkName(name, date_time=(2026, 11, 26, 9, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, text if isinstance(text, bytes) else text.encode("gb18030"))
    return out.getvalue()


def fund_lines(traded: Iterable[Traded], moved: Iterable[Moved] = ()) -> list[Moved]:
    """Return the movements that trades make, fees as lines of their own, with others between, in the order of time."""
    found = list(moved)
    for line in traded:
        kind = "refund" if line.request_no else "payment"
        found.append(Moved(line.out_trade_no, line.fen, line.at, kind, line.number, other_number=line.request_no))
        if line.fee:
            back = line.fen < 0
            fee = line.fee if back else -line.fee
            found.append(Moved(line.out_trade_no, fee, line.at, "fee", line.number, word="退费" if back else "收费"))
    return sorted(found, key=lambda one: one.at)
