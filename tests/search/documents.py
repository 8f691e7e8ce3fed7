"""Documents for the tests of search, put into the embedded index without rows behind them."""

from __future__ import annotations

from search.documents import Document, Kind
from search.embedded import Embedded


def tender(number: int, title: str, status: str = "open", **more: object) -> Document:
    """Make the document of a need in 月湖区."""
    shown = {
        "number": f"YT{number}",
        "buyer": "鹰潭市滨江建设",
        "region": "360602",
        "service": "",
    }
    plain = {
        "kind": Kind.TENDER,
        "id": number,
        "version": 1,
        "title": title,
        "body": "编制报告书，配合评审",
        "url": f"/tenders/YT{number}/",
        "regions": ("360602", "360600"),
        "status": status,
        "method": "live_auction",
        "money_fen": 12_345_600,
        "date": "2026-05-01T08:00:00+00:00",
        "shown": shown,
    }
    return Document(**{**plain, **more})  # type: ignore[arg-type]


def firm(number: int, name: str) -> Document:
    """Make the document of a firm in 月湖区."""
    return Document(
        Kind.FIRM, number, 1, name, "造价咨询", f"/firms/{number}/", ("360602",), credit=9150,
        date="2026-01-01T00:00:00+00:00", shown={"region": "360602", "services": "3"},
    )  # fmt: skip


def fill(*documents: Document) -> None:
    """Write documents."""
    Embedded().index(documents)
