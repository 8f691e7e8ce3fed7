"""The lowest price really is the lowest, whatever is offered."""

import json

from hypothesis import given
from hypothesis import strategies as st

from marketplace.awards.methods import Offer, lowest_bid

RULES = {"version": 3}


@st.composite
def auctions(draw):
    amounts = draw(st.lists(st.integers(1, 10**12) | st.integers(1, 3), max_size=30))
    firms = draw(st.lists(st.sampled_from("ABCDEF"), min_size=len(amounts), max_size=len(amounts)))
    return [Offer(firm, amount, place) for place, (firm, amount) in enumerate(zip(firms, amounts, strict=True), 1)]


@given(auctions(), st.randoms(use_true_random=False))
def test_the_first_has_the_lowest_price_and_nobody_equal_came_earlier(offers, random):
    shuffled = list(offers)
    random.shuffle(shuffled)
    ranking, explanation = lowest_bid(shuffled, RULES)
    assert [place.rank for place in ranking] == list(range(1, len({offer.firm for offer in offers}) + 1))
    assert explanation.offers == len(offers)
    if not offers:
        assert explanation.code == "no_offer"
        assert explanation.firm == ""
        return
    first = ranking[0]
    assert first.amount_fen == min(offer.amount_fen for offer in offers)
    assert first.sequence == min(offer.sequence for offer in offers if offer.amount_fen == first.amount_fen)
    assert Offer(first.firm, first.amount_fen, first.sequence) in offers
    order = [(place.amount_fen, place.sequence) for place in ranking]
    assert order == sorted(order)
    assert (explanation.firm, explanation.amount_fen) == (first.firm, first.amount_fen)
    for place in ranking:
        own = [offer for offer in offers if offer.firm == place.firm]
        assert place.offers == len(own)
        assert place.amount_fen == min(offer.amount_fen for offer in own)


@given(auctions())
def test_the_order_of_input_does_not_matter(offers):
    assert lowest_bid(offers, RULES) == lowest_bid(reversed(offers), RULES)


def test_equal_prices_go_to_the_earlier():
    ranking, explanation = lowest_bid([Offer("B", 500, 2), Offer("A", 500, 1), Offer("C", 600, 3)], RULES)
    assert [(place.firm, place.reason) for place in ranking] == [
        ("A", "lowest_earlier"),
        ("B", "same_later"),
        ("C", "higher"),
    ]
    assert explanation.code == "lowest_earlier"


def test_a_single_firm():
    ranking, explanation = lowest_bid([Offer("A", 500, 1), Offer("A", 400, 2)], RULES)
    assert (ranking[0].amount_fen, ranking[0].offers, explanation.code) == (400, 2, "only_offer")


def test_nobody():
    ranking, explanation = lowest_bid([], RULES, ["A", "B"])
    assert ranking == []
    assert [(place.rank, place.reason) for place in explanation.places] == [(0, "no_offer"), (0, "no_offer")]


def test_who_made_no_offer_stands_in_the_table_without_a_rank():
    _ranking, explanation = lowest_bid([Offer("A", 500, 1)], RULES, ["A", "B"])
    assert [(place.firm, place.rank) for place in explanation.places] == [("A", 1), ("B", 0)]
    assert (explanation.firms, explanation.rules_version) == (2, 3)


def test_the_explanation_is_kept_exactly_as_json():
    data = lowest_bid([Offer("A", 500, 1)], RULES)[1].as_data()
    assert json.loads(json.dumps(data)) == data
