"""What a benchmark gives back: one row for each thing measured beside its reference."""

import re
from dataclasses import asdict, dataclass
from typing import Any

GOAL = re.compile(r"(ours|ratio) (<=|>=) ([\d.]+)")


@dataclass(kw_only=True)
class Row:
    """Hold one measurement; `reference` is measured in the same run, and `goal` reads "ratio >= 0.5" or "ours <= 50".

    `ratio` is ours / reference when it is not given. A row without a reference has its goal on `ours`.
    """

    name: str
    ours: float
    reference: float | None
    unit: str
    goal: str
    ratio: float | None = None

    def __post_init__(self) -> None:
        if self.ratio is None and self.reference:
            self.ratio = self.ours / self.reference
        if not GOAL.fullmatch(self.goal):
            raise ValueError(f"A goal reads 'ratio >= 0.5' or 'ours <= 50', not {self.goal!r}.")

    @property
    def is_met(self) -> bool:
        """Tell whether the goal is reached."""
        what, sign, limit = GOAL.fullmatch(self.goal).groups()  # type: ignore[union-attr]
        value = self.ours if what == "ours" else self.ratio
        if value is None:
            return False
        return value <= float(limit) if sign == "<=" else value >= float(limit)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "is_met": self.is_met}
