"""What an auction was announced with: its mode, its direction, its step and its clock's rules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

HIGHEST_FEN = 10**15  # what a column and a sum of columns hold with ease


class Mode(StrEnum):
    """How firms see and answer each other."""

    OPEN = "open"
    RANK = "rank"
    TURNS = "turns"


class Direction(StrEnum):
    """Whether the best price is the lowest (services are bought) or the highest (rights are sold)."""

    DOWN = "down"
    UP = "up"


@dataclass(frozen=True, slots=True)
class Terms:
    """Hold an auction's terms. Amounts in fen; `ceiling_fen` is the start price, which a first bid may equal; `floor_fen` the lowest
    price that the owner takes, if there is one.
    """

    ceiling_fen: int
    step_fen: int
    window_seconds: int
    max_extensions: int
    mode: Mode = Mode.OPEN
    direction: Direction = Direction.DOWN
    leader_may_improve: bool = False
    confirm_drop_percent: int = 10
    floor_fen: int | None = None

    @property
    def sign(self) -> int:
        """Give 1 where lower is better and -1 where higher is: amounts times it compare alike."""
        return 1 if self.direction == Direction.DOWN else -1

    def is_better(self, amount: int, than: int | None) -> bool:
        """Tell whether an amount is better than another, or than nothing."""
        return than is None or self.sign * amount < self.sign * than

    def keeps(self, amount: int, limit: int) -> bool:
        """Tell whether an amount is as good as `limit`, or better."""
        return self.sign * amount <= self.sign * limit

    def next_legal(self, standing: int | None) -> int:
        """Return the least improvement over a standing amount that counts: the start price when there is none."""
        return self.ceiling_fen if standing is None else standing - self.sign * self.step_fen

    def is_unusual(self, amount: int, than: int | None) -> bool:
        """Tell whether an amount is so far from the price that it may be a slip (more than `confirm_drop_percent`)."""
        price = self.ceiling_fen if than is None else than
        return abs(price - amount) * 100 > price * self.confirm_drop_percent
