"""A statement as an Excel workbook: amounts are numbers in yuan, words are never formulas."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from payments.queries import StatementRow

from .columns import amounts, headings, texts

WIDTHS = (20, 24, 32, 40, 14, 14, 14, 14)


def excel_file(rows: Iterable[StatementRow], *, title: str, with_debt: bool = False) -> bytes:
    """Return the workbook, its rows written as they are read; `title` names the sheet."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title=_sheet_name(title))
    for column, width in enumerate(WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, name, bold=True) for name in headings(with_debt=with_debt)])
    for row in rows:
        yuan = [_amount(sheet, fen) for fen in amounts(row, with_debt=with_debt)]
        sheet.append([*(_cell(sheet, text) for text in texts(row)), *yuan])
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def _sheet_name(title: str) -> str:
    """Return a name that Excel takes: 31 signs at most, none of those that it uses itself."""
    plain = "".join(sign for sign in ILLEGAL_CHARACTERS_RE.sub("", title) if sign not in "\\/*?:[]'")
    return plain[:31] or "1"


def _cell(sheet: WriteOnlyWorksheet, text: str, *, bold: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", text))
    cell.data_type = "s"  # also "=1+1" is a word
    if bold:
        cell.font = Font(bold=True)
    return cell


def _amount(sheet: WriteOnlyWorksheet, fen: int | None) -> WriteOnlyCell | None:
    if fen is None:
        return None
    cell = WriteOnlyCell(sheet, value=Decimal(fen) / 100)
    cell.number_format = "#,##0.00"
    return cell
