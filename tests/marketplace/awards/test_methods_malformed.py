"""What cannot be ranked is refused with a stable code, never ranked somehow."""

import subprocess
import sys
from pathlib import Path

import pytest

from marketplace.awards import methods
from marketplace.awards.methods import METHODS, Malformed, rank
from tests.marketplace.awards.cases import CRITERIA, RULES, SEED, make_firm, make_inputs

SCORED = {"plan": [1000, 2000, 0], "team": [0, 1000, 500]}
OWNED = {"plan": [1000], "team": [1000]}


def code_of(method, *firms, seed=SEED, inputs=None, rules=None, **terms):
    with pytest.raises(Malformed) as refused:
        rank(
            method, {**make_inputs(*firms, **terms), **(inputs or {})}, {**RULES.get(method, {}), **(rules or {})}, seed
        )
    assert isinstance(refused.value, ValueError)
    assert str(refused.value).startswith(refused.value.code)
    return refused.value.code


def changed(criteria, **changes):
    return [{**criteria[0], **changes}, *criteria[1:]]


def test_unknown_method():
    assert code_of("lowest_bid", make_firm(1)) == "unknown_method"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("other", [{"firm": "1号"}, {"code": make_firm(1)["code"]}])
def test_a_firm_twice(method, other):
    assert code_of(method, make_firm(1), {**make_firm(2), **other}) == "duplicate_firm"


@pytest.mark.parametrize("method", ["direct", "emergency"])
@pytest.mark.parametrize("count", [0, 2])
def test_the_owner_names_one(method, count):
    assert code_of(method, *(make_firm(number) for number in range(count))) == "one_firm_only"


@pytest.mark.parametrize("method", ["direct", "emergency", "draw", "credit"])
def test_no_offers_at_a_fixed_price(method):
    assert code_of(method, make_firm(1, 500)) == "offer_not_expected"


@pytest.mark.parametrize("method", ["quotes", "best_price", "average", "merit", "scored"])
def test_two_sealed_offers(method):
    assert code_of(method, make_firm(1, 500, 400, points=OWNED)) == "offers_too_many"


def test_two_bids_in_one_place():
    assert code_of("live_auction", make_firm(1, 500, sequence=1), make_firm(2, 400, sequence=1)) == "sequence_repeated"


@pytest.mark.parametrize("amount", [0, -1, 1.5, "500", None, True])
def test_amounts(amount):
    assert code_of("quotes", make_firm(1, amount)) == "amount_invalid"
    assert code_of("draw", make_firm(1), inputs={"ceiling_fen": amount}) == "amount_invalid"


def test_floor_above_ceiling():
    assert code_of("quotes", make_firm(1, 5), floor=11, ceiling=10) == "amount_invalid"


@pytest.mark.parametrize("credit", [-1, 10001, 80.5, None, True])
def test_credit(credit):
    assert code_of("draw", make_firm(1, credit=credit)) == "credit_out_of_range"


@pytest.mark.parametrize("name", ["tender", "ceiling_fen", "floor_fen", "firms"])
def test_something_missing(name):
    inputs = make_inputs(make_firm(1))
    del inputs[name]
    with pytest.raises(Malformed, match="inputs_malformed"):
        rank("draw", inputs, RULES["draw"], SEED)


@pytest.mark.parametrize("name", ["firm", "code", "credit", "offers"])
def test_something_missing_of_a_firm(name):
    firm = make_firm(1)
    del firm[name]
    assert code_of("draw", firm) == "inputs_malformed"


@pytest.mark.parametrize(
    "inputs", [{"firms": None}, {"firms": [None]}, {"tender": 5}, {"tender": ""}, {"pick": ""}, {"pick": 3}]
)
def test_of_the_wrong_kind(inputs):
    assert code_of("credit", inputs=inputs) == "inputs_malformed"


@pytest.mark.parametrize("seed", [None, "", "ab", "z" * 64, SEED.upper(), SEED.encode()])
def test_chance_needs_a_seed(seed):
    assert code_of("draw", make_firm(1), make_firm(2), seed=seed) == "seed_missing"
    assert code_of("credit", make_firm(1), make_firm(2), seed=seed) == "seed_missing"
    assert code_of("best_price", make_firm(1, 5), seed=seed) == "seed_missing"
    assert code_of("quotes", make_firm(1, 5), make_firm(2, 5), seed=seed) == "seed_missing"


