"""The OpenAPI description of search, made of the same filter that checks the parameters."""

from __future__ import annotations

from functools import cache
from typing import Any

from marketplace.core.openapi import served
from marketplace.tenders.models import Method

from ..analysis import LONGEST_QUERY
from ..documents import BANDS, DATES, FACETS, Kind
from ..engine import STEPS
from ..filters import LAST_PAGE, LEVELS, SORTS, STATUSES, SearchFilter
from ..spans import SPANS
from .schemas import PROBLEM, RESULT, SUGGESTIONS

VERSION = "1"
VALUES: dict[str, list[str]] = {
    "kind": list(Kind.values),
    "credit": [value for value, _label in LEVELS],
    "method": list(Method.values),
    "status": [value for value, _label in STATUSES],
    "money": [str(least) for least in BANDS],
    DATES: [value for value, _label in SPANS],
    "sort": [value for value, _label in SORTS],
    "as_typed": ["1"],
}
WORDS = {
    "q": "What is sought: characters, words that mean the same, pinyin or initials.",
    "kind": "What kind of thing; without it all.",
    "region": "Codes of places (GB/T 2260, or a code of the city's own); what lies in them counts.",
    "service": "Codes of intermediary services.",
    "qualification": "Codes of kinds of qualification that a firm holds, or that a need or service asks for.",
    "credit": "Levels of firms: A from 90 points, B from 75, C from 60, D below.",
    "method": "How a need selects its firm.",
    "status": "Where a need stands.",
    "money": "Lower ends of bands of a need's ceiling, in fen.",
    "date": "When it was published. The first three end now; the year is that of China's clocks.",
    "sort": "`ending`: what takes firms still, soonest first. `distance` needs `near`.",
    "near": "From where distances are measured: a place's code, or `latitude,longitude` in degrees.",
    "as_typed": "Take the words as typed: a place at their beginning does not narrow the search.",
    "page": "Page of 20 results.",
}


@cache
def document() -> dict[str, Any]:
    """Return the description; parameters in the order of the filter."""
    parameters = [_parameter(name) for name in SearchFilter.base_filters]
    typed = {"name": "q", "in": "query", "description": "What has been typed so far.", "schema": _text()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Search",
            "version": VERSION,
            "description": "Firms, services, needs and notices, as the page /search/ finds them. Public, no key. Labels "
            "and sentences are in the language of Accept-Language (zh-Hans or en).",
        },
        "servers": [{"url": "/"}],
        "paths": {
            "/api/search": {"get": _operation("search", "Find, with counts per facet", parameters, "result")},
            "/api/search/suggest": {
                "get": _operation("suggest", "Suggest titles while somebody types", [typed], "suggestions")
            },
        },
        "components": {
            "responses": {
                "400": _problem("A parameter is wrong or unknown; `errors` names each."),
                "429": _problem("Too many requests of this address; Retry-After says when to come again."),
            },
            "schemas": {
                "result": _with_values(RESULT),
                "suggestions": SUGGESTIONS,
                "problem": PROBLEM,
            },
        },
    }


def _text() -> dict[str, Any]:
    return {"type": "string", "maxLength": LONGEST_QUERY}


def _parameter(name: str) -> dict[str, Any]:
    several = type(SearchFilter.base_filters[name]).__name__ == "MultipleChoiceFilter"
    schema: dict[str, Any] = {"type": "string"}
    if name == "page":
        schema = {"type": "integer", "minimum": 1, "maximum": LAST_PAGE, "default": 1}
    elif name == "q":
        schema = _text()
    elif name in VALUES:
        schema["enum"] = VALUES[name]
    if several:
        schema = {"type": "array", "items": schema}
    made = {"name": name, "in": "query", "description": WORDS[name], "schema": schema}
    return {**made, "style": "form", "explode": True} if several else made


def _operation(name: str, summary: str, parameters: list[dict[str, Any]], answers: str) -> dict[str, Any]:
    headers = {
        "ETag": {"schema": {"type": "string"}},
        "Cache-Control": {"schema": {"type": "string"}},
    }
    schema = {"$ref": f"#/components/schemas/{answers}"}
    return {
        "operationId": name,
        "summary": summary,
        "parameters": parameters,
        "responses": {
            "200": {"description": "Found.", "headers": headers, "content": {"application/json": {"schema": schema}}},
            "304": {"description": "Nothing has changed since the answer with this ETag."},
            "400": {"$ref": "#/components/responses/400"},
            "429": {"$ref": "#/components/responses/429"},
        },
    }


def _problem(words: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/problem"}
    return {"description": words, "content": {"application/problem+json": {"schema": schema}}}


def _with_values(schema: dict[str, Any]) -> dict[str, Any]:
    """Fill in the values that the code knows."""
    found = {**schema["properties"]}
    found["step"] = {**found["step"], "enum": list(STEPS)}
    found["sort"] = {**found["sort"], "enum": VALUES["sort"]}
    facets = found["facets"]
    named = {**facets["items"]["properties"], "name": {"type": "string", "enum": [*FACETS, DATES]}}
    found["facets"] = {**facets, "items": {**facets["items"], "properties": named}}
    return {**schema, "properties": found}


serve_json, serve_yaml = served(document)
