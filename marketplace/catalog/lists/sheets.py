"""Tables in files: read CSV and Excel that people upload, write CSV and Excel that spreadsheets open without running anything."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import PurePath
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from marketplace.core.files import MEGABYTE
from marketplace.core.refusals import Invalid

MAX_BYTES = 10 * MEGABYTE
MAX_UNPACKED, MAX_MEMBERS = 120 * MEGABYTE, 500
MAX_ROWS, MAX_COLUMNS, MAX_CELL = 20_000, 100, 5_000
RISKY = "=+-@\t\r"  # a cell that begins so is run as a formula by spreadsheets
_OLD_EXCEL, _ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"#!")
CHINESE = {"csv": "CSV", "xlsx": "Excel"}

Row = tuple[int, list[str]]


def check_sheet(file: Any, *, field: str = "file") -> str:
    """Return "csv" or "xlsx"; refuse in a sentence what is neither, too large, or not what its name says.

    Refuses: sheet_empty, sheet_too_large, sheet_old_excel, sheet_kind, sheet_content, sheet_bomb.
    """
    kind = PurePath(file.name).suffix.lower().lstrip(".")
    if file.size == 0:
        raise Invalid("sheet_empty", _("这个文件是空的，请重新选择。"), field=field)
    if file.size > MAX_BYTES:
        words = _("文件有 %(size).1f MB，最多 %(limit)d MB。") % {
            "size": file.size / MEGABYTE,
            "limit": MAX_BYTES // MEGABYTE,
        }
        raise Invalid("sheet_too_large", words, field=field)
    file.seek(0)
    head = file.read(8)
    file.seek(0)
    if kind == "xls" or head.startswith(_OLD_EXCEL):
        words = _("这是旧版 Excel（.xls）文件。请在 Excel 或 WPS 里另存为 .xlsx 再上传。")
        raise Invalid("sheet_old_excel", words, field=field)
    if kind not in CHINESE:
        raise Invalid("sheet_kind", _("请上传 .xlsx 或 .csv 文件。"), field=field)
    if head.startswith(_PROGRAMS) or head.startswith(_ZIP) != (kind == "xlsx"):
        words = _("文件内容不是 %(kind)s，请确认没有损坏或改过扩展名。") % {"kind": CHINESE[kind]}
        raise Invalid("sheet_content", words, field=field)
    if kind == "xlsx":
        _check_archive(file, field)
    return kind


def _check_archive(file: IO[bytes], field: str) -> None:
    """Refuse an archive that is no workbook, or that unpacks to far more than any list needs."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as broken:
        raise Invalid("sheet_content", _("这个 Excel 文件已损坏，打不开。"), field=field) from broken
    finally:
        file.seek(0)
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        words = _("这个 Excel 文件解开后大得不正常，不能处理。请只保留清单本身，另存后再上传。")
        raise Invalid("sheet_bomb", words, field=field)
    if "xl/workbook.xml" not in {member.filename for member in members}:
        raise Invalid("sheet_content", _("文件内容不是 Excel 表格，请确认没有改过扩展名。"), field=field)


def read_sheet(file: Any, *, field: str = "file") -> list[Row]:
    """Return the rows that have anything in them, each with its number as spreadsheets count (the first is 1).

    Of a workbook the first sheet. Refuses what `check_sheet` does, and sheet_encoding, sheet_rows, sheet_cell.
    """
    kind = check_sheet(file, field=field)
    rows = []
    for number, cells in _xlsx_rows(file, field) if kind == "xlsx" else _csv_rows(file, field):
        if number > MAX_ROWS + 1:
            words = _("清单超过 %(most)d 行，请分成几个文件。") % {"most": MAX_ROWS}
            raise Invalid("sheet_rows", words, field=field)
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        for place, cell in enumerate(cells):
            if len(cell) > MAX_CELL:
                words = _("第 %(row)d 行 %(column)s 列的文字超过 %(most)d 个字。")
                said = {"row": number, "column": get_column_letter(place + 1), "most": MAX_CELL}
                raise Invalid("sheet_cell", words % said, field=field)
        rows.append((number, cells))
    if not rows:
        raise Invalid("sheet_empty", _("这个文件里没有任何一行。"), field=field)
    return rows


def _xlsx_rows(file: IO[bytes], field: str) -> Iterator[Row]:
    try:
        book = load_workbook(file, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file claims to span is not to be believed
        found = sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS, values_only=True)
        for number, values in enumerate(found, 1):
            yield number, [_text(value) for value in values]
    except Invalid:
        raise
    except Exception as broken:  # openpyxl raises whatever its parsers do
        raise Invalid("sheet_content", _("这个 Excel 文件已损坏，打不开。"), field=field) from broken


def _csv_rows(file: IO[bytes], field: str) -> Iterator[Row]:
    content = file.read()
    for encoding in ("utf-8-sig", "gb18030"):  # what Excel and WPS save in China
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Invalid("sheet_encoding", _("认不出这个 CSV 文件的编码，请另存为 UTF-8 编码的 CSV。"), field=field)
    if "\0" in text:
        raise Invalid("sheet_content", _("文件内容不是 CSV，请确认没有损坏或改过扩展名。"), field=field)
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    try:
        for number, cells in enumerate(reader, 1):
            yield number, [_text(cell) for cell in cells[:MAX_COLUMNS]]
    except csv.Error as broken:
        words = _("CSV 文件第 %(line)d 行附近格式不对，多半是少了一个引号。") % {"line": reader.line_num}
        raise Invalid("sheet_content", words, field=field) from broken


def _text(value: Any) -> str:
    """Return a cell as people would type it, without the mark that keeps it from being a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    return text[1:] if text[:1] == "'" and text[1:2] in RISKY else text


def harmless(text: str) -> str:
    """Return a cell that no spreadsheet runs: one that begins like a formula gets an apostrophe before it."""
    return f"'{text}" if text[:1] and text[0] in RISKY else text


def write_sheet(kind: str, title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a table as the bytes of a "csv" (UTF-8 with the mark that Excel needs) or an "xlsx" file, cells harmless."""
    if kind == "csv":
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(headings)
        writer.writerows([harmless(cell) for cell in row] for row in rows)
        return text.getvalue().encode("utf-8-sig")
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for place in range(1, len(headings) + 1):
        sheet.column_dimensions[get_column_letter(place)].width = 18

    def cells(row: Sequence[str], *, bold: bool = False) -> list[Any]:
        made = []
        for text in row:
            cell = WriteOnlyCell(sheet, harmless(ILLEGAL_CHARACTERS_RE.sub("", text)))
            cell.data_type, cell.font = "s", Font(bold=bold)
            made.append(cell)
        return made

    sheet.append(cells(headings, bold=True))
    for row in rows:
        sheet.append(cells(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
