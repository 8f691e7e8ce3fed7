"""Read a bill: its ZIP opened, the detail found by its first line, its lines streamed, and all of it checked at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import IO

from django.utils.translation import gettext as _

from . import fund, summaries, trade
from .archive import open_archive
from .refusals import BillRefused
from .rows import Head, Row, Sums
from .sheets import Sheet

DETAILS = {"#支付宝业务明细查询": "trade", "#支付宝账务明细查询": "signcustomer"}
SUMMARIES = {"#支付宝业务汇总查询": "trade", "#支付宝账务汇总查询": "signcustomer"}
ROWS: dict[str, Callable[[Sheet, Sums], Iterator[Row]]] = {"trade": trade.rows, "signcustomer": fund.rows}
TRAILERS = {"trade": summaries.trade_trailer, "signcustomer": summaries.fund_trailer}
SUMMARY = {"trade": summaries.trade_summary, "signcustomer": summaries.fund_summary}
MAX_SUMMARY = 5_000  # lines: one for each shop or kind
ACCOUNT_TAIL = "0156"  # what Alipay writes behind the number of an account that trades


class Reading:
    """Hold a bill that is being read: `head` is known at once, `sums` is whole after the last line."""

    def __init__(self, detail: Sheet, summary: Sheet | None, head: Head) -> None:
        self.head = head
        self.sums = Sums()
        self._detail = detail
        self._summary = summary

    def rows(self) -> Iterator[Row]:
        """Yield every line once; afterwards the bill is held against its own totals. Raises BillRefused where it is wrong."""
        kind = self.head.kind
        for row in ROWS[kind](self._detail, self.sums):
            self.sums.add(row)
            yield row
        claims = TRAILERS[kind](self._detail, self.sums)
        summaries.check(claims, file=self._detail.file)
        if self._summary is None:
            if not claims:
                raise BillRefused(_("没有汇总，无法核对是否完整。"), file=self._detail.file)
            return
        stated = []
        for cells in self._summary.rows():
            stated.append(cells)
            if len(stated) > MAX_SUMMARY:
                raise BillRefused(_("汇总过长。"), file=self._summary.file)
        summaries.check(SUMMARY[kind](self._summary, stated, self.sums), file=self._summary.file)


@contextmanager
def open_bill(
    file: IO[bytes], *, account: str = "", day: date | None = None, kind: str | None = None
) -> Iterator[Reading]:
    """Open a bill of the merchant `account`; refuses another one's, another day's and another kind's, where these are given."""
    with open_archive(file) as archive:
        found = [Sheet(archive, member) for member in archive.infolist() if not member.is_dir()]
        details = [sheet for sheet in found if sheet.title in DETAILS]
        others = [sheet for sheet in found if sheet.title in SUMMARIES]
        if len(details) != 1 or len(others) > 1 or len(found) != len(details) + len(others):
            raise BillRefused(_("压缩包里应有一个明细文件和一个汇总文件（按第一行辨认）。"))
        detail, summary = details[0], others[0] if others else None
        if summary is not None and SUMMARIES[summary.title] != DETAILS[detail.title]:
            raise BillRefused(_("汇总和明细不是同一种账单。"), file=summary.file)
        yield Reading(detail, summary, _head(detail, summary, account=account, day=day, kind=kind))


def _head(detail: Sheet, summary: Sheet | None, *, account: str, day: date | None, kind: str | None) -> Head:
    found = DETAILS[detail.title]
    if kind and kind != found:
        raise BillRefused(_("这是另一种账单：%(title)s。") % {"title": detail.title.lstrip("#")}, file=detail.file)
    if detail.day is None:
        raise BillRefused(_("没有写明账单日。"), file=detail.file)
    if day and detail.day != day:
        raise BillRefused(_("这是 %(day)s 的账单。") % {"day": detail.day.isoformat()}, file=detail.file)
    if account and detail.account not in {account, account + ACCOUNT_TAIL}:
        raise BillRefused(
            _("账单属于账号 %(found)s，不是我方的 %(own)s。") % {"found": detail.account or "—", "own": account},
            file=detail.file,
        )
    for name in ("day", "account"):
        if summary is not None and getattr(summary, name) not in {getattr(detail, name), None, ""}:
            raise BillRefused(_("汇总和明细的账号或日期不同。"), file=summary.file)
    return Head(found, detail.day, detail.account)


__all__ = ["BillRefused", "Reading", "open_bill"]
