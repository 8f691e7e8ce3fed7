"""One CSV of a bill: what its preamble says, its rows as cells looked up by heading, what its trailer says."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import TypeVar

from django.utils.translation import gettext as _

from . import cells
from .archive import lines_of
from .refusals import BillRefused

T = TypeVar("T")
PREAMBLE = 20  # lines before the headings at most
_ACCOUNT = re.compile(r"账号：\[([^\]]+)\]")
_DAYS = re.compile(
    r"起始日期：\[(\d{4})年(\d{2})月(\d{2})日 00:00:00\]\s*终止日期：\[(\d{4})年(\d{2})月(\d{2})日 00:00:00\]"
)


class Sheet:
    """Read one CSV once, from top to bottom; `title`, `account` and `day` are known from the beginning, `trailer` at the end."""

    def __init__(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        self.file = member.filename
        self.title = self.account = ""
        self.day: date | None = None
        self.trailer: list[str] = []
        self.number = 0  # the line that was read last
        self._columns: dict[str, int] = {}
        self._rows = csv.reader(self._count(lines_of(archive, member)))
        self._headings: list[str] = []
        self._read_preamble()

    def _count(self, lines: Iterator[str]) -> Iterator[str]:
        for line in lines:
            self.number += 1
            yield line

    def _cells(self) -> Iterator[list[str]]:
        try:
            yield from self._rows
        except csv.Error as error:
            raise BillRefused(_("这一行不是完整的 CSV。"), file=self.file, row=self.number) from error

    def _read_preamble(self) -> None:
        for row in self._cells():
            first = row[0].strip() if row else ""
            if self.number == 1:
                self.title = first
            if account := _ACCOUNT.search(first):
                self.account = account[1]
            if days := _DAYS.search(first):
                self._set_day([int(part) for part in days.groups()])
            if first and not first.startswith("#"):
                self._headings = [cells.heading(cell) for cell in row]
                self._columns = {name: place for place, name in enumerate(self._headings) if name}
                return
            if self.number > PREAMBLE:
                break
        raise BillRefused(_("没有找到表头。"), file=self.file)

    def _set_day(self, parts: list[int]) -> None:
        try:
            begin, end = date(*parts[:3]), date(*parts[3:])
        except ValueError as error:
            raise BillRefused(_("起止日期不是日期。"), file=self.file, row=self.number) from error
        if end - begin != timedelta(days=1):
            raise BillRefused(_("账单不是一天的，只能按天对账。"), file=self.file, row=self.number)
        self.day = begin

    def place(self, *names: str) -> int | None:
        """Return where a column stands, by the first of its headings that is there."""
        return next((self._columns[name] for name in names if name in self._columns), None)

    def required(self, *names: str) -> int:
        """Return where a column stands; refuses a sheet without it."""
        place = self.place(*names)
        if place is None:
            raise BillRefused(_("缺少这一列。"), file=self.file, column=names[0])
        return place

    def rows(self) -> Iterator[list[str]]:
        """Yield the rows, each as long as the headings; what begins with # after them is the trailer."""
        width = len(self._headings)
        for row in self._cells():
            if not row or not any(row):
                continue
            if row[0].startswith("#"):
                self.trailer.append(row[0])
                continue
            if self.trailer:
                raise BillRefused(_("列表结束之后还有内容。"), file=self.file, row=self.number)
            if len(row) != width:
                figures = {"width": width, "found": len(row)}
                raise BillRefused(
                    _("应有 %(width)s 列，实有 %(found)s 列。") % figures, file=self.file, row=self.number
                )
            yield row

    def read(self, row: list[str], place: int | None, convert: Callable[[str], T]) -> T:
        """Return a cell's value; refuses what is none, with its place."""
        text = "" if place is None else row[place]
        try:
            return convert(text)
        except ValueError as error:
            problem = _("“%(text)s”不是可用的值。") % {"text": text.strip()[:40]}
            column = "" if place is None else self._headings[place]
            raise BillRefused(problem, file=self.file, row=self.number, column=column) from error
