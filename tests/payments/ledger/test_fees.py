"""Whole fen: nothing lost, nothing invented, and no part further from its share than one fen."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.actions.fees import fee_fen, split_fen

AMOUNTS = st.integers(0, 10**10)


@pytest.mark.parametrize(
    ("amount", "points", "fee"),
    [(10_000, 60, 60), (83, 60, 0), (84, 60, 1), (0, 60, 0), (50, 100, 1), (49, 100, 0), (1, 10_000, 1), (7, 0, 0)],
)
def test_rounded_half_up(amount, points, fee):
    assert fee_fen(amount, points) == fee


@given(AMOUNTS, st.integers(0, 10_000))
def test_a_fee_is_the_nearest_fen(amount, points):
    exact = Fraction(amount * points, 10_000)
    assert 0 <= fee_fen(amount, points) <= amount
    assert exact - Fraction(1, 2) < fee_fen(amount, points) <= exact + Fraction(1, 2)


@given(AMOUNTS, st.lists(st.integers(0, 10**9), min_size=1, max_size=9).filter(any))
def test_parts_add_up_and_keep_their_shares(amount, weights):
    parts = split_fen(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(amount * weight, sum(weights))) < 1
        assert part == 0 or weight > 0
    if amount <= sum(weights):
        assert all(part <= weight for part, weight in zip(parts, weights, strict=True))


@pytest.mark.parametrize(("amount", "weights"), [(-1, [1]), (1, []), (1, [0]), (1, [2, -1])])
def test_what_cannot_be_split(amount, weights):
    with pytest.raises(ValueError, match="cannot split"):
        split_fen(amount, weights)


@pytest.mark.parametrize(("amount", "points"), [(-1, 1), (1, -1), (1, 10_001)])
def test_what_is_no_fee(amount, points):
    with pytest.raises(ValueError, match="no fee"):
        fee_fen(amount, points)
