"""An index in memory for tests of saved searches: it matches words and values as the real ones must."""

from __future__ import annotations

from collections.abc import Iterable

from search.analysis import All as Every
from search.analysis import Node, Phrase, analyze, pinyin, tokens
from search.documents import Document
from search.engine import Query, Unavailable


def fields_of(document: Document) -> dict[str, list[str]]:
    """Return the tokens of each field of a document."""
    syllables, initials = pinyin(document.title)
    return {
        "title": tokens(document.title),
        "body": tokens(document.body),
        "syllables": syllables,
        "initials": initials,
    }


def matches(node: Node, fields: dict[str, list[str]]) -> bool:
    """Tell whether tokens by field fit what is sought."""
    if isinstance(node, Phrase):
        return any(_has(fields[name], node) for name in node.fields)
    fitting = (matches(part, fields) for part in node.parts)
    return all(fitting) if isinstance(node, Every) else any(fitting)


def _has(found: list[str], phrase: Phrase) -> bool:
    wanted = list(phrase.tokens)
    for at in range(len(found) - len(wanted) + 1):
        some = found[at : at + len(wanted)]
        if some[:-1] == wanted[:-1] and (
            some[-1] == wanted[-1] or (phrase.is_prefix and some[-1].startswith(wanted[-1]))
        ):
            return True
    return False


def fits(query: Query, document: Document) -> bool:
    """Tell whether a document has the chosen values and the words of a query, as they stand."""
    if any(not set(values) & set(document.facets[facet]) for facet, values in query.chosen.items()):
        return False
    node = analyze(query.text, query.places).exact
    return node is None or matches(node, fields_of(document))


class MemoryIndex:
    """Keep documents and saved searches in dictionaries; `is_silent` lets it fail as a server does."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self.kept: dict[int, Query] = {}
        self.is_silent = False

    def _answer(self) -> None:
        if self.is_silent:
            raise Unavailable

    def index(self, documents: Iterable[Document], *, into: str = "") -> int:
        self._answer()
        fresh = [one for one in documents if self.documents.get(one.key, one).version <= one.version]
        self.documents |= {one.key: one for one in fresh}
        return len(fresh)

    def delete(self, key: str, version: int, *, into: str = "") -> None:
        self._answer()
        self.documents.pop(key, None)

    def watch(self, number: int, query: Query) -> None:
        self._answer()
        self.kept[number] = query

    def unwatch(self, number: int) -> None:
        self._answer()
        self.kept.pop(number, None)

    def watched(self) -> set[int]:
        self._answer()
        return set(self.kept)

    def watched_by(self, documents: Iterable[Document]) -> list[tuple[int, str]]:
        self._answer()
        return [(number, one.key) for one in documents for number, query in self.kept.items() if fits(query, one)]
