"""The score: bounds, monotony, shrink, decay."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from marketplace.reviews.scoring import (
    START,
    Deduction,
    Rating,
    add_months,
    counts_until,
    credit_score,
    level,
    owners_part,
    weight,
)

NOW = datetime(2026, 11, 24, tzinfo=UTC)
stars = st.integers(1, 5)
ratings = st.builds(
    Rating, stars, stars, stars, stars, stars, st.integers(0, 4000).map(lambda days: NOW - timedelta(days=days))
)


def five(star, days=0):
    return Rating(star, star, star, star, star, NOW - timedelta(days=days))


def test_every_firm_begins_at_80():
    assert credit_score([], NOW) == START == 8000


@given(st.lists(ratings, max_size=40))
def test_it_stays_between_0_and_100_and_forgets_the_order(some):
    score = credit_score(some, NOW)
    assert 0 <= score <= 10000
    assert score == credit_score(list(reversed(some)), NOW)


@given(st.lists(ratings, max_size=20))
def test_a_best_review_never_lowers_and_a_worst_never_raises(some):
    assert credit_score([*some, five(5)], NOW) >= credit_score(some, NOW)
    assert credit_score([*some, five(1)], NOW) <= credit_score(some, NOW)


def test_one_review_makes_no_100():
    assert owners_part([five(5)], NOW) == 8333
    assert credit_score([five(5)], NOW) == 8167
    assert credit_score([five(5)] * 200, NOW) < 9000
    assert credit_score([five(1)], NOW) == 7500


def test_a_review_weighs_half_after_a_year():
    assert weight(0) == 2 * weight(365) == 4 * weight(730)
    assert abs(credit_score([five(1, 3650)], NOW) - START) < abs(credit_score([five(1)], NOW) - START)


def test_the_other_parts_count_as_weighted():
    assert credit_score([], NOW, departments=10000, conduct=10000) == 9000
    assert credit_score([], NOW, departments=0, conduct=0) == 4000


def test_levels():
    assert [level(score) for score in (9000, 8999, 7500, 7499, 6000, 5999)] == ["A", "B", "B", "C", "C", "D"]


def test_penalties_of_the_last_twelve_months_are_subtracted_from_the_whole():
    young, old = Deduction(5, add_months(NOW, -11)), Deduction(7, add_months(NOW, -12))
    assert credit_score([], NOW, deductions=[young]) == 7500
    assert credit_score([], NOW, deductions=[young, young]) == 7000
    assert credit_score([], NOW, deductions=[old]) == 8000
    just = Deduction(7, add_months(NOW, -12) + timedelta(microseconds=1))
    assert credit_score([], NOW, deductions=[just]) == 7300
    assert credit_score([], NOW, deductions=[Deduction(90, NOW)]) == 0
    assert counts_until(old.at) == NOW


@given(st.lists(ratings, max_size=10), st.lists(st.integers(0, 30), max_size=6))
def test_a_penalty_never_raises_and_never_goes_below_nothing(some, points):
    lost = [Deduction(one, NOW) for one in points]
    score = credit_score(some, NOW, deductions=lost)
    assert 0 <= score <= credit_score(some, NOW)
    assert score == max(credit_score(some, NOW) - 100 * sum(points), 0)


def test_months_end_where_the_month_ends():
    assert add_months(datetime(2026, 11, 30, 8, tzinfo=UTC), 3) == datetime(2027, 2, 28, 8, tzinfo=UTC)
    assert add_months(datetime(2024, 2, 29, tzinfo=UTC), 12) == datetime(2025, 2, 28, tzinfo=UTC)
    assert add_months(datetime(2026, 1, 15, tzinfo=UTC), -1) == datetime(2025, 12, 15, tzinfo=UTC)
