"""Split an amount into whole fen by weights, without losing or inventing one."""

from __future__ import annotations

from collections.abc import Sequence

from payments.actions.fees import split_fen

SMALLEST_FEN = 10  # below this no provider pays out


def split(amount_fen: int, weights: Sequence[int]) -> list[int]:
    """Return one part in fen for each weight; the parts add up to `amount_fen` exactly.

    By the largest remainder (payments.actions.fees); a part below `SMALLEST_FEN` is filled up from the largest. Needs
    positive weights and at least `SMALLEST_FEN` for each part; raises ValueError otherwise.
    """
    if not weights or min(weights) <= 0 or amount_fen < SMALLEST_FEN * len(weights):
        raise ValueError(f"cannot split {amount_fen} fen by {list(weights)}")
    parts = split_fen(amount_fen, weights)
    while min(parts) < SMALLEST_FEN:
        parts[parts.index(max(parts))] -= 1
        parts[parts.index(min(parts))] += 1
    return parts
