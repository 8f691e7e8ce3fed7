"""The methods agree with the formulas written a second time, on thousands of cases full of equal values."""

import random
from fractions import Fraction

import pytest

from marketplace.awards.methods import METHODS, rank, short_list
from tests.marketplace.awards.cases import random_case
from tests.marketplace.awards.naive import Naive

CASES = 2000


@pytest.mark.parametrize("method", METHODS)
def test_thousands_of_cases_agree(method):
    dice = random.Random(f"cases of {method}")
    unlike = 0
    for _case in range(CASES):
        inputs, rules, seed = random_case(method, dice)
        if method == "credit" and dice.random() < 0.5:
            inputs["pick"] = dice.choice(short_list(inputs, rules, seed))
        result = rank(method, inputs, rules, seed)
        ranked, gone, facts = Naive(inputs, rules, seed).answer(method)
        assert [place.firm for place in result.ranking] == ranked, (inputs, rules, seed)
        assert {row.firm: row.reason for row in result.unranked} == gone, (inputs, rules, seed)
        for name in facts.keys() & {"factor_percent", "reference_fen", "short_list"}:
            assert result.facts[name] == facts[name], (name, inputs, rules, seed)
        for place in result.ranking:
            if "totals" in facts:
                assert Fraction(place.facts["total"]) == Fraction(*facts["totals"][place.firm])
        unlike += len(ranked) > 1
    assert unlike > CASES // 3 or method in ("direct", "emergency")
