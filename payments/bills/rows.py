"""A line of a bill as it is read, before it is kept, and the sums by which a bill is checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple


class Row(NamedTuple):
    """Be one line. `amount_fen` is what the merchant gained, `received_fen` what of it is the merchant's own after discounts."""

    number: int
    serial: str
    trade_no: str
    out_trade_no: str
    type: str
    request_no: str
    amount_fen: int
    received_fen: int
    fee_fen: int
    balance_fen: int | None
    at: datetime
    status: str


@dataclass
class Sums:
    """Count and add up what was read, per type of line and over all."""

    count: int = 0
    by_type: dict[str, list[int]] = field(default_factory=dict)  # type -> [lines, fen, fees in fen]
    received: dict[str, int] = field(default_factory=dict)  # type -> fen that are the merchant's own
    income: list[int] = field(default_factory=lambda: [0, 0])  # lines, fen
    expense: list[int] = field(default_factory=lambda: [0, 0])
    first_fen: int | None = None  # the account's balance before the day's first movement
    last_fen: int | None = None  # and after its last

    def add(self, row: Row) -> None:
        """Take a line in."""
        self.count += 1
        sums = self.by_type.setdefault(row.type, [0, 0, 0])
        sums[0] += 1
        sums[1] += row.amount_fen
        sums[2] += row.fee_fen
        self.received[row.type] = self.received.get(row.type, 0) + row.received_fen
        side = self.expense if row.amount_fen < 0 else self.income
        side[0] += 1
        side[1] += abs(row.amount_fen)

    def lines(self, type: str) -> int:  # noqa: A002 - the column's name
        return self.by_type.get(type, [0, 0, 0])[0]

    def fen(self, type: str) -> int:  # noqa: A002 - the column's name
        return self.by_type.get(type, [0, 0, 0])[1]

    def fees(self, type: str) -> int:  # noqa: A002 - the column's name
        return self.by_type.get(type, [0, 0, 0])[2]

    def as_data(self) -> dict[str, Any]:
        """Return the sums as a bill keeps them."""
        return {"by_type": self.by_type, "first_fen": self.first_fen, "last_fen": self.last_fen}


class Head(NamedTuple):
    """Say what a bill is before its lines are read."""

    kind: str
    day: date
    account: str
