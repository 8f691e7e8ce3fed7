"""What fitting a word is worth, and in which order."""

from __future__ import annotations

import pytest

from search.analysis import All, Analysis, Any, Node, Phrase
from search.engine import SORTS
from search.ranking import MOST_LEAVES, ORDERS, STARTS, TIERS, WHOLE, clauses, opening, order, spelling

RUN = Phrase(("月湖", "湖区", "区造", "造价"))
PLACE, WORK = Phrase(("月湖", "湖区")), Phrase(("造价",))
SOUND = Phrase(("zao", "jia"), ("syllables",), is_prefix=True)
LETTERS = Phrase(("z", "j"), ("initials",))


def read(exact: Node | None = None, similar: Node | None = None, text: str = "月湖 造价") -> Analysis:
    return Analysis(text=text, exact=exact, homophone=None, similar=similar, words=())


def worth(node: Node, step: str = "exact") -> dict[Node, int]:
    return dict(clauses(read(**{step: node}), step))


def test_the_best_field_is_what_the_tiers_add_up_to() -> None:
    def best(field: str) -> int:
        return sum(weight for fields, weight in TIERS if field in fields)

    assert [best(field) for field in ("title", "syllables", "initials", "body")] == [10, 5, 3, 2]
    assert WHOLE > STARTS > 0


def test_a_word_in_title_or_body() -> None:
    assert worth(WORK) == {Phrase(("造价",), ("title",)): 8, WORK: 2}


def test_of_readings_the_best_counts() -> None:
    found = worth(Any((WORK, SOUND, LETTERS)))
    assert sum(found.values()) == 10
    assert found[Any((Phrase(("造价",), ("title",)), SOUND))] == 2
    assert found[Any((WORK, SOUND, LETTERS))] == 2


def test_pieces_count_each_and_the_run_once_more() -> None:
    found = worth(Any((RUN, All((PLACE, WORK)))))
    assert {node: weight for node, weight in found.items() if weight == 2} == {RUN: 2, PLACE: 2, WORK: 2}
    assert sum(found.values()) == 30
    assert worth(All((PLACE, WORK))) == worth(All((PLACE, All((WORK, PLACE)))))


def test_readings_beside_pieces_are_one_alternative() -> None:
    found = worth(Any((RUN, SOUND, All((PLACE, WORK)))))
    assert found[Any((RUN, SOUND))] == 2
    assert SOUND not in found


def test_when_any_piece_was_enough_each_counts() -> None:
    found = worth(Any((All((PLACE, WORK)), PLACE)), "similar")
    assert set(found) == {PLACE, WORK, Phrase(PLACE.tokens, ("title",)), Phrase(WORK.tokens, ("title",))}
    many = Any(tuple(Phrase((str(at),)) for at in range(100)))
    assert len(worth(many, "similar")) == 2 * MOST_LEAVES


def test_no_words_no_clauses() -> None:
    assert clauses(read(), "exact") == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("（月湖区）造价", "月湖区造价"), (" BIM 测绘，", "bim测绘"), ("ＢＩＭ", "bim"), ("，。", ""), ("", "")],
)
def test_spelling(text: str, expected: str) -> None:
    assert spelling(text) == expected


def test_only_what_was_typed_opens_a_title() -> None:
    assert opening(read(WORK), "exact") == "月湖造价"
    assert opening(read(WORK), "homophone") == opening(read(WORK), "similar") == ""


def test_every_sort_is_an_order_and_ends_in_the_key() -> None:
    assert set(ORDERS) == set(SORTS)
    assert {steps[-1] for steps in ORDERS.values()} == {"key"}
    assert order("relevance", has_words=False, has_origin=True) == "newest"
    assert order("distance", has_words=True, has_origin=False) == "relevance"
    assert order("distance", has_words=False, has_origin=False) == "newest"
    assert order("distance", has_words=False, has_origin=True) == "distance"
    assert order("price", has_words=False, has_origin=False) == "price"
