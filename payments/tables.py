"""Rows as CSV that spreadsheets open as they are meant: UTF-8 with its mark, nothing that could run as a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from marketplace.tenders.feeds import harmless

from .queries import StatementRow
from .statements import csv_lines as statement_lines
from .statements import excel_file

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class _Echo:
    """Take what the writer writes and hand it on."""

    def write(self, value: str) -> str:
        return value


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the file line by line; a text that begins like a formula gets an apostrophe."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(head)
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])


def statement_file(
    kind: str, rows: Iterable[StatementRow], *, name: str, title: str, with_debt: bool
) -> HttpResponseBase | None:
    """Return a statement as a file to download, "csv" or "xlsx"; None for any other kind."""
    response: HttpResponseBase
    if kind == "csv":
        response = StreamingHttpResponse(
            statement_lines(rows, with_debt=with_debt), content_type="text/csv; charset=utf-8"
        )
    elif kind == "xlsx":
        response = HttpResponse(excel_file(rows, title=title, with_debt=with_debt), content_type=EXCEL)
    else:
        return None
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def csv_answer(name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> StreamingHttpResponse:
    """Return the file to download."""
    response = StreamingHttpResponse(csv_lines(head, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
