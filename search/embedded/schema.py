"""Schema: the tables of one generation, the number of a document's row, and the sets in which a document stands."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from ..documents import FACETS, Document, Kind

# A row's number is its kind's place followed by 28 bits of its own number: so no index of keys is needed, and a kind is a range.
KIND_BITS = 28
KINDS = tuple(Kind.values)
# Sets beside those of the facets: by them an order is walked in strata, and a single syllable is found.
DAY, END, CREDIT, MONEY, PLACE, SOUND = "day", "end", "credit_value", "money_stratum", "place", "sound"
PLACE_DECIMALS = 2  # of a degree, a kilometre: as exact as places are given
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
CREATE VIRTUAL TABLE doc_text USING fts5(title, body, syllables, initials, prefix='1', columnsize=0, tokenize="ascii tokenchars '+-_'");
INSERT INTO fact VALUES ('stamp', 0), ('common', '[]'), ('newest', 0);
"""
SPELLING_INDEX = "CREATE INDEX IF NOT EXISTS doc_spelling ON doc (spelling)"
DOC_COLUMNS = (
    "id", "version", "deleted", "fingerprint", "date", "ends", "credit", "money_fen", "latitude", "longitude", "spelling",
    "sets", "title", "url", "status", "method", "shown", "body",
)  # fmt: skip
TEXT_COLUMNS = ("rowid", "title", "body", "syllables", "initials")
# Fields with few different tokens are kept as pairs, a phrase of which is rare. Each pair bears its field's mark, so a beginning of
# letters that is sought in titles does not pass by all of them.
PAIRED = {"syllables": "+", "initials": "-"}
JOIN = "_"
SYLLABLE = re.compile("[a-z]{1,6}")
REST = re.compile(f"{JOIN}[^ ]*|[{re.escape(''.join(PAIRED.values()))}]")
SHAPE = hashlib.sha256(
    json.dumps([SCHEMA, KINDS, FACETS, KIND_BITS, CHUNK_BITS, PLACE_DECIMALS, PAIRED, JOIN, SYLLABLE.pattern]).encode()
).hexdigest()[:8]


def paired(field: str, tokens: Sequence[str]) -> str:
    """Return tokens as overlapping pairs followed by the last one alone: each still begins exactly one."""
    mark = PAIRED[field]
    return mark + f" {mark}".join([*map(JOIN.join, pairwise(tokens)), *tokens[-1:]]) if tokens else ""


def unpaired(text: str) -> str:
    """Return the tokens that were paired."""
    return REST.sub("", text)


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


@lru_cache(maxsize=1024)
def place_value(latitude: float, longitude: float) -> str:
    """Return the value of a place's set."""
    return f"{latitude:.{PLACE_DECIMALS}f},{longitude:.{PLACE_DECIMALS}f}"


def sounding(sounds: Iterable[str]) -> list[tuple[str, str]]:
    """Return name and value of the sets of syllables; long Latin words have none."""
    return [(SOUND, sound) for sound in sounds if SYLLABLE.fullmatch(sound)]


def sets_of(documents: Sequence[Document]) -> dict[str, list[tuple[str, ...]]]:
    """Return in which sets documents stand, except those of their syllables: by name of a set, the values of each document."""
    facets = [document.facets for document in documents]
    return {
        **{facet: [values[facet] for values in facets] for facet in FACETS},
        DAY: [(document.date[:10],) for document in documents],
        END: [(document.ends[:10],) if document.ends else () for document in documents],
        CREDIT: [() if document.credit is None else (f"{document.credit:06d}",) for document in documents],
        MONEY: [() if document.money_fen is None else (money_stratum(document.money_fen),) for document in documents],
        PLACE: [() if document.place is None else (place_value(*document.place),) for document in documents],
    }
