"""Whole fen: the platform's fee of an amount, and an amount in parts, without losing or inventing one. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence


def fee_fen(amount_fen: int, basis_points: int) -> int:
    """Return the fee of an amount in fen, at hundredths of a percent, rounded half up, once; the rest is by subtraction."""
    if amount_fen < 0 or not 0 <= basis_points <= 10_000:
        raise ValueError(f"no fee of {basis_points} basis points on {amount_fen} fen")
    return (amount_fen * basis_points + 5_000) // 10_000


def split_fen(amount_fen: int, weights: Sequence[int]) -> list[int]:
    """Return one part in fen for each weight; the parts add up to `amount_fen` exactly.

    Largest remainder: every part is first rounded down, then the fen that are left go one each to the largest
    remainders, the earlier first. Needs weights of which none is negative and one is positive, and no negative amount;
    raises ValueError otherwise.
    """
    if amount_fen < 0 or not weights or min(weights) < 0 or not any(weights):
        raise ValueError(f"cannot split {amount_fen} fen by {list(weights)}")
    total = sum(weights)
    parts = [amount_fen * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(amount_fen * weights[place] % total), place))
    for place in by_remainder[: amount_fen - sum(parts)]:
        parts[place] += 1
    return parts
