"""Previews: what a file would change in a list, row by row, and everything wrong with it, with row and column in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from marketplace.core.refusals import Invalid

from .columns import Column, Wrong
from .listing import Listing, Parsed, digest
from .sheets import Row

NEW, CHANGED, SAME, WRONG = OUTCOMES = ("new", "changed", "same", "wrong")
HEAD_LINES = 3  # a title or a remark may stand above the headings
MOST_ERRORS_A_ROW = 12


@dataclass
class Plan:
    """Be what a file would do to a list: its rows by outcome, each as plain data, and those that would be written.

    A row is ``[number, outcome, code, name, changes, errors, notes]``: a change is ``[heading, old, new]``, an error
    ``[column, heading, sentence]``.
    """

    catalogue: str
    rows: list[list[Any]] = field(default_factory=list)
    parsed: list[Parsed] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Count the rows by outcome."""
        found = Counter(row[1] for row in self.rows)
        return {outcome: found[outcome] for outcome in OUTCOMES}


def plan(listing: Listing, sheet: Sequence[Row]) -> Plan:
    """Compare a file's rows with a list, in a handful of queries however many rows there are.

    Columns that the file leaves out stay as they are. Refuses: headings_missing, headings_unknown, headings_twice.
    """
    places, body = _headings(listing, sheet)
    old_rows = {row.code: row for row in listing.rows()}
    made = Plan(catalogue=digest(listing.table()))
    first_seen: dict[str, int] = {}
    for number, cells in body:
        row, errors = _read(listing, places, number, cells, old_rows)
        code = row.values.get("code", "")
        if code and code in first_seen:
            errors.append(("code", _("编码在第 %(row)d 行已经出现过。") % {"row": first_seen[code]}))
        first_seen.setdefault(code, number)
        if not errors:
            errors = listing.wrong(row)
        changes = [] if errors else _changes(listing, places, row)
        outcome = WRONG if errors else NEW if row.old is None else CHANGED if changes else SAME
        name = str(row.values.get("name") or (row.old.name if row.old is not None else ""))
        said = [[*_place(listing, places, key), words] for key, words in errors[:MOST_ERRORS_A_ROW]]
        made.rows.append([number, outcome, code, name, changes, said, row.notes])
        if outcome in {NEW, CHANGED}:
            made.parsed.append(row)
    return made


def _headings(listing: Listing, sheet: Sequence[Row]) -> tuple[list[Column | None], Sequence[Row]]:
    """Find the line of headings and return its columns by place (None for one that is empty), and the lines below."""
    known = {name: column for column in listing.columns for name in (column.heading, column.key)}
    code = listing.columns[0]
    for index, (_number, cells) in enumerate(sheet[:HEAD_LINES]):
        names = [cell.strip().removesuffix("*").strip() for cell in cells]
        if code.heading not in names and code.key not in names:
            continue
        unknown = [name for name in names if name and name not in known]
        if unknown:
            words = _("不认识的列：%(names)s。请用导出的清单作模板，列名不要改。") % {"names": "、".join(unknown[:8])}
            raise Invalid("headings_unknown", words, field="file")
        columns = [known.get(name) for name in names]
        keys = Counter(column.key for column in columns if column is not None)
        if twice := [column.heading for column in listing.columns if keys[column.key] > 1]:
            raise Invalid("headings_twice", _("有重复的列：%(names)s。") % {"names": "、".join(twice)}, field="file")
        return columns, sheet[index + 1 :]
    words = _("没有找到表头。第一行应是列名，其中要有“%(heading)s”。") % {"heading": code.heading}
    raise Invalid("headings_missing", words, field="file")


def _read(
    listing: Listing, places: list[Column | None], number: int, cells: list[str], old_rows: dict[str, Any]
) -> tuple[Parsed, list[tuple[str, str]]]:
    """Read a line's cells into values, and say what is wrong with which."""
    row, errors = Parsed(number, {}), []
    if any(cells[len(places) :]):
        errors.append(("code", _("这一行的内容比表头多，多半是错了一列。")))
    for place, column in enumerate(places):
        if column is None:
            continue
        cell = cells[place] if place < len(cells) else ""
        if column.is_required and not cell:
            errors.append((column.key, _("这一格必须填写。")))
            continue
        try:
            row.values[column.key] = column.read(cell)
        except Wrong as wrong:
            errors.append((column.key, str(wrong)))
    code = row.values.get("code", "")
    if code:
        row.values["code"], note = listing.known_code(code)
        row.notes += [note] if note else []
        row.old = old_rows.get(row.values["code"])
    if row.old is None:
        given = {column.key for column in places if column is not None}
        errors += [
            (column.key, _("新增的行必须有“%(heading)s”这一列。") % {"heading": column.heading})
            for column in listing.columns
            if column.is_required and column.key not in given
        ]
    return row, errors


def _changes(listing: Listing, places: list[Column | None], row: Parsed) -> list[list[str]]:
    """Return what would be other than now, in the words of the file; keep only that for a row that exists."""
    found, kept = [], {"code"}
    for column in places:
        if column is None or column.key == "code":
            continue
        new = row.values[column.key]
        old = column.value_of(row.old) if row.old is not None else None
        if row.old is not None and old == new:
            continue
        kept.add(column.key)
        shown = ["" if row.old is None else column.show(old), column.show(new)]
        if any(shown):
            found.append([column.heading, *shown])
    if row.old is not None:
        row.values = {key: value for key, value in row.values.items() if key in kept}
    return found


def _place(listing: Listing, places: list[Column | None], key: str) -> list[str]:
    """Return the letter and the heading of a column in the file; no letter for one that the file leaves out."""
    for place, column in enumerate(places):
        if column is not None and column.key == key:
            return [get_column_letter(place + 1), column.heading]
    return ["", next((column.heading for column in listing.columns if column.key == key), "")]


def error_rows(rows: Sequence[Sequence[Any]]) -> list[list[str]]:
    """Return every error as cells for a file: row, column, heading, code, what is wrong."""
    return [
        [str(number), letter, heading, code, words]
        for number, _outcome, code, _name, _changes, errors, _notes in rows
        for letter, heading, words in errors
    ]
