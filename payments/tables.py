"""Rows as CSV that spreadsheets open as they are meant: UTF-8 with its mark, nothing that could run as a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Echo:
    """Take what the writer writes and hand it on."""

    def write(self, value: str) -> str:
        return value


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the file line by line; a text that begins like a formula gets an apostrophe, numbers stay as they are."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(head)
    for row in rows:
        yield writer.writerow([safe(cell) for cell in row])


def safe(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula."""
    if isinstance(cell, str) and cell.startswith(RISKY) and not cell.lstrip("-").replace(".", "", 1).isdigit():
        return f"'{cell}"
    return cell


def csv_answer(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """Return the file to download."""
    response = StreamingHttpResponse(csv_lines(head, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
