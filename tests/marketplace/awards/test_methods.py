"""Each selection method by examples small enough to be followed by hand."""

import json
from fractions import Fraction

import pytest

from marketplace.awards import draw
from marketplace.awards.methods import METHODS, rank, short_list, tickets
from tests.marketplace.awards.cases import CEILING, NAMED, RULES, SEED, TENDER, make_firm, make_inputs, random_case


def run(method, *firms, seed=SEED, ceiling=CEILING, floor=None, pick=None, **rules):
    inputs = make_inputs(*firms, ceiling=ceiling, floor=floor, pick=pick)
    return rank(method, inputs, {**RULES[method], **rules}, seed)


def order(result):
    return [place.firm for place in result.ranking]


def reasons(result):
    return [place.reason for place in result.ranking]


def gone(result):
    return {row.firm: row.reason for row in result.unranked}


def drawn(numbers, purpose="tie", trust=None):
    pool = [{"code": make_firm(n)["code"], "tickets": (trust or {}).get(n, 1)} for n in numbers]
    labels = {make_firm(n)["code"]: f"{n}号" for n in numbers}
    return [labels[code] for code in draw.order(SEED, TENDER, pool, purpose)]


@pytest.mark.parametrize("method", NAMED)
def test_the_named_firm_gets_the_need_at_its_price(method):
    result = run(method, make_firm(1), seed=None)
    assert (order(result), result.code, result.ranking[0].amount_fen) == (["1号"], "named", CEILING)


def test_draw_follows_the_proof_and_the_rest_are_substitutes():
    result = run("draw", *(make_firm(number) for number in range(1, 8)))
    assert order(result) == drawn(range(1, 8), "draw")
    assert reasons(result) == ["drawn_first"] + ["drawn_later"] * 6
    assert {place.amount_fen for place in result.ranking} == {CEILING}


def test_draw_of_one():
    assert run("draw", make_firm(1)).code == "only_firm"


def test_auction_takes_the_lowest_and_of_equal_ones_the_earlier_whatever_the_ties_say():
    result = run(
        "live_auction",
        make_firm(1, 900, 500, sequence=4, credit=100),
        make_firm(2, 500, sequence=2000, credit=9000),
        make_firm(3, 700, sequence=3),
        make_firm(4),
        seed=None,
        ties=["credit", "draw"],
    )
    assert order(result) == ["1号", "2号", "3号"]
    assert reasons(result) == ["lowest_earlier", "same_later", "higher"]
    assert result.code == "lowest_earlier"
    assert gone(result) == {"4号": "no_offer"}
    assert result.ranking[0].facts == {"credit": 100, "sequence": 1004, "offers": 2, "is_low": False}
    assert result.facts["offers"] == 4


def test_auction_with_one_bidder_and_with_none():
    assert run("live_auction", make_firm(1, 600, 500), make_firm(2)).code == "only_offer"
    nobody = run("live_auction", make_firm(1), make_firm(2))
    assert (nobody.code, nobody.ranking) == ("no_offer", ())


def test_quotes_ask_credit_and_then_the_draw_but_never_who_was_earlier():
    firms = [make_firm(number, 500, credit=7000) for number in range(1, 5)]
    result = run("quotes", *firms, make_firm(5, 500, credit=7100), make_firm(6, 501, credit=10000))
    assert order(result) == ["5号", *drawn(range(1, 5)), "6号"]
    assert reasons(result) == ["lowest_by_credit", "equal_by_credit", *["equal_by_draw"] * 3, "higher"]


def test_the_draw_decides_also_when_the_rules_name_no_tie():
    result = run("quotes", make_firm(1, 500, credit=1), make_firm(2, 500, credit=2), ties=[])
    assert order(result) == drawn([1, 2])
    assert result.code == "lowest_by_draw"


def test_offers_outside_the_limits_cannot_be_chosen():
    result = run(
        "quotes", make_firm(1, 99), make_firm(2, 100), make_firm(3, 200), make_firm(4, 201), ceiling=200, floor=100
    )
    assert order(result) == ["2号", "3号"]
    assert gone(result) == {"1号": "below_floor", "4号": "above_ceiling"}


def test_floor_equals_ceiling():
    result = run("quotes", make_firm(1, 200), make_firm(2, 199), make_firm(3, 201), ceiling=200, floor=200)
    assert (order(result), result.code) == (["1号"], "only_offer")


