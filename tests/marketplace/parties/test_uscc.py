import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core.refusals import Invalid
from marketplace.parties.uscc import ALPHABET, check_uscc, kind_of, make_uscc, normalise

prefixes = st.text(ALPHABET, min_size=17, max_size=17)


def refusal(text):
    with pytest.raises(Invalid) as refused:
        check_uscc(text)
    assert refused.value.field == "uscc"
    return refused.value


def test_known_code_is_taken():
    assert check_uscc("91110108551385082Q") == "91110108551385082Q"


@pytest.mark.parametrize(
    "typed", ["91110108551385082q", " 9111 0108 5513 85082Q ", "９１１１０１０８５５１３８５０８２Ｑ"]
)
def test_typing_habits_do_not_matter(typed):
    assert check_uscc(typed) == "91110108551385082Q"


@given(prefixes)
def test_every_made_code_is_taken(prefix):
    code = make_uscc(prefix)
    assert check_uscc(code) == code
    assert check_uscc(code.lower()) == code


@given(prefixes, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_changed_sign_is_always_caught(prefix, place, sign):
    code = make_uscc(prefix)
    changed = code[:place] + sign + code[place + 1 :]
    if changed != code:
        assert refusal(changed).code == "uscc_check_digit"


@given(prefixes, st.integers(0, 16))
def test_two_neighbours_that_swap_are_always_caught(prefix, place):
    code = make_uscc(prefix)
    changed = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if changed != code:
        assert refusal(changed).code == "uscc_check_digit"


@given(st.text(max_size=40))
def test_any_text_is_taken_or_refused_in_words(text):
    try:
        code = check_uscc(text)
    except Invalid as refused:
        words = str(refused.message)
    else:
        words = code if len(code) == 18 else ""
    assert words


def test_check_digit_zero_when_the_sum_is_a_multiple_of_31():
    assert make_uscc("0" * 17) == "0" * 18


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [
        ("91360600MA1234567", "enterprise"),
        ("92360600MA1234567", "sole_trader"),
        ("93360600MA1234567", "cooperative"),
        ("11360600MB1234567", "public_body"),
        ("12360600MB1234567", "public_body"),
        ("52360600MJ1234567", "social"),
        ("31360000MD1234567", "other"),
        ("N2360681MF1234567", "cooperative"),
        ("A1360600MC1234567", "public_body"),
        ("Y1360600MC1234567", "other"),
    ],
)
def test_letters_first_codes_are_codes_and_tell_their_kind(prefix, kind):
    assert kind_of(check_uscc(make_uscc(prefix))) == kind


@pytest.mark.parametrize("letter", "IOSVZ")
def test_letters_outside_the_alphabet_are_named_with_their_place(letter):
    refused = refusal("9111010855" + letter + "385082Q")
    assert refused.code == "uscc_letter"
    assert "第 11 位" in str(refused)
    assert letter in str(refused)


def test_lengths_are_told_and_old_numbers_recognised():
    assert "17 位" in str(refusal("9111010855138508Q"[:17].ljust(17, "1")))
    assert "15 位的旧注册号" in str(refusal("360600210001234"))
    assert "组织机构代码" in str(refusal("55138508Q"[:9]))
    assert refusal("  ").code == "uscc_missing"


def test_normalise_drops_what_people_paste():
    assert normalise("9111-0108\u200b5513\t85082q") == "91110108551385082Q"
