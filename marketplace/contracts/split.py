"""Split an amount into whole fen by weights, without losing or inventing one."""

from __future__ import annotations

from collections.abc import Sequence

SMALLEST_FEN = 10  # below this no provider pays out


def split(amount_fen: int, weights: Sequence[int]) -> list[int]:
    """Return one part in fen for each weight; the parts add up to `amount_fen` exactly.

    Largest remainder: every part is first rounded down, then the fen that are left go one each to the largest
    remainders, the earlier first. A part below `SMALLEST_FEN` is filled up from the largest. Needs positive weights
    and at least `SMALLEST_FEN` for each part; raises ValueError otherwise.
    """
    if not weights or min(weights) <= 0 or amount_fen < SMALLEST_FEN * len(weights):
        raise ValueError(f"cannot split {amount_fen} fen by {list(weights)}")
    total = sum(weights)
    parts = [amount_fen * weight // total for weight in weights]
    left = amount_fen - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(amount_fen * weights[place] % total), place))
    for place in by_remainder[:left]:
        parts[place] += 1
    while min(parts) < SMALLEST_FEN:
        parts[parts.index(max(parts))] -= 1
        parts[parts.index(min(parts))] += 1
    return parts
