"""Money: what people type and read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core.money import capitals, format_yuan, parse_yuan, to_yuan
from marketplace.core.refusals import Refused


@pytest.mark.parametrize(
    ("text", "fen"),
    [("12800", 1280000), ("12,800.5", 1280050), ("１２８００．０１", 1280001), (" ¥ 3 ", 300), ("8元", 800), ("0", 0)],
)
def test_reads_what_people_type(text: str, fen: int) -> None:
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "amount_invalid"),
        ("abc", "amount_invalid"),
        ("-5", "amount_invalid"),
        ("1e5", "amount_invalid"),
        ("1.001", "amount_not_whole_fen"),
        ("99999999999999", "amount_too_large"),
    ],
)
def test_refuses_what_is_no_amount(text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_yuan(text)
    assert refused.value.code == code
    assert refused.value.status == 422


@given(st.integers(min_value=0, max_value=10**12))
def test_round_trips(fen: int) -> None:
    assert parse_yuan(to_yuan(fen)) == fen
    assert parse_yuan(format_yuan(fen)) == fen


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (3200000, "叁万贰仟元整"),
        (100, "壹元整"),
        (105, "壹元零伍分"),
        (150, "壹元伍角整"),
        (5, "伍分"),
        (50, "伍角整"),
        (1000000, "壹万元整"),
        (1000100, "壹万零壹元整"),
        (10010000, "壹拾万零壹佰元整"),
        (12345678, "壹拾贰万叁仟肆佰伍拾陆元柒角捌分"),
        (10000000000, "壹亿元整"),
        (10000010000, "壹亿零壹佰元整"),
        (1000010, "壹万元零壹角整"),
        (600700, "陆仟零柒元整"),
        (168032, "壹仟陆佰捌拾元零叁角贰分"),
    ],
)
def test_writes_capitals(fen: int, words: str) -> None:
    assert capitals(fen) == words
