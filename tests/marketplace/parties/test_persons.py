"""Identity numbers: checked, keyed, never kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core.refusals import Refused
from marketplace.parties.persons import check_person_number, check_sign, person_key

NUMBER = "36060219900307123"


def test_numbers_as_people_type_them():
    whole = NUMBER + check_sign(NUMBER)
    assert check_person_number(f" {whole[:6]} {whole[6:].lower()} ") == whole
    assert check_person_number("ｅ12345678") == "E12345678"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "person_number_missing"),
        ("12345", "person_number_length"),
        ("3606021990130712" + "31", "person_number_date"),
        ("36060229900307123X", "person_number_date"),
    ],
)
def test_what_is_wrong_is_said(text, code):
    with pytest.raises(Refused) as refused:
        check_person_number(text)
    assert refused.value.code == code
    assert refused.value.field == "number"


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_found(place, step):
    whole = NUMBER + check_sign(NUMBER)
    wrong = whole[:place] + str((int(whole[place]) + step) % 10) + whole[place + 1 :]
    with pytest.raises(Refused):
        check_person_number(wrong)


def test_the_key_depends_on_the_secret(settings):
    before = person_key(NUMBER)
    settings.PERSON_KEY = "another"
    assert len(before) == 64
    assert before != person_key(NUMBER)
