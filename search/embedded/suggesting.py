"""Suggesting: by kind, the documents whose title fits what has been typed so far; only so many are looked at."""

from __future__ import annotations

import json
import sqlite3

from pyroaring import BitMap

from ..analysis import All as AllOf
from ..analysis import Analysis, Node, Phrase, narrow
from ..analysis import Any as AnyOf
from ..documents import Kind
from ..engine import Hit
from ..ranking import STARTS, WHOLE, clauses, opening
from .matching import Matcher, match
from .ordering import Backwards
from .rows import hits
from .schema import KIND_BITS, KINDS, key_of, unpaired
from .sets import Sets
from .watching import fits

TITLES = frozenset({"title", "syllables", "initials"})
NEWEST, STARTING = 96, 32  # candidates per kind: the latest ones, and those of which the title begins as typed
FITTING = "SELECT rowid FROM doc_text WHERE doc_text MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid DESC LIMIT ?"
BEGINNING = "SELECT id FROM doc WHERE spelling >= ? AND spelling < ? AND id BETWEEN ? AND ? ORDER BY spelling LIMIT ?"
READ = (
    "SELECT doc.id, doc.date, doc.spelling, doc_text.title, doc_text.syllables, doc_text.initials FROM doc"
    " JOIN doc_text ON doc_text.rowid = doc.id WHERE doc.id IN (SELECT value FROM json_each(?)) AND NOT doc.deleted"
)


def suggest(
    connection: sqlite3.Connection, sets: Sets, analysis: Analysis, per_kind: int
) -> dict[str, tuple[Hit, ...]]:
    """Return the best titles of each kind, by the score of search.ranking, the newest first among equals."""
    node = narrow(analysis.exact, TITLES)
    if node is None:
        return {}
    counted = [(part, weight) for whole, weight in clauses(analysis, "exact") if (part := narrow(whole, TITLES))]
    beginning = opening(analysis, "exact")
    words, listed = _split(Matcher(connection, sets), node)
    found: dict[str, tuple[Hit, ...]] = {}
    for kind in Kind.values:
        candidates = {
            *_candidates(connection, words, beginning, kind),
            *(listed & sets.of("kind").get(kind, BitMap()))[-NEWEST:],
        }
        best = _best(connection, sorted(candidates), node, counted, beginning)[:per_kind]
        if best:
            found[kind] = hits(connection, best)
    return found


def _split(matcher: Matcher, node: Node) -> tuple[str, BitMap]:
    """Return what FTS5 is to look for, newest first and no further than needed, and what the sets know already.

    The beginning of one syllable stands in most titles, and FTS5 would gather all of them before it gives the first.
    """
    if isinstance(node, AllOf):
        return "", matcher.docs(node)
    words: list[str] = []
    listed = BitMap()
    for part in node.parts if isinstance(node, AnyOf) else (node,):
        rest: Node | None = part
        if isinstance(part, Phrase) and "syllables" in part.fields and len(part.tokens) == 1:
            listed = listed | matcher.sounding(part)
            rest = narrow(part, TITLES - {"syllables"})
        if rest is not None:
            words.append(match(rest))
    return " OR ".join(words), listed


def _candidates(connection: sqlite3.Connection, words: str, beginning: str, kind: str) -> list[int]:
    first = KINDS.index(kind) << KIND_BITS
    span = (first, first + (1 << KIND_BITS) - 1)
    rows = connection.execute(FITTING, (words, *span, NEWEST)).fetchall() if words else []
    if beginning:
        rows += connection.execute(BEGINNING, (beginning, f"{beginning}\U0010ffff", *span, STARTING)).fetchall()
    return list({row for (row,) in rows})


def _best(
    connection: sqlite3.Connection, candidates: list[int], node: Node, counted: list[tuple[Node, int]], beginning: str
) -> list[int]:
    scored = []
    for row, date, spelling, title, syllables, initials in connection.execute(READ, (json.dumps(candidates),)):
        fields = {"title": f" {title} ", "syllables": f" {unpaired(syllables)} ", "initials": f" {unpaired(initials)} "}
        if not fits(node, fields):
            continue
        score = sum(weight for part, weight in counted if fits(part, fields))
        if beginning and spelling.startswith(beginning):
            score += STARTS + (WHOLE if spelling == beginning else 0)
        scored.append((-score, Backwards(date), key_of(row), row))
    return [row for *_keys, row in sorted(scored)]
