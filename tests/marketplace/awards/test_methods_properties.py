"""What holds for every method, whatever the inputs: nobody is lost, order means nothing, better is never worse."""

import copy
import random
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.awards.methods import METHODS, rank
from tests.marketplace.awards.cases import FIXED, NAMED, RULES, SEED, make_firm, make_inputs, random_case

quick = settings(max_examples=100)
methods = st.sampled_from(sorted(METHODS))
dice = st.integers(0, 2**32).map(random.Random)
amounts = st.integers(1, 12) | st.integers(1, 10**9)
FULL = {"plan": [1000], "team": [1000]}
JUDGED = {"plan": [1000, 2000, 0], "team": [0, 1000, 500]}
EXACT = ("live_auction", "quotes", "average", "merit", "scored")  # best_price rounds its reference to the fen


def bidders(prices, trust, method):
    points = {"merit": FULL, "scored": JUDGED}.get(method)
    return [
        make_firm(number, price, credit=credit, points=points)
        for number, (price, credit) in enumerate(zip(prices, trust, strict=False), start=1)
    ]


@quick
@given(methods, dice)
def test_the_order_of_the_inputs_means_nothing(method, dice):
    inputs, rules, seed = random_case(method, dice)
    shuffled = copy.deepcopy(inputs)
    dice.shuffle(shuffled["firms"])
    for firm in shuffled["firms"]:
        dice.shuffle(firm["offers"])
        firm["points"] = dict(dice.sample(sorted(firm["points"].items()), len(firm["points"])))
        for scores in firm["points"].values():
            dice.shuffle(scores)
    assert rank(method, shuffled, rules, seed).as_data() == rank(method, inputs, rules, seed).as_data()


@quick
@given(methods, dice)
def test_every_firm_stands_exactly_once(method, dice):
    inputs, rules, seed = random_case(method, dice)
    before = copy.deepcopy((inputs, rules))
    result = rank(method, inputs, rules, seed)
    assert (inputs, rules) == before
    labels = [place.firm for place in result.ranking] + [row.firm for row in result.unranked]
    assert sorted(labels) == sorted(firm["firm"] for firm in inputs["firms"])
    assert [place.rank for place in result.ranking] == list(range(1, len(result.ranking) + 1))
    codes = {firm["firm"]: firm["code"] for firm in inputs["firms"]}
    offers = {firm["firm"]: [offer["amount_fen"] for offer in firm["offers"]] for firm in inputs["firms"]}
    for place in result.ranking:
        assert place.code == codes[place.firm]
        assert (inputs["floor_fen"] or 1) <= place.amount_fen <= inputs["ceiling_fen"]
        if method in FIXED:
            assert place.amount_fen == inputs["ceiling_fen"]
        else:
            assert place.amount_fen in offers[place.firm]
    if result.ranking:
        assert result.code == result.ranking[0].reason
    else:
        assert result.code == "no_offer"


@quick
@given(methods, dice)
def test_reason_by_draw_only_where_all_else_is_equal(method, dice):
    inputs, rules, seed = random_case(method, dice)
    result = rank(method, inputs, rules, seed)
    for former, latter in zip(result.ranking, result.ranking[1:], strict=False):
        if latter.reason == "equal_by_draw" and "credit" in rules["ties"]:
            assert former.facts["credit"] == latter.facts["credit"]
        if latter.reason == "equal_by_credit":
            assert former.facts["credit"] > latter.facts["credit"]
        if latter.reason == "equal_by_amount":
            assert former.amount_fen < latter.amount_fen


@quick
@given(st.sampled_from(sorted(set(METHODS) - set(NAMED))), st.sampled_from([1, 2, 3, 5, 6]), st.integers(0, 10000))
def test_all_equal_is_decided_by_the_draw_alone(method, count, credit):
    firms = bidders([500] * count, [credit] * count, method)
    for firm in firms:
        firm["offers"] = [] if method in FIXED else firm["offers"]
    result = rank(method, make_inputs(*firms), RULES[method], SEED)
    if count == 1:
        assert result.code in ("only_offer", "only_firm")
    elif method in FIXED:
        assert result.code == "drawn_first"
    elif method == "live_auction":
        assert result.code == "lowest_earlier"
    elif len(result.ranking) > 1:
        assert result.code.endswith("_by_draw")


@quick
@given(
    st.sampled_from(["live_auction", "quotes"]),
    st.lists(amounts, min_size=2, max_size=8),
    st.data(),
)
def test_who_lowers_its_price_never_falls(method, prices, data):
    trust = data.draw(st.lists(st.integers(0, 10000), min_size=len(prices), max_size=len(prices)))
    who = data.draw(st.integers(0, len(prices) - 1))
    lower = data.draw(st.integers(1, prices[who]))
    assert place_of(who, method, [*prices[:who], lower, *prices[who + 1 :]], trust) <= place_of(
        who, method, prices, trust
    )


@quick
@given(st.lists(st.integers(0, 3000), min_size=2, max_size=6), st.data())
def test_who_gets_a_better_score_never_falls(scores, data):
    who = data.draw(st.integers(0, len(scores) - 1))
    better = data.draw(st.integers(scores[who], 5000))

    def place(values):
        firms = [make_firm(n, 500 + n, points={"plan": [v], "team": [0]}) for n, v in enumerate(values)]
        ranking = rank("merit", make_inputs(*firms), RULES["merit"], SEED).ranking
        return next(row.rank for row in ranking if row.firm == f"{who}号")

    assert place([*scores[:who], better, *scores[who + 1 :]]) <= place(scores)


@quick
@given(st.sampled_from(EXACT), st.lists(amounts, min_size=1, max_size=8), st.integers(1, 50))
def test_the_unit_of_money_means_nothing(method, prices, factor):
    trust = [5000] * len(prices)
    one, other = (
        rank(method, make_inputs(*bidders(values, trust, method), ceiling=10**12), RULES[method], SEED)
        for values in (prices, [price * factor for price in prices])
    )
    assert [place.firm for place in one.ranking] == [place.firm for place in other.ranking]
    assert [row.firm for row in one.unranked] == [row.firm for row in other.unranked]


@quick
@given(st.lists(amounts, min_size=1, max_size=9))
def test_the_first_by_average_is_not_above_the_mean_and_nobody_fits_between(prices):
    result = rank(
        "average",
        make_inputs(*bidders(prices, [5000] * len(prices), "average"), ceiling=10**12),
        RULES["average"],
        SEED,
    )
    mean = Fraction(result.facts["mean_fen"])
    first = result.ranking[0].amount_fen
    assert first <= mean
    assert not any(first < place.amount_fen <= mean for place in result.ranking)


def place_of(who, method, prices, trust):
    ranking = rank(method, make_inputs(*bidders(prices, trust, method), ceiling=10**12), RULES[method], SEED).ranking
    return next(place.rank for place in ranking if place.firm == f"{who + 1}号")
