"""What holds of any text: analysis never fails, and a piece of a text always finds it."""

from __future__ import annotations

import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from search.analysis import (
    LONGEST_QUERY,
    MOST_WORDS,
    All,
    Node,
    Phrase,
    analyze,
    corrections,
    meant,
    normalize,
    pinyin,
    spellings,
    tokens,
)  # fmt: skip

from .world import lexicon

PLAIN = st.sampled_from("鹰潭市月湖区工程造价咨询環評有限公司服务的行长重乐〇々㐀赤岩望仙台")
MIXED = st.one_of(PLAIN, st.sampled_from(" \u3000\n、，（）·-abz019ＡＺéǅ"), st.characters())
TEXT = st.text(MIXED, max_size=120)


def stands(phrase: Phrase, found: list[str]) -> bool:
    *first, last = phrase.tokens
    return any(
        found[at : at + len(first)] == first
        and (found[at + len(first)] == last or (phrase.is_prefix and found[at + len(first)].startswith(last)))
        for at in range(len(found) - len(first))
    )


def fits(node: Node, fields: dict[str, list[str]]) -> bool:
    """Say whether a document with these tokens fits a node."""
    if isinstance(node, Phrase):
        return any(stands(node, fields[name]) for name in node.fields)
    return (all if isinstance(node, All) else any)(fits(part, fields) for part in node.parts)


def phrases(node: Node | None) -> list[Phrase]:
    if node is None:
        return []
    return [node] if isinstance(node, Phrase) else [one for part in node.parts for one in phrases(part)]


@given(TEXT)
@example("ﷺ" * 120)
@example("\ud7a3ǆ̈́ΐßﬃ㍿")
def test_the_one_spelling_is_stable(text: str) -> None:
    once = normalize(text)
    assert normalize(once) == once
    assert not any(unicodedata.category(character) == "Mn" for character in once if not character.isascii())


@given(TEXT, TEXT)
def test_no_character_changes_its_neighbors(one: str, other: str) -> None:
    assert normalize(one + other) == normalize(one) + normalize(other)


@given(TEXT)
def test_any_text_can_be_analysed(text: str) -> None:
    syllables, initials = pinyin(text)
    for token in (*tokens(text), *syllables, *initials):
        assert token
        assert not any(character.isspace() for character in token)
    words = lexicon()
    for found in (words.query(text).analysis, analyze(text)):
        for node in (found.exact, found.homophone, found.similar):
            for phrase in phrases(node):
                assert phrase.tokens
                assert all(phrase.tokens)
                assert phrase.fields
        assert len(found.text) <= 18 * LONGEST_QUERY
        assert len(found.text.split()) <= MOST_WORDS
        assert (found.exact is None) == (not tokens(normalize(text)[:LONGEST_QUERY]))
        assert all(found.marks(step) is not None for step in ("exact", "homophone", "similar"))
    assert isinstance(meant(text, text[::-1], words.words), str)
    assert "" not in corrections(text, words.words)
    spellings(text)


@given(st.data())
def test_a_piece_of_a_text_finds_it(data: st.DataObject) -> None:
    text = data.draw(st.text(st.one_of(PLAIN, st.sampled_from(" 、（·")), min_size=1, max_size=60))
    begin = data.draw(st.integers(0, len(text) - 1))
    piece = text[begin : data.draw(st.integers(begin + 1, len(text)))]
    if len(piece.split()) > MOST_WORDS:
        piece = " ".join(piece.split()[:MOST_WORDS])
    syllables, initials = pinyin(text)
    for where in ("title", "body"):
        fields = {"title": [], "body": [], "syllables": syllables, "initials": initials, where: tokens(text)}
        for found in (lexicon().query(piece).analysis, analyze(piece)):
            assert found.exact is None or fits(found.exact, fields), (text, piece)


@given(st.text(PLAIN, min_size=2, max_size=30), st.integers(0, 28), st.integers(2, 6))
def test_pinyin_of_a_piece_of_a_title_finds_it(title: str, begin: int, length: int) -> None:
    """A title is read as a whole; its own syllables, as they are indexed, find it."""
    syllables, initials = pinyin(title)
    spoken = syllables[begin : begin + length]
    if len(spoken) < 2 or "0" in spoken:
        return
    fields = {"title": [], "body": [], "syllables": syllables, "initials": initials}
    found = analyze("".join(spoken)[:48]).exact
    assert found is not None
    ways = spellings("".join(spoken)[:48])
    assert tuple(spoken) not in ways or fits(found, fields)
