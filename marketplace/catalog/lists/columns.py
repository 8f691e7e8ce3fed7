"""Columns of a list: how a cell is read into a value, refused in a sentence, and written back as words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from ..models import TimeUnit

YES, NO = ("是", "yes", "true", "1", "y"), ("否", "no", "false", "0", "n")
UNITS = {"工作日": TimeUnit.WORKING_DAY, "自然日": TimeUnit.DAY, "天": TimeUnit.DAY, "日": TimeUnit.DAY}
UNITS |= {"个月": TimeUnit.MONTH, "月": TimeUnit.MONTH, "年": TimeUnit.YEAR}
_LENGTH = re.compile(r"(\d{1,5})\s*个?\s*(工作日|自然日|个月|[天日月年])")
_DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日")

Read = Callable[[str], Any]
Show = Callable[[Any], str]


class Wrong(Exception):
    """Say in a sentence what is wrong with a cell."""


@dataclass(frozen=True)
class Column:
    """Be a column: its heading in files, the value's name, and how a cell becomes it and back.

    `key` is the attribute of the row or, where `of` is given, only a name for what `of(row)` returns.
    """

    heading: str
    key: str
    read: Read
    show: Show = str
    of: Callable[[Any], Any] | None = None
    is_required: bool = False

    def value_of(self, row: Any) -> Any:
        """Return the value that a row has now, comparable with what `read` returns."""
        return self.of(row) if self.of else getattr(row, self.key)


def text(heading: str, key: str, most: int, *, required: bool = False) -> Column:
    """Return a column of words, at most so many characters."""

    def read(cell: str) -> str:
        if len(cell) > most:
            raise Wrong(_("最多 %(most)d 个字，现有 %(count)d 个。") % {"most": most, "count": len(cell)})
        return cell

    return Column(heading, key, read, is_required=required)


def choice(heading: str, key: str, choices: Sequence[tuple[str, Any]], *, required: bool = False) -> Column:
    """Return a column of one of several words, in any of the site's languages, or of their codes; empty where nobody has said.

    Files carry the Chinese words; a refusal lists the words in the reader's language.
    """
    words = {str(value): label for value, label in choices}
    known = {value.casefold(): value for value in words}
    for language, _name in settings.LANGUAGES:
        with override(language):
            known |= {str(label).casefold(): value for value, label in words.items()}
    with override("zh-hans"):
        labels = {value: str(label) for value, label in words.items()}

    def read(cell: str) -> str:
        if not cell:
            return ""
        if (low := cell.casefold()) not in known:
            listed = _("、").join(str(label) for label in words.values())
            raise Wrong(_("请填写其中之一：%(words)s。") % {"words": listed})
        return known[low]

    return Column(heading, key, read, lambda value: labels.get(value, str(value)), is_required=required)


def yes_no(heading: str, key: str, *, unknown: bool = True) -> Column:
    """Return a column of 是 or 否; empty means that nobody has said, or with `unknown` False 否."""

    def read(cell: str) -> bool | None:
        low = cell.lower()
        if not low:
            return None if unknown else False
        if low not in (*YES, *NO):
            raise Wrong(_("请填写“是”或“否”，不知道就留空。") if unknown else _("请填写“是”或“否”。"))
        return low in YES

    return Column(heading, key, read, lambda value: "" if value is None else "是" if value else "否")


def number(heading: str, key: str, most: int = 32_767) -> Column:
    """Return a column of a whole number from 0, empty where nobody has said."""

    def read(cell: str) -> int | None:
        if not cell:
            return None
        if not (cell.isascii() and cell.isdigit() and int(cell) <= most):
            raise Wrong(_("请填写 0 到 %(most)d 的整数。") % {"most": most})
        return int(cell)

    return Column(heading, key, read, lambda value: "" if value is None else str(value))


def decimal(heading: str, key: str, most: float) -> Column:
    """Return a column of a number between -most and most, empty where nobody has said."""

    def read(cell: str) -> float | None:
        if not cell:
            return None
        if not re.fullmatch(r"-?\d{1,3}(\.\d{1,8})?", cell) or abs(float(cell)) > most:
            raise Wrong(_("请填写 -%(most)d 到 %(most)d 的数，例如 28.26。") % {"most": most})
        return float(cell)

    return Column(heading, key, read, lambda value: "" if value is None else f"{value:g}")


def day(heading: str, key: str) -> Column:
    """Return a column of a date as people type it, empty where nobody has said."""

    def read(cell: str) -> date | None:
        if not cell:
            return None
        for form in _DATE_FORMATS:
            try:
                return datetime.strptime(cell, form).date()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
        raise Wrong(_("“%(cell)s”不是日期，请写成 2026-11-27。") % {"cell": cell[:20]})

    return Column(heading, key, read, lambda value: value.isoformat() if value else "")


def length(heading: str, stem: str) -> Column:
    """Return a column of a length of time ("20 个工作日", "1 年"): the fields <stem>_count and <stem>_unit."""
    with override("zh-hans"):
        words = {unit: str(unit.label) for unit in TimeUnit}

    def read(cell: str) -> tuple[int, str] | None:
        if not cell:
            return None
        hit = _LENGTH.fullmatch(cell)
        if hit is None or int(hit.group(1)) > 32_767:
            raise Wrong(_("请写数字和单位，例如“20 个工作日”“15 天”“1 年”。"))
        return int(hit.group(1)), str(UNITS[hit.group(2)])

    def show(value: tuple[int, str] | None) -> str:
        if value is None:
            return ""
        unit = words[TimeUnit(value[1])]
        return (
            f"{value[0]} {unit}"
            if unit.startswith("个") or value[1] != TimeUnit.WORKING_DAY
            else f"{value[0]} 个{unit}"
        )

    def of(row: Any) -> tuple[int, str] | None:
        count = getattr(row, f"{stem}_count")
        return None if count is None else (count, str(getattr(row, f"{stem}_unit")))

    return Column(heading, stem, read, show, of)


def words_of(
    heading: str, key: str, known: Callable[[], Mapping[str, Any]], of: Callable[[Any], Any], what: Any
) -> Column:
    """Return a column of codes, parted by blanks or commas, that must be known; `what` says of which things they are."""

    def read(cell: str) -> tuple[str, ...]:
        codes = tuple(sorted(set(re.split(r"[\s,，、;；]+", cell)) - {""}))
        missing = [code for code in codes if code not in known()]
        if missing:
            raise Wrong(_("没有编码为“%(codes)s”的%(what)s。") % {"codes": "、".join(missing), "what": what})
        return codes

    return Column(heading, key, read, " ".join, of)


def lines(heading: str, key: str) -> Column:
    """Return a column of several words in order, parted by blanks or 、; kept as a list."""

    def read(cell: str) -> list[str]:
        found = [one for one in re.split(r"[\s,，、;；]+", cell) if one]
        if len(found) != len(set(found)):
            raise Wrong(_("有重复的内容。"))
        return found

    return Column(heading, key, read, "、".join)


def tree(heading: str, key: str, flaws: Callable[[Any], list[str]]) -> Column:
    """Return a column of a requirement tree as JSON; empty is no demand."""

    def read(cell: str) -> dict[str, Any]:
        try:
            value = json.loads(cell) if cell else {}
        except (ValueError, RecursionError) as broken:
            raise Wrong(_("不是合法的 JSON，请从导出的清单里复制一个例子来改。")) from broken
        if wrong := flaws(value):
            raise Wrong(" ".join(wrong))
        return dict(value)

    def show(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False) if value else ""

    return Column(heading, key, read, show)
