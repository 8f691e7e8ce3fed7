"""Spreadsheets of entry: read a list from Excel or CSV as rows of words, and write one whose words are never formulas."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import PurePath
from typing import Any
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from marketplace.core.files import MEGABYTE, check_upload
from marketplace.core.refusals import Invalid

MAX_BYTES = 10 * MEGABYTE
CELL = 500  # signs of a cell that are read


def read_table(
    file: Any, *, columns: Sequence[str], needed: Sequence[str], most: int
) -> list[tuple[int, dict[str, str]]]:
    """Return (row number, words by column) for each row that is not empty; the heading is row 1 and names the columns.

    Columns may stand in any order; others are ignored. Refuses at the field `file`: file_*, columns_missing,
    rows_missing, too_many_rows.
    """
    lines = _csv_lines(file) if PurePath(file.name).suffix.lower() == ".csv" else _excel_lines(file)
    heading = next(lines, [])
    places = {name: place for place, name in enumerate(heading) if name in columns}
    if missing := [name for name in needed if name not in places]:
        message = _("表格第一行缺少这些列：%(columns)s。请用本页的模板。") % {"columns": "、".join(missing)}
        raise Invalid("columns_missing", message, field="file")
    rows: list[tuple[int, dict[str, str]]] = []
    for number, line in enumerate(lines, start=2):
        values = {name: line[place] if place < len(line) else "" for name, place in places.items()}
        if not any(values.values()):
            continue
        if len(rows) >= most:
            message = _("一次最多 %(most)d 行，请分几个文件上传。") % {"most": most}
            raise Invalid("too_many_rows", message, field="file")
        rows.append((number, values))
    if not rows:
        raise Invalid("rows_missing", _("表格里没有内容，请从第二行起每行填写一家机构。"), field="file")
    return rows


def excel_file(heading: Sequence[str], rows: Iterable[Sequence[str]], *, title: str, widths: Sequence[int]) -> bytes:
    """Return a workbook of one sheet; every cell is text, so that codes keep their zeros and "=1+1" is a word."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title=title)
    sheet.freeze_panes = "A2"
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    for number, row in enumerate([heading, *rows]):
        cells = []
        for text in row:
            cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", text))
            cell.data_type = "s"
            if number == 0:
                cell.font = Font(bold=True)
            cells.append(cell)
        sheet.append(cells)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _excel_lines(file: Any) -> Iterator[list[str]]:
    check_upload(file, kinds=("xlsx",), max_bytes=MAX_BYTES)
    try:
        book = load_workbook(file, read_only=True, data_only=True)
        for line in book.worksheets[0].iter_rows(values_only=True):
            yield [_text(value) for value in line]
        book.close()
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        ParseError,
        KeyError,
        ValueError,
        TypeError,
        IndexError,
    ) as broken:
        raise _unreadable() from broken


def _csv_lines(file: Any) -> Iterator[list[str]]:
    if file.size > MAX_BYTES:
        message = _("文件有 %(size).1f MB，最多 %(limit)d MB。")
        limits = {"size": file.size / MEGABYTE, "limit": MAX_BYTES // MEGABYTE}
        raise Invalid("file_too_large", message % limits, field="file")
    file.seek(0)
    raw = file.read()
    for encoding in ("utf-8-sig", "gb18030"):  # as Excel on Chinese Windows saves it
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _unreadable()
    if "\0" in text:
        raise _unreadable()
    try:
        for line in csv.reader(io.StringIO(text, newline="")):
            yield [_text(value) for value in line]
    except csv.Error as broken:
        raise _unreadable() from broken


def _unreadable() -> Invalid:
    return Invalid("file_content", _("读不出这个表格，请用本页的模板另存为 xlsx 或 csv 再上传。"), field="file")


def _text(value: Any) -> str:
    """Return a cell as one types it: no "1.0" for 1, no time beside a day."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime):
        value = value.date()
    return value.isoformat() if isinstance(value, date) else " ".join(str(value).split())[:CELL]
