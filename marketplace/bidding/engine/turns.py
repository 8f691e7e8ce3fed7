"""Turn-based bidding (rule R11): rounds in which each firm has one turn, the worst first, of equal ones the later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Turn:
    """Be the time in which one firm may bid: from `starts_at` on, before `ends_at`."""

    label: str
    starts_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Turn:
        """Read a turn as an event keeps it."""
        return cls(data["label"], datetime.fromisoformat(data["starts_at"]), datetime.fromisoformat(data["ends_at"]))

    def as_data(self) -> dict[str, str]:
        return {"label": self.label, "starts_at": self.starts_at.isoformat(), "ends_at": self.ends_at.isoformat()}


@dataclass(frozen=True, slots=True)
class Turns:
    """Hold how many rounds there are, how long a turn is, and how long the pause before each round."""

    rounds: int
    turn_seconds: int
    pause_seconds: int

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Turns:
        """Read the rules' setting."""
        return cls(int(data["rounds"]), int(data["turn_seconds"]), int(data["pause_seconds"]))

    def starts_at(self, number: int, first: datetime, firms: int) -> datetime:
        """Return when round `number` (1 …) begins in an auction that opened at `first` with so many firms."""
        before = self.pause_seconds * number + self.turn_seconds * firms * (number - 1)
        return first + timedelta(seconds=before)

    def ends_at(self, first: datetime, firms: int) -> datetime:
        """Return when the last round is over: known in advance, nothing moves it but a pause of the operator's."""
        return self.starts_at(self.rounds, first, firms) + timedelta(seconds=self.turn_seconds * firms)

    def round_at(self, now: datetime, first: datetime, firms: int) -> int:
        """Return the newest round that has begun by `now`, 0 before the first."""
        begun = [number for number in range(1, self.rounds + 1) if self.starts_at(number, first, firms) <= now]
        return begun[-1] if begun else 0

    def of_round(self, number: int, order: Sequence[str], first: datetime) -> list[Turn]:
        """Return the turns of a round in their order."""
        start, length = self.starts_at(number, first, len(order)), timedelta(seconds=self.turn_seconds)
        return [Turn(label, start + place * length, start + (place + 1) * length) for place, label in enumerate(order)]


def order_of_round(labels: Iterable[str], standings: Sequence[tuple[str, int]]) -> list[str]:
    """Return who bids after whom: firms without a bid first, last label first; then the worst bid first, of equal ones the later.

    `standings` are the standing bids, the best first, of equal ones the earlier: exactly the other way round.
    """
    placed = [label for label, _amount in standings]
    silent = sorted(set(labels) - set(placed), reverse=True)
    return [*silent, *reversed(placed)]


def whose_turn(turns: Iterable[Turn], now: datetime) -> str:
    """Return the firm whose turn it is, or nothing in a pause."""
    return next((turn.label for turn in turns if turn.starts_at <= now < turn.ends_at), "")
