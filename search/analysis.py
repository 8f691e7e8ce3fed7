"""Analysis: turn Chinese text into tokens, and what a person types into a query over those tokens; no database.

The same tokens feed every adapter, so all of them match alike. A run of Han characters becomes its overlapping pairs
followed by its last character alone: each character then begins exactly one token, a longer word is a phrase of
pairs and a single character is a prefix.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pypinyin import Style, lazy_pinyin

from .syllables import SYLLABLES

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
RUN = re.compile(f"([{HAN}]+)|([^\\W_{HAN}]+)")
HAN_RUN = re.compile(f"[{HAN}]+")
LETTERS = re.compile(r"[a-z]+")
LONGEST_QUERY = 200
MOST_WORDS = 12
TEXT = ("title", "body")
ENDINGS = re.compile(r"(?<=..)(?:省|市|区|县|镇|乡|街道|林场|农场)$")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens that must follow one another in one of `fields`; the last one may be only a beginning."""

    tokens: tuple[str, ...]
    fields: tuple[str, ...] = TEXT
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class All:
    """Every part must match."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part must match."""

    parts: tuple[Node, ...]


Node = Phrase | All | Any


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was typed, as a ladder: each step is tried only when the one before finds nothing."""

    text: str
    exact: Node | None
    homophone: Node | None
    similar: Node | None
    words: tuple[str, ...]  # what to mark in a hit, longest first

    def marks(self, step: str) -> tuple[str, ...]:
        """Return what to mark when `step` answered: the words, or the pairs of characters that were enough."""
        if step == "similar" and isinstance(self.similar, Any):
            return tuple(token for part in self.similar.parts if isinstance(part, Phrase) for token in part.tokens)
        return self.words


def normalize(text: str) -> str:
    """Return NFKC in lower case: full-width letters and digits become plain ones."""
    return unicodedata.normalize("NFKC", text).lower()


def pairs(run: str) -> list[str]:
    """Return the overlapping pairs of a Han run and its last character."""
    return [run[at : at + 2] for at in range(len(run) - 1)] + [run[-1]]


def tokens(text: str) -> list[str]:
    """Return the tokens of a text that is to be indexed."""
    found: list[str] = []
    for han, other in RUN.findall(normalize(text)):
        found.extend(pairs(han) if han else [other])
    return found


def pinyin(text: str) -> tuple[list[str], list[str]]:
    """Return the syllables and the initials of a title; Latin words stand among them as they are."""
    syllables: list[str] = []
    initials: list[str] = []
    for han, other in RUN.findall(normalize(text)):
        spoken = lazy_pinyin(han, style=Style.NORMAL, errors="ignore") if han else [other]
        syllables.extend(spoken)
        initials.extend(sound[0] for sound in spoken) if han else initials.append(other)
    return syllables, initials


@lru_cache(maxsize=2048)
def spellings(letters: str) -> tuple[tuple[str, ...], ...]:
    """Return the ways to read `letters` as syllables, the last of which may be unfinished; at most eight."""
    ways: list[tuple[str, ...]] = []

    def read(at: int, so_far: tuple[str, ...]) -> None:
        if len(ways) >= 8:
            return
        if at == len(letters):
            ways.append(so_far)
            return
        rest = letters[at:]
        for length in range(min(6, len(rest)), 0, -1):
            part = rest[:length]
            is_last = length == len(rest)
            if part in SYLLABLES or (is_last and any(known.startswith(part) for known in SYLLABLES)):
                read(at + length, (*so_far, part))

    if len(letters) <= 48:
        read(0, ())
    return tuple(ways)


@lru_cache(maxsize=1)
def synonyms() -> dict[str, tuple[str, ...]]:
    """Return for each word of the table all the words that mean the same, itself first."""
    table: dict[str, tuple[str, ...]] = {}
    with Path(__file__).with_name("synonyms.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            group = tuple(normalize(word) for word in row.values() if word)
            short = group[0]
            table[short] = tuple(dict.fromkeys((*table.get(short, ()), *group)))
            full = group[1]
            table.setdefault(full, (full, short))
    return table


def place_words(names: Iterable[str]) -> frozenset[str]:
    """Return the names of places, with and without the word that says what kind of place it is."""
    found: set[str] = set()
    for name in names:
        word = normalize(name)
        found |= {word, ENDINGS.sub("", word)}
    return frozenset(word for word in found if len(word) > 1)


def narrow(node: Node | None, fields: frozenset[str]) -> Node | None:
    """Return the node as far as it asks for `fields`, or None when nothing of it is left."""
    if node is None:
        return None
    if isinstance(node, Phrase):
        kept = tuple(field for field in node.fields if field in fields)
        return Phrase(node.tokens, kept, node.is_prefix) if kept else None
    parts = [narrow(part, fields) for part in node.parts]
    if isinstance(node, All):
        return None if None in parts else _all(parts)
    return _any(part for part in parts if part is not None)


def _any(parts: Iterable[Node]) -> Node | None:
    different = tuple(dict.fromkeys(parts))
    return different[0] if len(different) == 1 else Any(different) if different else None


def _all(parts: Iterable[Node | None]) -> Node | None:
    kept = tuple(dict.fromkeys(part for part in parts if part is not None))
    return kept[0] if len(kept) == 1 else All(kept) if kept else None


def _plain(word: str) -> Node | None:
    """Return the word as it stands: each run a phrase, a single character or a Latin word as a beginning."""
    parts: list[Node | None] = []
    for han, other in RUN.findall(word):
        if other:
            parts.append(Phrase((other,), is_prefix=True))
        elif len(han) == 1:
            parts.append(Phrase((han,), is_prefix=True))
        else:
            parts.append(Phrase(tuple(pairs(han)[:-1])))
    return _all(parts)


def _split(run: str, known: frozenset[str]) -> Iterator[str]:
    """Yield the pieces of a run: known words, longest first, and what stands between them."""
    longest = max((len(word) for word in known), default=0)
    start = at = 0
    while at < len(run):
        for length in range(min(longest, len(run) - at), 1, -1):
            if run[at : at + length] in known:
                if start < at:
                    yield run[start:at]
                yield run[at : at + length]
                start = at = at + length
                break
        else:
            at += 1
    if start < len(run):
        yield run[start:]


def _spoken(letters: str) -> Iterator[Node]:
    for way in spellings(letters):
        if len(letters) > 1:
            yield Phrase(way, ("syllables",), is_prefix=True)
    if 2 <= len(letters) <= 12:
        yield Phrase(tuple(letters), ("initials",))


def analyze(text: str, places: frozenset[str] = frozenset()) -> Analysis:
    """Read what a person typed: words joined by AND, each with its synonyms, its pieces and its pinyin."""
    clean = normalize(text)[:LONGEST_QUERY]
    words = [word for word in clean.split() if RUN.search(word)][:MOST_WORDS]
    table = synonyms()
    known = places | table.keys()
    exact: list[Node | None] = []
    homophone: list[Node | None] = []
    similar: list[Node] = []
    marked: list[str] = []
    for word in words:
        readings: list[Node | None] = [_plain(word)]
        pieces: list[Node | None] = []
        for han, other in RUN.findall(word):
            marked.append(han or other)
            if other:
                pieces.append(_plain(other))
                homophone.append(_plain(other))
                if LETTERS.fullmatch(other):
                    readings.extend(_spoken(other) if other == word else ())
                continue
            for piece in _split(han, known):
                same = table.get(piece, (piece,))
                marked.extend(same)
                pieces.append(_any(node for node in map(_plain, same) if node))
            if len(han) > 1:
                similar.extend(Phrase((pair,)) for pair in pairs(han)[:-1])
                sounds = lazy_pinyin(han, style=Style.NORMAL, errors="ignore")
                homophone.append(Phrase(tuple(sounds), ("syllables",)) if sounds else None)
            else:
                homophone.append(_plain(han))
        readings.append(_all(pieces))
        exact.append(_any(node for node in readings if node))
    return Analysis(
        text=" ".join(words),
        exact=_all(exact),
        homophone=_all(homophone) if similar else None,  # only Han words can be misheard
        similar=_any(similar) if len(similar) > 1 else None,
        words=tuple(sorted(set(marked), key=lambda word: (-len(word), word))),
    )
