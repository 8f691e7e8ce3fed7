"""Clauses: a query of ours in the server's language. Only ranking.py decides what counts how much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from elasticsearch_dsl import Q
from elasticsearch_dsl.query import Query as Clause

from ..analysis import All, Analysis, Node, Phrase
from ..documents import DATES, FACETS
from ..engine import Query
from ..ranking import ORDERS, STARTS, WHOLE, clauses, opening

EXPANSIONS = 1000  # the ends of an unfinished last word; there are fewer syllables than that
VALUES = 1000  # the most values of a facet that are counted


def clause(node: Node) -> Clause:
    """Write a node as a question with yes or no for an answer."""
    if isinstance(node, All):
        return Q("bool", filter=[clause(part) for part in node.parts])
    parts = (
        [_phrase(node, field) for field in node.fields] if isinstance(node, Phrase) else list(map(clause, node.parts))
    )
    return parts[0] if len(parts) == 1 else Q("bool", should=parts, minimum_should_match=1)


def _phrase(phrase: Phrase, field: str) -> Clause:
    text, is_one = " ".join(phrase.tokens), len(phrase.tokens) == 1
    if phrase.is_prefix and not is_one:
        return Q("match_phrase_prefix", **{field: {"query": text, "max_expansions": EXPANSIONS}})
    return Q("prefix" if phrase.is_prefix else "term" if is_one else "match_phrase", **{field: text})


def worth(question: Clause, weight: int) -> Clause:
    """Give a question a constant weight."""
    return Q("constant_score", filter=question, boost=float(weight))


def scored(analysis: Analysis, step: str) -> list[Clause]:
    """Return the clauses whose weights a document's score is the sum of."""
    found = [worth(clause(node), weight) for node, weight in clauses(analysis, step)]
    if start := opening(analysis, step):
        found += [worth(Q("prefix", spelling=start), STARTS), worth(Q("term", spelling=start), WHOLE)]
    return found


def still_open(now: str) -> Clause:
    """Keep what takes firms at `now` or later."""
    return worth(Q("range", ends={"gte": now}), 1)


def span(since: str, until: str) -> Clause:
    """Keep the moments from `since` until before `until`; an empty end is open. What has no date is in no span."""
    ends = ({"gte": since} if since else {}) | ({"lt": until} if until else {})
    return Q("range", date=ends) if ends else Q("exists", field="date")


def chosen(query: Query, without: str = "") -> Clause:
    """Keep what fits the chosen values of every facet but `without`."""
    wanted: list[Clause] = []
    for facet, values in query.chosen.items():
        if not values or facet == without:
            continue
        if facet == DATES:
            spans = [span(*query.spans[name]) for name in values if name in query.spans]
            wanted.append(Q("bool", should=spans, minimum_should_match=1) if spans else Q("match_none"))
        else:
            wanted.append(Q("terms", **{f"facet_{facet}": list(values)}))
    return Q("bool", filter=wanted) if wanted else Q("match_all")


def counting(query: Query) -> dict[str, Any]:
    """Return the aggregations: `found` before anything is chosen, and by facet what fits all choices but its own.

    Facets in which nothing is chosen have their filter in common.
    """
    groups = {facet: chosen(query, without=facet) for facet, values in query.chosen.items() if values}
    groups |= {"found": Q("match_all"), "rest": chosen(query)}
    made: dict[str, Any] = {name: {"filter": kept.to_dict(), "aggs": {}} for name, kept in groups.items()}
    for facet in (*FACETS, DATES):
        inside = made[facet if facet in made else "rest"]["aggs"]
        if facet != DATES:
            inside[f"by_{facet}"] = {"terms": {"field": f"facet_{facet}", "size": VALUES}}
        elif query.spans:
            spans = {name: span(*ends).to_dict() for name, ends in query.spans.items()}
            inside[f"by_{facet}"] = {"filters": {"filters": spans}}
    return made


def counted(query: Query, aggregations: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Read the answer to `counting`."""
    counts: dict[str, dict[str, int]] = {}
    for facet in (*FACETS, DATES):
        group = aggregations[facet if facet in aggregations else "rest"]
        if facet != DATES:
            buckets = group[f"by_{facet}"]["buckets"]
            ordered = sorted(buckets, key=lambda bucket: (-bucket["doc_count"], bucket["key"]))
            counts[facet] = {bucket["key"]: bucket["doc_count"] for bucket in ordered}
        else:
            named = group[f"by_{facet}"]["buckets"] if query.spans else {}
            counts[facet] = {name: named[name]["doc_count"] for name in query.spans if named[name]["doc_count"]}
    return counts


def ordered(name: str, query: Query) -> list[Any]:
    """Return the server's form of an order in ranking.ORDERS; `-open` is a score of its own."""
    steps: list[Any] = []
    for step in ORDERS[name]:
        field, direction = step.removeprefix("-"), "desc" if step.startswith("-") else "asc"
        if field in {"score", "open"}:
            steps.append({"_score": {"order": direction}})
        elif field == "metres":
            assert query.origin is not None
            origin = {"lat": query.origin[0], "lon": query.origin[1]}
            steps.append({"_geo_distance": {"place": origin, "order": direction, "unit": "m"}})
        else:
            steps.append({field: {"order": direction, "missing": "_last"}})
    return steps
