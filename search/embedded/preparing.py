"""Preparing: what is written of a document, made of nothing but the document."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

from pyroaring import BitMap

from ..analysis import pinyin, written
from ..documents import Document
from ..ranking import spelling
from .schema import paired, row_of, sets_of, sounding

SEPARATOR = "\x1f"
_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


class Prepared(NamedTuple):
    """The rows of a document, the sets in which it stands, and the different syllables (or Latin words) of its title."""

    row: int
    version: int
    doc: tuple[Any, ...]
    text: tuple[Any, ...]
    sets: list[tuple[str, str]]
    sounds: set[str]


def prepare(document: Document) -> Prepared:
    """Analyse a document for writing."""
    row = row_of(document.kind, document.id)
    latitude, longitude = document.place or (None, None)
    syllables, initials = pinyin(document.title)
    sets = sets_of(document)
    doc = (
        row, document.version, 0, document.fingerprint, document.date, document.ends, document.credit, document.money_fen,
        latitude, longitude, spelling(document.title), SEPARATOR.join(chain.from_iterable(sets)),
        document.title, document.url, document.status, document.method, _json(dict(document.shown)), document.body,
    )  # fmt: skip
    text = (
        row, written(document.title), written(document.body), paired("syllables", syllables), paired("initials", initials),
    )  # fmt: skip
    return Prepared(row, document.version, doc, text, sets, set(syllables))


@dataclass
class Sheaf:
    """Many documents prepared together: their rows one after the other, and who stands in which set."""

    count: int
    docs: list[Any]
    texts: list[Any]
    sets: dict[tuple[str, str], BitMap]


def prepare_all(documents: list[Document]) -> Sheaf:
    """Analyse documents for writing in bulk."""
    docs: list[Any] = []
    texts: list[Any] = []
    sets: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    sounds: defaultdict[str, list[int]] = defaultdict(list)
    for document in documents:
        prepared = prepare(document)
        docs += prepared.doc
        texts += prepared.text
        for name in prepared.sets:
            sets[name].append(prepared.row)
        for sound in prepared.sounds:
            sounds[sound].append(prepared.row)
    sets.update((name, sounds[name[1]]) for name in sounding(sounds))
    return Sheaf(len(documents), docs, texts, {name: BitMap(rows) for name, rows in sets.items()})


def sets_from(written: str) -> list[tuple[str, str]]:
    """Read back in which sets a document stood."""
    parts = written.split(SEPARATOR) if written else []
    return list(zip(parts[::2], parts[1::2], strict=True))