def test_without_equal_offers_no_seed_is_needed():
    assert rank("quotes", make_inputs(make_firm(1, 5), make_firm(2, 6)), RULES["quotes"]).code == "lowest"


def test_a_pick_from_the_short_list_only():
    firms = [make_firm(number) for number in range(1, 8)]
    out = next(iter(rank("credit", make_inputs(*firms), RULES["credit"], SEED).unranked)).firm
    assert code_of("credit", *firms, pick=out) == "pick_outside_short_list"
    assert code_of("credit", *firms, pick="99号") == "pick_outside_short_list"
    assert code_of("draw", *firms, pick="1号") == "pick_not_expected"


@pytest.mark.parametrize("scores", [[3001, 0, 0], [-1, 0, 0], [0, 0, 10.5], [True, 0, 0]])
def test_scores_out_of_range(scores):
    assert code_of("scored", make_firm(1, 500, points={**SCORED, "plan": scores})) == "score_out_of_range"


@pytest.mark.parametrize(("method", "points"), [("scored", SCORED), ("merit", OWNED)])
def test_scores_missing(method, points):
    assert code_of(method, make_firm(1, 500, points={**points, "plan": []})) == "missing_points"
    assert code_of(method, make_firm(1, 500)) == "missing_points"


def test_scores_of_who_made_no_offer_may_be_missing():
    result = rank("merit", make_inputs(make_firm(1, 500, points=OWNED), make_firm(2)), RULES["merit"], SEED)
    assert [row.firm for row in result.unranked] == ["2号"]


def test_scorers():
    two = {"plan": [0, 0], "team": [0, 0]}
    assert code_of("scored", make_firm(1, 500, points=two)) == "scorers_too_few"
    assert code_of("scored", make_firm(1, 500, points={**SCORED, "team": [0] * 4})) == "scorers_differ"
    other = make_firm(2, 500, points={"plan": [0] * 4, "team": [0] * 4})
    assert code_of("scored", make_firm(1, 500, points=SCORED), other) == "scorers_differ"
    assert code_of("merit", make_firm(1, 500, points={**OWNED, "plan": [0, 0]})) == "scorers_differ"


@pytest.mark.parametrize(
    ("criteria", "code"),
    [
        (None, "criteria_malformed"),
        ([], "criteria_malformed"),
        ([{"key": "price"}], "criteria_malformed"),
        ([5], "criteria_malformed"),
        (changed(CRITERIA, by="fame"), "criteria_malformed"),
        (changed(CRITERIA, key="plan"), "criteria_malformed"),
        (changed(CRITERIA, points=40.0), "criteria_malformed"),
        (changed(CRITERIA, points=41), "criteria_not_100"),
        (CRITERIA[:3], "criteria_not_100"),
    ],
)
def test_criteria(criteria, code):
    assert code_of("scored", make_firm(1, 500, points=SCORED), rules={"criteria": criteria}) == code


@pytest.mark.parametrize(
    ("method", "rules"),
    [
        ("best_price", {"factors_percent": []}),
        ("best_price", {"factors_percent": None}),
        ("best_price", {"factors_percent": [95.5]}),
        ("best_price", {"factors_percent": [0]}),
        ("best_price", {"drop_from": 2}),
        ("best_price", {"ties": ["speed"]}),
        ("average", {"drop_from": None}),
        ("average", {"low_offer_percent": -1}),
        ("quotes", {"ties": "credit"}),
    ],
)
def test_rules(method, rules):
    assert code_of(method, make_firm(1, 5), make_firm(2, 6), rules=rules) == "rules_malformed"


@pytest.mark.parametrize("rules", [{"long_list": 0}, {"short_list": 0}, {"long_list": "10"}])
def test_rules_of_the_lists(rules):
    assert code_of("credit", make_firm(1), rules=rules) == "rules_malformed"


def test_the_methods_run_without_django():
    root = Path(methods.__file__).parents[3]
    program = (
        f"import sys; sys.path.insert(0, {str(root)!r})\n"
        "from marketplace.awards.methods import rank\n"
        "from marketplace.awards import draw\n"
        "assert not [name for name in sys.modules if name.partition('.')[0] in ('django', 'wagtail')]\n"
    )
    subprocess.run([sys.executable, "-I", "-c", program], check=True, timeout=60)
