"""Preparing: what is written of many documents at once is what is written of each."""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from search.analysis import pinyin
from search.documents import Document
from search.embedded.preparing import Sheaf, prepare, sets_from
from search.embedded.schema import DOC_COLUMNS, SOUND, TEXT_COLUMNS, paired
from tests.search.world import world

# Like those of the marketplace in nothing: without any value, and with every value there is.
STRANGE = (
    Document("notice", 9_001, 1, "", "", ""),
    Document(
        "firm", 9_002, 2**40, "长乐 BIM 行", "正文\n第二行", "/?a=b&c", ("1", "2", "1"), ("x",), ("y", "z"), "open", "draw", 0, "A", 0,
        "2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00", (-0.0, 180.0), {"b": '"},{"', "a": "\x1f}\x1f{"},
    ),
    Document("tender", 9_003, 3, "，。！", "·", "/", shown={"": ""}),
)  # fmt: skip
DOCUMENTS = (*world().documents, *STRANGE)


def column(sheaf: Sheaf, name: str) -> list[Any]:
    """Return the values of a column, by document."""
    for values, columns in ((sheaf.docs, DOC_COLUMNS), (sheaf.texts, TEXT_COLUMNS)):
        if name in columns:
            return values[columns.index(name) :: len(columns)]
    raise KeyError(name)


def joined(sheaves: Sequence[Sheaf]) -> Sheaf:
    """Return sheaves as one."""
    sets: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for sheaf in sheaves:
        for name, rows in sheaf.sets.items():
            sets[name] += rows
    return Sheaf(
        [row for sheaf in sheaves for row in sheaf.rows], [version for sheaf in sheaves for version in sheaf.versions],
        [value for sheaf in sheaves for value in sheaf.docs], [value for sheaf in sheaves for value in sheaf.texts], sets,
    )  # fmt: skip


def members(sheaf: Sheaf) -> dict[tuple[str, str], set[int]]:
    """Return who stands in each set."""
    return {name: set(rows) for name, rows in sheaf.sets.items()}


def test_many_are_written_like_each() -> None:
    many, each = prepare(DOCUMENTS), joined([prepare([document]) for document in DOCUMENTS])
    assert (many.rows, many.versions, many.docs, many.texts) == (each.rows, each.versions, each.docs, each.texts)
    assert members(many) == members(each)


def test_titles_are_written_as_they_are_sought() -> None:
    sheaf = prepare(DOCUMENTS)
    sounds = [pinyin(document.title) for document in DOCUMENTS]
    assert column(sheaf, "syllables") == [paired("syllables", syllables) for syllables, _initials in sounds]
    assert column(sheaf, "initials") == [paired("initials", initials) for _syllables, initials in sounds]


def test_a_row_lists_the_sets_in_which_it_stands() -> None:
    sheaf = prepare(DOCUMENTS)
    found: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for row, listed in zip(sheaf.rows, column(sheaf, "sets"), strict=True):
        for name in sets_from(listed):
            found[name].add(row)
    assert found == {name: rows for name, rows in members(sheaf).items() if name[0] != SOUND}
    assert sets_from("") == []


def test_what_a_row_of_results_shows_is_kept_whole() -> None:
    shown = [json.loads(text) for text in column(prepare(DOCUMENTS), "shown")]
    assert shown == [dict(document.shown) for document in DOCUMENTS]
