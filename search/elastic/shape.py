"""Shape: how a document lies on the server, and the digest by which two shapes are told apart.

The server gets the tokens of search.analysis and needs no analyzer but `whitespace`.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ..analysis import pinyin, tokens
from ..documents import FACETS, Document
from ..engine import Hit
from ..ranking import spelling

FIELDS = ("title", "body", "syllables", "initials")
PLAIN = (
    "key", "kind", "title", "body", "url", "status", "method", "credit", "money_fen", "date", "ends", "place",
)  # fmt: skip
KEYWORD: dict[str, Any] = {"type": "keyword"}
TOKENS: dict[str, Any] = {"type": "text", "analyzer": "whitespace"}
PROPERTIES: dict[str, Any] = {
    **dict.fromkeys(FIELDS, TOKENS),
    **{f"facet_{facet}": KEYWORD for facet in FACETS},
    "key": KEYWORD,
    "spelling": {"type": "keyword", "ignore_above": 8000},
    "date": KEYWORD,
    "ends": KEYWORD,
    "fingerprint": KEYWORD,
    "deleted": {"type": "boolean"},
    "version": {"type": "long"},
    "credit": {"type": "integer"},
    "money_fen": {"type": "long"},
    "place": {"type": "geo_point"},
    "stored": {"type": "object", "enabled": False},
}
MAPPING: dict[str, Any] = {"dynamic": False, "properties": PROPERTIES}
SETTINGS: dict[str, Any] = {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "1s"}
WATCHED: dict[str, Any] = {
    "dynamic": False,
    "properties": {**PROPERTIES, "number": {"type": "long"}, "query": {"type": "percolator"}},
}


def digest() -> str:
    """Return what names this shape."""
    return hashlib.sha256(json.dumps(WATCHED, sort_keys=True).encode()).hexdigest()[:8]


def row(document: Document) -> dict[str, Any]:
    """Return a document as the server keeps it; what is empty is left out."""
    syllables, initials = pinyin(document.title)
    stored = {name: getattr(document, name) for name in PLAIN} | {"shown": dict(document.shown)}
    return {
        "key": document.key,
        "version": document.version,
        "deleted": False,
        "fingerprint": document.fingerprint,
        "title": " ".join(tokens(document.title)),
        "body": " ".join(tokens(document.body)),
        "syllables": " ".join(syllables),
        "initials": " ".join(initials),
        "spelling": spelling(document.title),
        "date": document.date or None,
        "ends": document.ends or None,
        "credit": document.credit,
        "money_fen": document.money_fen,
        "place": document.place and {"lat": document.place[0], "lon": document.place[1]},
        "stored": {"json": json.dumps(stored, ensure_ascii=False)},
        **{f"facet_{facet}": list(values) for facet, values in document.facets.items()},
    }


def tombstone(key: str, version: int) -> dict[str, Any]:
    """Return what is kept of a document that is gone: its version, so that older news of it change nothing."""
    return {"key": key, "version": version, "deleted": True}


def hit(source: Any) -> Hit:
    """Return what a row of results shows."""
    values = json.loads(source["stored"]["json"])
    return Hit(**values | {"place": values["place"] and tuple(values["place"])})