def test_abnormally_low_is_marked_and_keeps_its_rank():
    result = run("quotes", make_firm(1, 100), make_firm(2, 290), make_firm(3, 300))  # mean 230, 60 %: 138
    assert [place.facts["is_low"] for place in result.ranking] == [True, False, False]
    exactly = run("quotes", make_firm(1, 60), make_firm(2, 140))  # mean 100: 60 is not below 60 %
    assert not exactly.ranking[0].facts["is_low"]
    off = run("quotes", make_firm(1, 100), make_firm(2, 290), make_firm(3, 300), low_offer_percent=0)
    assert not any(place.facts["is_low"] for place in off.ranking)


def test_best_price_up_to_five_offers_drops_none():
    result = run("best_price", *(make_firm(n, 100 * n) for n in range(1, 6)), factors_percent=[95])
    assert result.facts["mean_fen"] == "300/1"
    assert result.facts["reference_fen"] == 285
    assert order(result) == ["3号", "2号", "4号", "1号", "5号"]
    assert (result.code, result.unranked) == ("nearest", ())
    assert [place.facts["distance_fen"] for place in result.ranking] == ["15/1", "85/1", "115/1", "185/1", "215/1"]


def test_best_price_from_six_offers_drops_one_highest_and_one_lowest():
    result = run("best_price", *(make_firm(n, 100 * n) for n in range(1, 7)), factors_percent=[96])
    assert gone(result) == {"1号": "dropped_low", "6号": "dropped_high"}
    assert (result.facts["mean_fen"], result.facts["reference_fen"], result.facts["counted"]) == ("350/1", 336, 4)
    assert order(result) == ["3号", "4号", "2号", "5号"]


def test_best_price_rounds_half_a_fen_up():
    # (100 + 150) / 2 x 98 % = 122.5
    result = run("best_price", make_firm(1, 100), make_firm(2, 150), factors_percent=[98])
    assert result.facts["reference_fen"] == 123


def test_best_price_equally_near_from_both_sides_takes_the_lower():
    # (90 + 110 + 100) / 3 x 100 % = 100; 90 and 110 are both 10 away
    result = run("best_price", make_firm(1, 110), make_firm(2, 90), make_firm(3, 100), factors_percent=[100])
    assert order(result) == ["3号", "2号", "1号"]
    assert reasons(result)[2] == "equal_by_amount"


def test_best_price_draws_the_factor_from_the_seed_and_not_from_the_order_of_the_list():
    factors = [95, 96, 97, 98]
    expected = draw.pick(SEED, TENDER, "factor", factors)
    for listed in (factors, factors[::-1]):
        assert run("best_price", make_firm(1, 100), factors_percent=listed).facts["factor_percent"] == expected


def test_of_equal_highest_and_lowest_the_last_in_the_order_of_ties_is_dropped():
    firms = [make_firm(n, 500, credit=1000 * n) for n in range(1, 7)]
    result = run("best_price", *firms)
    assert gone(result) == {"1号": "dropped_high", "2号": "dropped_low"}
    assert order(result) == ["6号", "5号", "4号", "3号"]


def test_average_prefers_the_nearest_not_above_the_mean():
    # mean of four: 255; 250 is below by 5, 260 above by 5
    result = run("average", make_firm(1, 260), make_firm(2, 250), make_firm(3, 200), make_firm(4, 310))
    assert order(result) == ["2号", "3号", "1号", "4号"]
    assert reasons(result) == ["nearest_not_above", "farther", "above_mean", "above_mean"]


def test_average_with_the_mean_itself_offered():
    result = run("average", make_firm(1, 200), make_firm(2, 100), make_firm(3, 300))
    assert order(result)[0] == "1号"
    assert result.ranking[0].facts["distance_fen"] == "0/1"


def test_average_from_five_offers_on_drops_two_which_cannot_win():
    result = run("average", *(make_firm(n, amount) for n, amount in enumerate((1, 200, 301, 401, 9000), start=1)))
    assert gone(result) == {"1号": "dropped_low", "5号": "dropped_high"}
    assert Fraction(result.facts["mean_fen"]) == Fraction(902, 3)
    assert order(result) == ["2号", "3号", "4号"]


