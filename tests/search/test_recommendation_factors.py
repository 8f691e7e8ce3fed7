"""The factors: pure, bounded, and the same for both sides."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from search.recommendation.factors import FirmFacts, NeedFacts, score, turn
from search.recommendation.weights import WEIGHTS

NEED = NeedFacts(7, ("S1", "S2"), "360602", "月湖区")
NEW = FirmFacts(1, credit=8000)
SEASONED = FirmFacts(
    2,
    done={"S1": 3, "S9": 40},
    done_in={("S1", "360602"): 2, ("S1", "360681"): 1},
    steps=7,
    steps_on_time=6,
    credit=9210,
)


def test_weights_make_a_hundred() -> None:
    assert WEIGHTS.experience + WEIGHTS.district + WEIGHTS.on_time + WEIGHTS.credit == 100


def test_a_new_firm_stands_in_the_middle_of_what_nobody_knows() -> None:
    found = score(NEW, NEED)
    assert dict(found.parts) == {"experience": 0, "district": 0, "on_time": 1250, "credit": 2000}
    assert found.points == 3250
    assert found.reasons == ("符合这项服务的要求", "信用 B 级，80.0 分")


def test_each_reason_is_said_with_its_number() -> None:
    found = score(SEASONED, NEED)
    assert dict(found.parts) == {"experience": 3500, "district": 1500, "on_time": 2500 * 14 // 18, "credit": 2302}
    assert found.reasons == (
        "符合这项服务的要求",
        "完成过 3 项这类服务",
        "其中 2 项在月湖区",
        "交付的 7 个节点中 6 个按时",
        "信用 A 级，92.1 分",
    )


def test_who_lacks_something_gets_no_points_and_the_sentence() -> None:
    found = score(replace(SEASONED, lacks="缺少：测绘资质"), NEED)
    assert (found.points, found.reasons) == (None, ("缺少：测绘资质",))


@pytest.mark.parametrize(
    "better",
    [
        replace(NEW, done={"S2": 1}),
        replace(NEW, done={"S1": 1}, done_in={("S1", "360602"): 1}),
        replace(NEW, steps=1, steps_on_time=1),
        replace(NEW, credit=8001 + 40),
    ],
)
def test_each_factor_helps(better: FirmFacts) -> None:
    assert score(better, NEED).points > score(NEW, NEED).points  # type: ignore[operator]


@pytest.mark.parametrize(
    "other",
    [
        replace(NEW, done={"S9": 100}, done_in={("S9", "360602"): 100}),
        replace(NEW, done={"S1": 0}),
        replace(NEW, firm=99),
    ],
)
def test_other_services_count_for_nothing(other: FirmFacts) -> None:
    assert score(other, NEED).points == score(NEW, NEED).points


def test_points_stay_within_bounds_and_late_steps_cost() -> None:
    most = FirmFacts(
        3, done={"S1": 10**6}, done_in={("S1", "360602"): 10**6}, steps=10**9, steps_on_time=10**9, credit=10000
    )
    assert 9990 <= (score(most, NEED).points or 0) <= 10000
    assert score(FirmFacts(4, steps=10**9), NEED).points == 0
    late = replace(NEW, steps=4, steps_on_time=0)
    assert score(late, NEED).points < score(NEW, NEED).points  # type: ignore[operator]


def test_equal_firms_take_turns() -> None:
    firms = range(1, 41)
    first = [min(firms, key=lambda firm: turn(need, firm)) for need in range(200)]
    assert len(set(first)) > 25
    assert max(first.count(firm) for firm in firms) < 20
    assert turn(1, 2) == turn(1, 2)


def test_nothing_that_was_paid_or_clicked_is_among_the_facts() -> None:
    known = {field.name for field in fields(FirmFacts)} | {field.name for field in fields(NeedFacts)}
    assert known == {
        "firm", "lacks", "done", "done_in", "steps", "steps_on_time", "credit",
        "need", "services", "district", "place",
    }  # fmt: skip
