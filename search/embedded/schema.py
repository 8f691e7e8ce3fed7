"""Schema: the tables of one generation, the number of a document's row, and the sets in which a document stands."""

from __future__ import annotations

import hashlib
import json

from ..documents import FACETS, Document, Kind

# A row's number is its kind's place followed by 28 bits of its own number: so no index of keys is needed, and a kind is a range.
KIND_BITS = 28
KINDS = tuple(Kind.values)
# Sets beside those of the facets: by them an order is walked in strata.
DAY, END, CREDIT, MONEY, PLACE = "day", "end", "credit_value", "money_stratum", "place"
CHUNK_BITS = 16

SCHEMA = """
CREATE TABLE doc (
  id INTEGER PRIMARY KEY, version INTEGER NOT NULL, deleted INTEGER NOT NULL, fingerprint TEXT NOT NULL DEFAULT '',
  date TEXT NOT NULL DEFAULT '', ends TEXT NOT NULL DEFAULT '', credit INTEGER, money_fen INTEGER, latitude REAL,
  longitude REAL, spelling TEXT NOT NULL DEFAULT '', sets TEXT NOT NULL DEFAULT '', title TEXT NOT NULL DEFAULT '',
  url TEXT NOT NULL DEFAULT '', status TEXT NOT NULL DEFAULT '', method TEXT NOT NULL DEFAULT '',
  shown TEXT NOT NULL DEFAULT '{}', body TEXT NOT NULL DEFAULT ''
);
CREATE TABLE standing (
  name TEXT NOT NULL, value TEXT NOT NULL, chunk INTEGER NOT NULL, stamp INTEGER NOT NULL, docs BLOB NOT NULL,
  PRIMARY KEY (name, value, chunk)
);
CREATE INDEX standing_stamp ON standing (stamp);
CREATE TABLE fact (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE doc_text USING fts5(title, body, syllables, initials, prefix='1', tokenize="ascii");
INSERT INTO fact VALUES ('stamp', 0), ('common', '[]'), ('newest', 0);
"""
SPELLING_INDEX = "CREATE INDEX IF NOT EXISTS doc_spelling ON doc (spelling)"
DOC_COLUMNS = (
    "id", "version", "deleted", "fingerprint", "date", "ends", "credit", "money_fen", "latitude", "longitude", "spelling",
    "sets", "title", "url", "status", "method", "shown", "body",
)  # fmt: skip
SHAPE = hashlib.sha256(json.dumps([SCHEMA, KINDS, FACETS, KIND_BITS, CHUNK_BITS]).encode()).hexdigest()[:8]


def row_of(kind: str, number: int) -> int:
    """Return the number of a document's row. Raises ValueError for a number that has no room."""
    if not 0 <= number < 1 << KIND_BITS:
        raise ValueError(f"no row for {kind}:{number}")
    return KINDS.index(kind) << KIND_BITS | number


def row_of_key(key: str) -> int:
    """Return the number of the row of the document with this key."""
    kind, _colon, number = key.partition(":")
    return row_of(kind, int(number))


def kind_of(row: int) -> str:
    """Return the kind of the document in a row."""
    return KINDS[row >> KIND_BITS]


def key_of(row: int) -> str:
    """Return the key of the document in a row."""
    return f"{kind_of(row)}:{row & (1 << KIND_BITS) - 1}"


def money_stratum(fen: int) -> str:
    """Return the stratum of an amount: its first two digits, after how many there are; it sorts like the amounts."""
    digits = str(max(fen, 0))
    return f"{len(digits):02d}{digits[:2]}"


def sets_of(document: Document) -> list[tuple[str, str]]:
    """Return name and value of every set in which a document stands."""
    found = [(facet, value) for facet, values in document.facets.items() for value in values]
    found.append((DAY, document.date[:10]))
    if document.ends:
        found.append((END, document.ends[:10]))
    if document.credit is not None:
        found.append((CREDIT, f"{document.credit:06d}"))
    if document.money_fen is not None:
        found.append((MONEY, money_stratum(document.money_fen)))
    if document.place is not None:
        found.append((PLACE, f"{document.place[0]:.4f},{document.place[1]:.4f}"))
    return found
