"""The plainest index there can be: every document is looked at for every query. What it answers is what adapters must answer."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from search.analysis import All, Analysis, Node, Phrase, narrow, pinyin, tokens
from search.documents import DATES, FACETS, Document
from search.engine import STEPS, Query
from search.ranking import ORDERS, STARTS, WHOLE, clauses, opening, order, spelling


def fits(node: Node, fields: dict[str, list[str]]) -> bool:
    """Say whether a document with these tokens fits a node."""
    if isinstance(node, Phrase):
        return any(_stands(node, fields[name]) for name in node.fields)
    answers = (fits(part, fields) for part in node.parts)
    return all(answers) if isinstance(node, All) else any(answers)


def _stands(phrase: Phrase, found: list[str]) -> bool:
    *first, last = phrase.tokens
    for at in range(len(found) - len(first)):
        if found[at : at + len(first)] == first:
            token = found[at + len(first)]
            if token == last or (phrase.is_prefix and token.startswith(last)):
                return True
    return False


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    latitude, longitude, there, along = map(math.radians, (*one, *other))
    half = math.sin((there - latitude) / 2) ** 2
    half += math.cos(latitude) * math.cos(there) * math.sin((along - longitude) / 2) ** 2
    return 2 * 6_371_008.7714 * math.asin(math.sqrt(half))


class Reference:
    """Answer queries over a list of documents as ranking.py says."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.rows = []
        for document in documents:
            syllables, initials = pinyin(document.title)
            fields = {
                "title": tokens(document.title),
                "body": tokens(document.body),
                "syllables": syllables,
                "initials": initials,
            }
            self.rows.append((document, fields))

    def _matched(self, query: Query) -> list[tuple[Document, int]]:
        """Return what fits the words, with its score."""
        if not query.text.strip():
            return [(document, 0) for document, _fields in self.rows]
        analysis = query.analysis
        for step in STEPS:
            node = getattr(analysis, step)
            found = [(d, self._score(d, f, analysis, step)) for d, f in self.rows if node is not None and fits(node, f)]
            if found:
                return found
        return []

    @staticmethod
    def _score(document: Document, fields: dict[str, list[str]], analysis: Analysis, step: str) -> int:
        score = sum(weight for node, weight in clauses(analysis, step) if fits(node, fields))
        start, title = opening(analysis, step), spelling(document.title)
        if start:
            score += STARTS * title.startswith(start) + WHOLE * (title == start)
        return score

    @staticmethod
    def _spans(query: Query, document: Document) -> set[str]:
        return {
            name
            for name, (since, until) in query.spans.items()
            if document.date and since <= document.date and (not until or document.date < until)
        }

    def _is_chosen(self, query: Query, document: Document, without: str = "") -> bool:
        values = document.facets | {DATES: self._spans(query, document)}
        return all(
            set(wanted) & set(values.get(facet, ()))
            for facet, wanted in query.chosen.items()
            if wanted and facet != without
        )

    def keys(self, query: Query) -> list[str]:
        """Return the keys of all that is found, in order."""
        kept = [(document, score) for document, score in self._matched(query) if self._is_chosen(query, document)]
        name = order(query.sort, has_words=bool(query.text.strip()), has_origin=query.origin is not None)
        for step in reversed(ORDERS[name]):
            field, downwards = step.removeprefix("-"), step.startswith("-")
            values = {document.key: self._value(field, document, score, query) for document, score in kept}
            there = [row for row in kept if values[row[0].key] not in (None, "")]
            there.sort(key=lambda row, values=values: values[row[0].key], reverse=downwards)
            kept = there + [row for row in kept if values[row[0].key] in (None, "")]
        return [document.key for document, _score in kept]

    @staticmethod
    def _value(field: str, document: Document, score: int, query: Query) -> object:
        if field == "score":
            return score
        if field == "open":
            return bool(document.ends) and document.ends >= query.now
        if field == "metres":
            return document.place and metres(query.origin, document.place)
        return getattr(document, field)

    def counts(self, query: Query) -> dict[str, dict[str, int]]:
        """Return the counts of every facet."""
        found = [document for document, _score in self._matched(query)]
        counts: dict[str, dict[str, int]] = {}
        for facet in (*FACETS, DATES):
            others = [document for document in found if self._is_chosen(query, document, without=facet)]
            values = [self._spans(query, d) if facet == DATES else d.facets[facet] for d in others]
            counts[facet] = dict(Counter(value for of_one in values for value in of_one))
        return counts

    def suggested(self, query: Query, per_kind: int) -> dict[str, list[str]]:
        """Return the keys of suggestions by kind."""
        node = narrow(query.analysis.exact, frozenset({"title", "syllables", "initials"}))
        found: dict[str, list[str]] = {}
        if node is not None:
            fitting = {document.key for document, fields in self.rows if fits(node, fields)}
            for key in self.keys(query):
                if key in fitting and len(found.setdefault(key.split(":")[0], [])) < per_kind:
                    found[key.split(":")[0]].append(key)
        return found
