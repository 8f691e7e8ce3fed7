"""A 证照标识 is checked as ISO 7064 MOD 37,36 promises, and what is wrong is said in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core.refusals import Invalid
from marketplace.licences.identifiers import ROOT, check_character, check_identifier, compose, type_of

SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
signs = st.text(SIGNS, min_size=6, max_size=18)
identifiers = st.builds(compose, signs, signs, signs, st.integers(1, 999))
KNOWN = compose("11100000000013338W011", "11360000MAXX00011E", "20230000403")


def refused(text):
    with pytest.raises(Invalid) as refusal:
        check_identifier(text)
    assert refusal.value.field == "identifier"
    assert str(refusal.value).endswith("。")
    return refusal.value.code


def test_the_standard_s_own_example():
    """ISO 7064 gives A12425GABC1234002 the character M (also in python-stdnum's documentation)."""
    assert check_character("A12425GABC1234002") == "M"


def test_an_identifier_is_taken_as_people_type_it():
    wide = KNOWN.replace(".", "．").replace("1", "１").lower()
    assert check_identifier(f"  {wide[:20]} {wide[20:]}\n") == KNOWN
    assert type_of(KNOWN) == "11100000000013338W011"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "identifier_missing"),
        ("  \u3000", "identifier_missing"),
        ("91360602MAXN00001R", "identifier_root"),
        (KNOWN.replace(".3005.", ".3006."), "identifier_root"),
        (KNOWN + "0" * 200, "identifier_root"),
        (KNOWN.rpartition(".")[0], "identifier_form"),
        (KNOWN + ".1", "identifier_form"),
        (KNOWN.replace("20230000403", "2023<script>"), "identifier_form"),
        (KNOWN.replace("20230000403", "20230000404"), "identifier_check"),
    ],
)
def test_each_fault_has_its_sentence(text, code):
    assert refused(text) == code


@given(identifiers)
def test_what_is_composed_is_right(identifier):
    assert check_identifier(identifier) == identifier


@given(identifiers, st.data())
def test_every_single_wrong_sign_is_found(identifier, data):
    places = [place for place in range(len(ROOT) + 1, len(identifier)) if identifier[place] != "."]
    place = data.draw(st.sampled_from(places))
    wrong = data.draw(st.sampled_from(SIGNS.replace(identifier[place], "")))
    assert refused(identifier[:place] + wrong + identifier[place + 1 :]) in {"identifier_check", "identifier_form"}


@given(identifiers, st.data())
def test_neighbours_that_change_places_are_found_unless_they_follow_each_other(identifier, data):
    """The standard finds all transpositions but a few: see the next test for which, and how few."""
    pairs = [
        place
        for place in range(len(ROOT) + 1, len(identifier) - 1)
        if "." not in identifier[place : place + 2] and _distance(identifier[place], identifier[place + 1]) > 1
    ]
    if pairs:
        place = data.draw(st.sampled_from(pairs))
        swapped = identifier[:place] + identifier[place + 1] + identifier[place] + identifier[place + 2 :]
        assert refused(swapped) in {"identifier_check", "identifier_form"}


def test_of_all_transpositions_one_in_630_escapes():
    """Try every pair of signs in every state that the sum may have: only neighbours in the alphabet escape, in one state of 36."""
    states = {check_character(prefix): prefix for prefix in (a + b for a in SIGNS for b in SIGNS)}
    assert len(states) == 36
    escaped = [
        (one, other)
        for prefix in states.values()
        for one in SIGNS
        for other in SIGNS
        if one != other and check_character(prefix, one, other) == check_character(prefix, other, one)
    ]
    assert len(escaped) == 72
    assert len(escaped) / (36 * 36 * 35) < 0.0016
    assert {_distance(one, other) for one, other in escaped} == {1}


def _distance(one, other):
    apart = abs(SIGNS.index(one) - SIGNS.index(other))
    return min(apart, 36 - apart)
