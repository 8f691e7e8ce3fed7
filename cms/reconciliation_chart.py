"""The finance desk's chart, drawn on the server: money received per day by our books and by Alipay's bills, breaks marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from payments.models import Reconciliation

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 960, 240, 8, 24, 28
DAYS = 30


@dataclass(frozen=True)
class Bar:
    """Be one day: places and sizes in the drawing's units as text, and what they stand for."""

    day: date
    ours_fen: int
    theirs_fen: int
    breaks: int
    ours: tuple[str, str, str, str]  # x, y, width, height
    theirs: tuple[str, str, str, str]
    mark: str  # the points of the mark above a day with breaks, "" without
    middle: str
    label: str  # every fifth day has one
    pk: int


@dataclass(frozen=True)
class Chart:
    """Be the whole drawing."""

    bars: list[Bar]
    highest_fen: int
    view_box: str
    ground: str
    right: str


def chart(rows: Sequence[Reconciliation], breaks: Mapping[date, int]) -> Chart:
    """Draw the newest days, the oldest at the left; all bars share one scale, and no money is no bar."""
    days = sorted(rows, key=lambda row: row.day)[-DAYS:]
    highest = max([1, *(max(paid(row.ours), paid(row.theirs)) for row in days)])
    step = (WIDTH - 2 * LEFT) / max(len(days), 7)
    wide, ground = step * 0.36, HEIGHT - BOTTOM
    bars = []
    for number, row in enumerate(days):
        left = LEFT + number * step + step * 0.1
        middle = left + wide + step * 0.02
        ours, theirs = paid(row.ours), paid(row.theirs)
        count = breaks.get(row.day, 0)
        top = ground - max(ours, theirs) / highest * (ground - TOP)
        bars.append(
            Bar(
                day=row.day,
                ours_fen=ours,
                theirs_fen=theirs,
                breaks=count,
                ours=_box(left, ours, highest, wide, ground),
                theirs=_box(middle + step * 0.02, theirs, highest, wide, ground),
                mark=_mark(middle, top) if count else "",
                middle=f"{middle:.1f}",
                label=f"{row.day:%m-%d}" if (len(days) - 1 - number) % 5 == 0 else "",
                pk=row.pk,
            )
        )
    return Chart(bars, highest, f"0 0 {WIDTH} {HEIGHT}", str(ground), str(WIDTH - LEFT))


def paid(sums: Mapping[str, int]) -> int:
    """Return the fen received on a day."""
    return max(int(sums.get("payment", 0)), 0)


def _box(left: float, fen: int, highest: int, wide: float, ground: int) -> tuple[str, str, str, str]:
    height = fen / highest * (ground - TOP)
    return f"{left:.1f}", f"{ground - height:.1f}", f"{wide:.1f}", f"{height:.1f}"


def _mark(middle: float, top: float) -> str:
    """Return a triangle that stands on its point above the bars: a shape, so that it is not told by its colour alone."""
    return f"{middle - 6:.1f},{top - 16:.1f} {middle + 6:.1f},{top - 16:.1f} {middle:.1f},{top - 5:.1f}"
