"""The State Council's yearly list of holidays and make-up days, read from its own words or from a table."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from marketplace.core.refusals import Invalid

FIRST_YEAR, LAST_YEAR = 2000, 2099
LONGEST_REST = 15  # days in a row; the longest so far were 9, a longer one is a misreading
TEXT_MAX = 20_000  # characters; the notice itself has about 600
_DAY = re.compile(r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日")
_HEAD = re.compile(r"^\s*(?:[一二三四五六七八九十]+|\d+)?[、.\s]*([^\s、：:,，。]{2,12})[：:]")
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")
_WORK = ("1", "是", "上班", "工作日", "yes", "true")
_REST = ("0", "否", "放假", "休息", "休息日", "节假日", "no", "false")


@dataclass(frozen=True)
class Holiday:
    """Be what the list says of a day."""

    is_working: bool
    note: str = ""


def check_year(year: int) -> None:
    """Refuse with `day_out_of_reach` a year that nobody can mean."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        words = _("年份应在 %(first)d 到 %(last)d 之间。") % {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise Invalid("day_out_of_reach", words, field="year")


def read_holidays(text: str, year: int) -> dict[date, Holiday]:
    """Read a list: the notice's paragraphs ("一、元旦：1月1日至3日放假…1月4日上班。") or lines "日期,上班或放假,说明".

    Refuses, each naming the line: holidays_empty, holidays_long, holidays_line, holidays_day, holidays_twice.
    """
    check_year(year)
    if not text.strip():
        raise Invalid("holidays_empty", _("请粘贴国务院办公厅的放假通知，或上传名单。"), field="text")
    if len(text) > TEXT_MAX:
        raise Invalid(
            "holidays_long", _("名单太长，一年的放假通知不会超过 %(most)d 个字。") % {"most": TEXT_MAX}, field="text"
        )
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    is_table = all(re.match(r"^[\"']?(日期|date|\d{4}[-/]\d)", line, re.IGNORECASE) for _number, line in lines)
    found: dict[date, Holiday] = {}
    for number, day, said in _table(lines) if is_table else _notice(lines, year):
        if day in found and found[day] != said:
            words = _("第 %(line)d 行：%(day)s 出现了两次，说法不同。") % {"line": number, "day": day}
            raise Invalid("holidays_twice", words, field="text")
        found[day] = said
    if not found:
        words = _("没有读到任何日期。请粘贴通知里“一、元旦：……”这样的段落。")
        raise Invalid("holidays_line", words, field="text")
    return found


def _table(lines: list[tuple[int, str]]) -> Iterator[tuple[int, date, Holiday]]:
    for number, line in lines:
        cells = [cell.strip() for cell in next(csv.reader(io.StringIO(line)))]
        if cells[0].lower() in {"日期", "date"}:
            continue
        try:
            day = date(*map(int, re.split(r"[-/]", cells[0])))
        except (TypeError, ValueError) as wrong:
            words = _("第 %(line)d 行：“%(text)s”不是日期，请写成 2027-01-01。") % {
                "line": number,
                "text": cells[0][:20],
            }
            raise Invalid("holidays_day", words, field="text") from wrong
        kind = cells[1].lower() if len(cells) > 1 else ""
        if kind not in (*_WORK, *_REST):
            words = _("第 %(line)d 行：第二列请写“上班”或“放假”。") % {"line": number}
            raise Invalid("holidays_line", words, field="text")
        yield number, day, Holiday(kind in _WORK, cells[2][:80] if len(cells) > 2 else "")


def _notice(lines: list[tuple[int, str]], year: int) -> Iterator[tuple[int, date, Holiday]]:
    name = ""
    for number, line in lines:
        plain = _BRACKETS.sub("", unicodedata.normalize("NFKC", line))
        head = _HEAD.match(plain)
        if head:
            name = head.group(1)
            plain = plain[head.end() :]
        for sentence in re.split(r"[。;；]", plain):
            if "上班" in sentence:
                note = _("%(holiday)s调休上班") % {"holiday": name} if name else ""
                yield from ((number, day, Holiday(True, note)) for day in _days(sentence, year, number))
            elif "放假" in sentence or "休息" in sentence:
                yield from ((number, day, Holiday(False, name)) for day in _days(sentence, year, number))


def _days(sentence: str, year: int, line: int) -> Iterator[date]:
    """Yield the days that a sentence names: single ones and "从…至…"; a month goes on until another is named."""
    month, last, end = 0, None, 0
    for hit in _DAY.finditer(sentence):
        month = int(hit.group(2) or month)
        try:
            day = date(int(hit.group(1) or year), month, int(hit.group(3)))
        except ValueError as wrong:
            words = _("第 %(line)d 行：没有“%(text)s”这一天。") % {"line": line, "text": hit.group(0)}
            raise Invalid("holidays_day", words, field="text") from wrong
        between = sentence[end : hit.start()]
        if last is not None and re.fullmatch(r"\s*[至到—–~-]+\s*", between):
            if not 0 < (day - last).days < LONGEST_REST:
                words = _("第 %(line)d 行：从 %(since)s 到 %(until)s 不像一个假期，请核对。")
                raise Invalid("holidays_day", words % {"line": line, "since": last, "until": day}, field="text")
            yield from (last + timedelta(days=step) for step in range(1, (day - last).days + 1))
        else:
            yield day
        last, end = day, hit.end()
