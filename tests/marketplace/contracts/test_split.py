"""Money split by weights: no fen lost, none invented, nobody below what can be paid."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.contracts.split import SMALLEST_FEN, split

weights = st.lists(st.integers(1, 100), min_size=1, max_size=8)


@given(st.integers(80, 10**13), weights)
def test_the_parts_add_up(amount, parts):
    result = split(amount, parts)
    assert sum(result) == amount
    assert len(result) == len(parts)
    assert min(result) >= SMALLEST_FEN


@given(st.integers(10**6, 10**13), weights)
def test_each_part_is_the_exact_share_rounded_up_or_down(amount, parts):
    total = sum(parts)
    for part, weight in zip(split(amount, parts), parts, strict=True):
        assert abs(part * total - amount * weight) < total


@given(st.integers(10**4, 10**13), st.integers(1, 8), st.integers(1, 100))
def test_equal_weights_differ_by_a_fen_at_most(amount, count, weight):
    result = split(amount, [weight] * count)
    assert max(result) - min(result) <= 1
    assert result == sorted(result, reverse=True)


def test_examples():
    assert split(10_000, [40, 60]) == [4000, 6000]
    assert split(101, [50, 50]) == [51, 50]
    assert split(20, [1, 99]) == [10, 10]


@pytest.mark.parametrize(("amount", "parts"), [(100, []), (100, [0, 1]), (100, [-1, 2]), (19, [1, 1]), (0, [1])])
def test_what_cannot_be_split(amount, parts):
    with pytest.raises(ValueError, match="cannot split"):
        split(amount, parts)
