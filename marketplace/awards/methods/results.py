"""What a selection gives: who stands where, at what price, and why, with every number that was used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .inputs import Case, Firm


@dataclass(frozen=True, slots=True)
class Place:
    """One firm in the ranking: rank from 1, label, 统一社会信用代码, what the contract would be worth in fen, and why it stands there.

    The reason of the first says what put it before the second; every other reason what put the firm behind the one before it.
    """

    rank: int
    firm: str
    code: str
    amount_fen: int
    reason: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unranked:
    """One firm that cannot be chosen, and why."""

    firm: str
    reason: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """The whole result: `code` says why the first is the first; every firm stands once, in `ranking` or in `unranked`."""

    method: str
    rules_version: int
    code: str
    facts: Mapping[str, Any]
    ranking: tuple[Place, ...]
    unranked: tuple[Unranked, ...]

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON keeps it: texts, integers, lists; exact fractions are "n/d"."""
        return {
            "method": self.method,
            "rules_version": self.rules_version,
            "code": self.code,
            "facts": dict(self.facts),
            "ranking": [
                {
                    "rank": place.rank,
                    "firm": place.firm,
                    "code": place.code,
                    "amount_fen": place.amount_fen,
                    "reason": place.reason,
                    "facts": dict(place.facts),
                }
                for place in self.ranking
            ],
            "unranked": [{"firm": row.firm, "reason": row.reason, "facts": dict(row.facts)} for row in self.unranked],
        }


@dataclass(frozen=True, slots=True)
class Out:
    """A firm that left the running, before it is written down."""

    firm: Firm
    reason: str
    amount_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A firm in its place, before it is written down."""

    firm: Firm
    amount_fen: int
    reason: str
    facts: Mapping[str, Any]


def result(
    method: str,
    rules: Mapping[str, Any],
    case: Case,
    *,
    standings: Sequence[Standing],
    out: Iterable[Out] = (),
    code: str,
    facts: Mapping[str, Any],
) -> Result:
    """Write the result down: ranks from 1, credit beside each firm, who left the running by amount and code."""
    gone = sorted(out, key=lambda row: (row.amount_fen is None, row.amount_fen or 0, row.firm.code))
    return Result(
        method=method,
        rules_version=int(rules.get("version", 0)),
        code=code,
        facts={"firms": len(case.firms), "ceiling_fen": case.ceiling_fen, "floor_fen": case.floor_fen, **facts},
        ranking=tuple(
            Place(
                rank=rank,
                firm=row.firm.label,
                code=row.firm.code,
                amount_fen=row.amount_fen,
                reason=row.reason,
                facts={"credit": row.firm.credit, **row.facts},
            )
            for rank, row in enumerate(standings, start=1)
        ),
        unranked=tuple(
            Unranked(
                firm=row.firm.label,
                reason=row.reason,
                facts={"credit": row.firm.credit} | ({} if row.amount_fen is None else {"amount_fen": row.amount_fen}),
            )
            for row in gone
        ),
    )


def exact(value: Fraction | int) -> str:
    """Return a number as the exact "n/d", in lowest terms."""
    fraction = Fraction(value)
    return f"{fraction.numerator}/{fraction.denominator}"
