"""A statement as CSV: UTF-8 with its mark so that Excel reads Chinese, amounts in yuan, no cell a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from marketplace.core.money import to_yuan
from marketplace.tenders.feeds import harmless
from payments.queries import StatementRow

from .columns import amounts, headings, texts


def csv_lines(rows: Iterable[StatementRow], *, with_debt: bool = False) -> Iterator[bytes]:
    """Yield the file in pieces, a row each, as the rows are read: for a streaming answer, or joined."""
    yield b"\xef\xbb\xbf" + _line(headings(with_debt=with_debt))
    for row in rows:
        yuan = ["" if fen is None else to_yuan(fen) for fen in amounts(row, with_debt=with_debt)]
        yield _line([*(harmless(text) for text in texts(row)), *yuan])


def _line(cells: list[str]) -> bytes:
    buffer = StringIO(newline="")
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue().encode()
