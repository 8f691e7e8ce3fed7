"""The detail of trades (业务明细): payments and refunds with their amounts and service fees, mapped by heading."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from . import cells
from .refusals import BillRefused
from .rows import Row, Sums
from .sheets import Sheet

TYPES = {"交易": "payment", "退款": "refund"}


def rows(sheet: Sheet, _sums: Sums) -> Iterator[Row]:
    """Yield the trades of a day. A payment is above zero, a refund below; a fee is taken as a magnitude, for samples differ."""
    trade_no, out_trade_no = sheet.required("支付宝交易号"), sheet.required("商户订单号")
    kind, done = sheet.required("业务类型"), sheet.required("完成时间")
    amount, received = sheet.required("订单金额(元)"), sheet.place("商家实收(元)")
    request, fee = sheet.place("退款批次号/请求号"), sheet.place("服务费(元)")
    day = sheet.day
    assert day is not None
    for row in sheet.rows():
        word = row[kind].strip()
        fen = sheet.read(row, amount, cells.fen)
        line = Row(
            number=sheet.number,
            serial="",
            trade_no=row[trade_no].strip()[:64],
            out_trade_no=row[out_trade_no].strip()[:64],
            type=TYPES.get(word, "other"),
            request_no="" if request is None else row[request].strip()[:64],
            amount_fen=fen,
            received_fen=fen if received is None else sheet.read(row, received, cells.fen),
            fee_fen=0 if fee is None else abs(sheet.read(row, fee, cells.fen)),
            balance_fen=None,
            at=sheet.read(row, done, cells.moment),
            status=word[:32],
        )
        if (line.type == "payment" and fen < 0) or (line.type == "refund" and fen > 0):
            raise BillRefused(
                _("付款应为正数，退款应为负数。"), file=sheet.file, row=sheet.number, column="订单金额（元）"
            )
        # A refund may carry the time of its trade, which lies before; it counts on the day of the bill all the same.
        if line.at.date() != day and not (line.type == "refund" and line.at.date() < day):
            raise BillRefused(_("不是账单日的交易。"), file=sheet.file, row=sheet.number, column="完成时间")
        yield line