def test_credit_cuts_draws_and_lets_the_owner_pick():
    firms = [make_firm(n, credit=100 * n) for n in range(1, 13)]
    result = run("credit", *firms, long_list=10, short_list=3)
    expected = drawn(range(3, 13), "draw", {n: n for n in range(1, 13)})
    assert order(result) == expected[:3]
    assert reasons(result) == ["drawn_first", "drawn_later", "drawn_later"]
    assert gone(result) == {"1号": "cut_off", "2号": "cut_off"} | dict.fromkeys(expected[3:], "not_drawn")
    assert result.facts["short_list"] == expected[:3]
    assert short_list(make_inputs(*firms), RULES["credit"], SEED) == expected[:3]
    picked = run("credit", *firms, pick=expected[2])
    assert order(picked) == [expected[2], expected[0], expected[1]]
    assert reasons(picked) == ["picked", "drawn_first", "drawn_later"]
    assert [place.facts["drawn"] for place in picked.ranking] == [3, 1, 2]
    assert short_list(make_inputs(*firms, pick=expected[2]), RULES["credit"], SEED) == expected[:3]


def test_credit_order_is_the_proofs_order_without_those_cut_off():
    firms = [make_firm(n, credit=100 * n) for n in range(1, 13)]
    pool = [
        {"code": f["code"], "firm": f["firm"], "nonce": "", "tickets": tickets("credit", f["credit"])} for f in firms
    ]
    whole = draw.order(SEED, TENDER, pool)
    result = run("credit", *firms, short_list=12)
    assert [place.code for place in result.ranking] == [
        code for code in whole if code not in {firms[0]["code"], firms[1]["code"]}
    ]


@pytest.mark.parametrize(("credit", "expected"), [(0, 1), (99, 1), (199, 1), (200, 2), (8050, 80), (10000, 100)])
def test_tickets_are_whole_points_of_credit(credit, expected):
    assert tickets("credit", credit) == expected
    assert tickets("draw", credit) == 1


def test_merit_adds_price_and_the_owners_points():
    result = run(
        "merit",
        make_firm(1, 300, points={"plan": [5000], "team": [2000]}),
        make_firm(2, 200, points={"plan": [4000], "team": [1000]}),
    )
    assert order(result) == ["1号", "2号"]
    assert result.ranking[0].facts["points"] == {"plan": "50/1", "team": "20/1", "price": "20/1"}
    assert [place.facts["total"] for place in result.ranking] == ["90/1", "80/1"]
    assert result.code == "most_points"


def test_scored_takes_the_mean_of_three_and_drops_two_of_five():
    points = {"plan": [3000, 3000, 0], "team": [1500, 0, 0]}
    result = run("scored", make_firm(1, 300, credit=5000, points=points))
    assert result.ranking[0].facts["points"] == {"price": "40/1", "plan": "20/1", "team": "5/1", "credit": "15/2"}
    assert result.ranking[0].facts["total"] == "145/2"
    points = {"plan": [3000, 2000, 1000, 2100, 0], "team": [0, 0, 0, 0, 1500]}
    result = run("scored", make_firm(1, 300, credit=5000, points=points))
    assert result.ranking[0].facts["points"]["plan"] == "17/1"  # 20, 10 and 21 are left
    assert result.ranking[0].facts["points"]["team"] == "0/1"
    assert result.facts["scorers"] == 5


def test_equal_totals_go_to_the_lower_price_then_credit():
    alike = {"plan": [1000], "team": [1000]}
    more = {"plan": [2000], "team": [1000]}  # 10 points of plan are worth a price 1.5 times as high
    result = run(
        "merit",
        make_firm(1, 150, points=more),
        make_firm(2, 100, points=alike),
        make_firm(3, 150, points=more, credit=8100),
    )
    assert order(result) == ["2号", "3号", "1号"]
    assert reasons(result) == ["most_points_by_amount", "equal_by_amount", "equal_by_credit"]


@pytest.mark.parametrize("method", METHODS)
def test_a_result_is_exactly_what_json_keeps(method):
    import random

    for number in range(20):
        data = rank(method, *random_case(method, random.Random(number))).as_data()
        assert json.loads(json.dumps(data)) == data
        assert set(data) == {"method", "rules_version", "code", "facts", "ranking", "unranked"}
