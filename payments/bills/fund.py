"""The detail of movements (账务明细): every fen that came to or left the merchant's account, with the balance after each."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from marketplace.core.money import to_yuan

from . import cells
from .refusals import BillRefused
from .rows import Row, Sums
from .sheets import Sheet

# In this order: 退费 (a fee that returns) and 交易退款 contain the words of others.
WORDS = (
    (("退费", "收费", "服务费", "手续费"), "fee"),
    (("退款",), "refund"),
    (("转账",), "transfer"),
    (("支付", "付款", "收款", "交易"), "payment"),
)


def type_of(word: str, amount_fen: int) -> str:
    """Return the type of a movement by Alipay's word for it; one against the usual direction is of the type "other"."""
    found = next((kind for words, kind in WORDS if any(one in word for one in words)), "other")
    if (found == "payment" and amount_fen < 0) or (found in {"refund", "transfer"} and amount_fen > 0):
        return "other"
    return found


def rows(sheet: Sheet, sums: Sums) -> Iterator[Row]:
    """Yield the movements of a day and check the running balance from row to row.

    Files run from morning to evening or the other way round; either is taken, but one must hold for every pair of rows:
    so none is missing between the first and the last.
    """
    serial, at = sheet.required("账务流水号"), sheet.required("发生时间")
    income = sheet.required("收入金额(+元)", "收入金额(元)", "收入金额")
    expense = sheet.required("支出金额(-元)", "支出金额(元)", "支出金额")
    balance, kind = sheet.required("账户余额(元)", "账户余额"), sheet.required("业务类型")
    trade_no, out_trade_no = sheet.place("业务流水号"), sheet.required("商户订单号")
    request = sheet.place("退款批次号/请求号", "业务订单号")
    first: Row | None = None
    before: Row | None = None
    rises, falls = True, True
    for row in sheet.rows():
        fen = sheet.read(row, income, cells.fen) - abs(sheet.read(row, expense, cells.fen))
        word = row[kind].strip()
        type_ = type_of(word, fen)
        line = Row(
            number=sheet.number,
            serial=row[serial].strip()[:64],
            trade_no="" if trade_no is None else row[trade_no].strip()[:64],
            out_trade_no=row[out_trade_no].strip()[:64],
            type=type_,
            request_no=row[request].strip()[:64] if type_ == "refund" and request is not None else "",
            amount_fen=fen,
            received_fen=fen,
            fee_fen=0,
            balance_fen=sheet.read(row, balance, cells.fen),
            at=sheet.read(row, at, cells.moment),
            status=word[:32],
        )
        if line.at.date() != sheet.day:
            raise BillRefused(_("不是账单日的流水。"), file=sheet.file, row=sheet.number, column="发生时间")
        if before is not None:
            rises = rises and after(before) + fen == after(line)
            falls = falls and after(line) + before.amount_fen == after(before)
            if not (rises or falls):
                raise _torn(sheet, before, line)
        first = first or line
        before = line
        yield line
    if first is not None and before is not None:
        earliest, latest = (first, before) if rises else (before, first)
        sums.first_fen, sums.last_fen = after(earliest) - earliest.amount_fen, after(latest)


def after(row: Row) -> int:
    """Return the account's balance after a movement."""
    assert row.balance_fen is not None
    return row.balance_fen


def _torn(sheet: Sheet, before: Row, line: Row) -> BillRefused:
    words = _("余额与上一行不连续：按上一行应为 %(wanted)s 元，这里是 %(found)s 元，中间缺了流水。")
    figures = {"wanted": to_yuan(after(before) + line.amount_fen), "found": to_yuan(after(line))}
    return BillRefused(words % figures, file=sheet.file, row=sheet.number, column="账户余额（元）")
