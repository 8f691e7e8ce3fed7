"""The one way in which a bill is refused: a sentence with the file, the row and the column."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from marketplace.core.refusals import Invalid


class BillRefused(Invalid):
    """Refuse a bill: what is wrong, and where. Nothing of it is used."""

    def __init__(self, problem: Any, *, file: str = "", row: int | None = None, column: str = "") -> None:
        place = ""
        if file:
            place = _("账单文件“%(file)s”") % {"file": file}
        if row is not None:
            place += _("第 %(row)s 行") % {"row": row}
        if column:
            place += _("“%(column)s”") % {"column": column}
        super().__init__("bill_refused", f"{place}：{problem}" if place else str(problem), field="file")
        self.file, self.row, self.column = file, row, column
