"""Characters and Spoken say of many texts what runs, tokens, spelling and pinyin say of each."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.analysis import pinyin, tokens
from search.analysis.characters import Characters
from search.analysis.sounds import turning
from search.analysis.spoken import Spoken
from search.ranking import spelling
from tests.search.world import world

# What one spelling makes of characters, runs of Han with blanks inside, readings that phrases change and that stay open.
PIECES = (
    "重庆", "长", "行", "银行", "乐", "音乐厅", "曾", "鹰潭 市", "造价  咨询", "工\t程", "乾坤", "臺灣", "ＢＩＭ", "ㄅ", "㎡", "①", "é", "e\u0301", "\u0301", "",
    " ", "\u3000", "BIM 2026", "a", "a_b", "第3期", "。", "·", "（二次）", "\x00", "\x1f", "\n", "ß", "İ", "🏗️", "𠮷", "〇", "々", "\u200b", "\ufdfa", "안전", "かな",
)  # fmt: skip
texts = st.lists(
    st.one_of(st.text(max_size=12), st.lists(st.sampled_from(PIECES), max_size=6).map("".join)), min_size=1, max_size=6
)


def said(spoken: Spoken, count: int) -> list[tuple[list[str], list[str]]]:
    """Return syllables and initials of each text."""
    found: list[tuple[list[str], list[str]]] = [([], []) for _text in range(count)]
    for unit, text in zip(spoken.units.tolist(), spoken.texts.tolist(), strict=True):
        found[text][0].append(spoken.names[unit])
        found[text][1].append(spoken.initials[unit])
    return found


def check(some: Sequence[str]) -> None:
    """Compare what is said of all at once with what is said of each."""
    characters = Characters.of(some)
    assert characters.written() == [" ".join(tokens(text)) for text in some]
    assert characters.spelled() == [spelling(text) for text in some]
    assert said(Spoken.of(characters, some), len(some)) == [pinyin(text) for text in some]


@given(texts)
def test_many_texts_at_once_read_like_each(some: list[str]) -> None:
    check(some)


@pytest.mark.parametrize("first", PIECES)
def test_every_piece_beside_every_other(first: str) -> None:
    check([first + second for second in PIECES])
    check([f"{first}公司{second}" for second in PIECES])


def test_what_the_seeded_world_holds() -> None:
    found = world().documents
    check([document.title for document in found])
    check([document.body for document in found])


def test_characters_that_phrases_read_otherwise() -> None:
    check([before + character + after for character in sorted(turning()) for before, after in (("", ""), ("市", "人"))])


def test_nothing_at_all() -> None:
    check([])
    check(["", "", ""])
