"""Schemas: the shapes of what the API answers, as JSON Schema."""

from __future__ import annotations

from typing import Any


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: dict[str, Any], words: str = "") -> dict[str, Any]:
    return {"type": "array", "items": items, **({"description": words} if words else {})}


def _plain(kind: str, words: str = "", *, may_be_null: bool = False, **more: Any) -> dict[str, Any]:
    said = {"description": words} if words else {}
    return {"type": [kind, "null"] if may_be_null else kind, **said, **more}


TEXT = _plain("string")
COUNT = _plain("integer", minimum=0)
MARKS = _list(
    {"type": "array", "items": COUNT, "minItems": 2, "maxItems": 2},
    "Where the sought words stand in the title: from and until, in code points, the second one outside.",
)

HIT = _object(
    {
        "key": _plain("string", "Kind and number; stays the same."),
        "kind": TEXT,
        "title": TEXT,
        "marks": MARKS,
        "snippet": _plain("string", "The part of the text around the first sought word."),
        "url": _plain("string", "Address of its page on this site."),
        "status": _plain("string", "Of a need.", may_be_null=True),
        "method": _plain("string", "Of a need.", may_be_null=True),
        "credit": _plain("integer", "Of a firm, in hundredths of a point.", may_be_null=True),
        "money_fen": _plain("integer", "Ceiling of a need in fen, CNY.", may_be_null=True),
        "date": _plain("string", "ISO 8601, UTC.", may_be_null=True),
        "ends": _plain("string", "Until when a need takes firms, ISO 8601, UTC.", may_be_null=True),
        "place": {
            "type": ["array", "null"],
            "items": {"type": "number"},
            "description": "Latitude and longitude in degrees of its district's seat.",
        },
        "distance_km": _plain("number", "From `near`, as the crow flies.", may_be_null=True),
    }
)
VALUE = _object({"value": TEXT, "label": TEXT, "count": COUNT, "chosen": _plain("boolean")})
FACET = _object({"name": TEXT, "label": TEXT, "values": _list(VALUE)})
LINK = _plain("string", may_be_null=True)

RESULT = _object(
    {
        "text": _plain("string", "The words that were sought, without a place that narrows the search."),
        "narrowed_to": _plain("string", "Code of the place that the words begin with.", may_be_null=True),
        "step": _plain(
            "string", "How the words were read; `homophone` and `similar` answer where `exact` finds nothing."
        ),
        "meant": _plain("string", "What sounds the same and was found.", may_be_null=True),
        "may_lag": _plain("boolean", "The newest changes may be missing."),
        "sort": TEXT,
        "total": COUNT,
        "page": _plain("integer", minimum=1),
        "pages": _plain("integer", minimum=1),
        "per_page": COUNT,
        "links": _object({"self": TEXT, "previous": LINK, "next": LINK, "page": TEXT}),
        "results": _list(HIT),
        "facets": _list(FACET, "Counts of each facet, as if nothing were chosen in that facet itself."),
    }
)
SUGGESTION = _object({"key": TEXT, "title": TEXT, "url": TEXT, "marks": MARKS})
SUGGESTIONS = _object(
    {"text": TEXT, "groups": _list(_object({"kind": TEXT, "label": TEXT, "suggestions": _list(SUGGESTION)}))}
)
PROBLEM = _object(
    {
        "type": TEXT,
        "title": TEXT,
        "status": _plain("integer"),
        "code": _plain("string", "Stays the same whatever the language."),
        "detail": TEXT,
        "errors": _list(_object({"parameter": TEXT, "message": TEXT})),
    }
)
