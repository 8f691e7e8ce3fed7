"""What a bill says about itself: the trailer of its detail and the sheet of its summary, both held against what was read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

from . import cells
from .refusals import BillRefused
from .rows import Sums
from .sheets import Sheet

_TRADE = re.compile(r"#+(交易|退款)合计：([\d,]+)笔，([^，\d-]*)(-?[\d,]+(?:\.\d+)?)元")
_FUND = re.compile(r"#+(收入|支出)合计：([\d,]+)笔，共([+-]?[\d,]+(?:\.\d+)?)元")
_TYPES = {"交易": "payment", "退款": "refund"}


class Claim(NamedTuple):
    """Be one figure that a bill states, and what was read."""

    what: str
    stated: int
    read: int


def trade_trailer(sheet: Sheet, sums: Sums) -> list[Claim]:
    """Return what the detail of trades states in its last lines."""
    claims = []
    for line in sheet.trailer:
        if found := _TRADE.match(line):
            word, count, phrase, amount = found.groups()
            kind = _TYPES[word]
            # "商家实收共" is what is the merchant's own; older files say "交易金额共", the whole amount.
            total = sums.received.get(kind, 0) if "实收" in phrase else sums.fen(kind)
            claims += [
                Claim(_("%(word)s笔数") % {"word": word}, int(count.replace(",", "")), sums.lines(kind)),
                Claim(_("%(word)s金额") % {"word": word}, abs(_stated(sheet, amount)), abs(total)),
            ]
    return claims


def fund_trailer(sheet: Sheet, sums: Sums) -> list[Claim]:
    """Return what the detail of movements states in its last lines."""
    claims = []
    for line in sheet.trailer:
        if found := _FUND.match(line):
            word, count, amount = found.groups()
            lines, total = sums.income if word == "收入" else sums.expense
            claims += [
                Claim(_("%(word)s笔数") % {"word": word}, int(count.replace(",", "")), lines),
                Claim(_("%(word)s金额") % {"word": word}, abs(_stated(sheet, amount)), total),
            ]
    return claims


def _stated(sheet: Sheet, amount: str) -> int:
    try:
        return cells.fen(amount)
    except ValueError as error:
        raise BillRefused(_("合计不是金额。"), file=sheet.file) from error


def trade_summary(sheet: Sheet, rows: list[list[str]], sums: Sums) -> list[Claim]:
    """Return what the summary of trades states, in its line 合计 or else in all its lines together."""
    wanted = (
        (_("交易笔数"), ("交易订单总笔数",), sums.lines("payment"), _number),
        (_("退款笔数"), ("退款订单总笔数",), sums.lines("refund"), _number),
        (_("订单金额"), ("订单金额(元)",), sums.fen("payment") + sums.fen("refund"), cells.fen),
        (_("商家实收"), ("商家实收(元)",), sum(sums.received.values()), cells.fen),
    )
    return [
        Claim(what, _column(sheet, rows, names, convert), read)
        for what, names, read, convert in wanted
        if sheet.place(*names) is not None
    ]


def fund_summary(sheet: Sheet, rows: list[list[str]], sums: Sums) -> list[Claim]:
    """Return what the summary of movements states."""
    wanted = (
        (_("收入笔数"), ("收入笔数",), sums.income[0], _number),
        (_("收入金额"), ("收入金额(+元)", "收入金额"), sums.income[1], cells.fen),
        (_("支出笔数"), ("支出笔数",), sums.expense[0], _number),
        (_("支出金额"), ("支出金额(-元)", "支出金额"), sums.expense[1], cells.fen),
    )
    return [
        Claim(what, abs(_column(sheet, rows, names, convert)), read)
        for what, names, read, convert in wanted
        if sheet.place(*names) is not None
    ]


def _number(text: str) -> int:
    return int(text.strip() or 0)


def _column(sheet: Sheet, rows: list[list[str]], names: tuple[str, ...], convert: Callable[[str], int]) -> int:
    place = sheet.required(*names)
    total = [row for row in rows if row[0].strip() == "合计"]
    return sum(sheet.read(row, place, convert) for row in total or rows)


def check(claims: Iterable[Claim], *, file: str) -> None:
    """Refuse a bill that does not say of itself what was read from it."""
    for claim in claims:
        if claim.stated != claim.read:
            words = _("账单自己的%(what)s是 %(stated)s，明细加起来是 %(read)s，文件不完整或被改动。")
            raise BillRefused(
                words % {"what": claim.what, "stated": claim.stated, "read": claim.read},
                file=file,
            )
