"""Preparing: what is written of documents, made of nothing but the documents; many at once, since a rebuild has very many."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ..analysis.characters import Characters
from ..analysis.spoken import Spoken
from ..documents import Document
from .schema import JOIN, PAIRED, row_of, sets_of, sounding
from .sets import Name

SEPARATOR = "\x1f"
NOWHERE = (None, None)
# Text in JSON holds no character of control, so what was written at once falls apart where one parts two objects.
_written = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(SEPARATOR, ":")).encode


@dataclass(frozen=True)
class Sheaf:
    """Different documents prepared together: their rows of each table one after the other, and who stands in which set."""

    rows: list[int]
    versions: list[int]
    docs: list[Any]
    texts: list[Any]
    sets: dict[Name, list[int]]


def prepare(documents: Sequence[Document]) -> Sheaf:
    """Analyse documents, each another one, for writing."""
    rows = [row_of(document.kind, document.id) for document in documents]
    titles = [document.title for document in documents]
    bodies = [document.body for document in documents]
    versions = [document.version for document in documents]
    places = [document.place or NOWHERE for document in documents]
    listed, sets = _standing(rows, documents)
    characters = Characters.of(titles)
    spoken = Spoken.of(characters, titles)
    sets.update(_sounding(rows, spoken))
    docs = _side_by_side(
        rows, versions, [0] * len(rows), [document.fingerprint for document in documents],
        [document.date for document in documents], [document.ends for document in documents],
        [document.credit for document in documents], [document.money_fen for document in documents],
        [latitude for latitude, _longitude in places], [longitude for _latitude, longitude in places],
        characters.spelled(), listed, titles, [document.url for document in documents],
        [document.status for document in documents], [document.method for document in documents],
        _objects([dict(document.shown) for document in documents]), bodies,
    )  # fmt: skip
    texts = _side_by_side(
        rows, characters.written(), Characters.of(bodies).written(),
        _paired(PAIRED["syllables"], spoken, spoken.names, len(rows)),
        _paired(PAIRED["initials"], spoken, spoken.initials, len(rows)),
    )  # fmt: skip
    return Sheaf(rows, versions, docs, texts, sets)


def _side_by_side(*columns: Sequence[Any]) -> list[Any]:
    """Return rows one after the other."""
    found: list[Any] = [None] * (len(columns) * len(columns[0]))
    for at, column in enumerate(columns):
        found[at :: len(columns)] = column
    return found


def _objects(objects: list[dict[str, str]]) -> list[str]:
    """Return each object in JSON."""
    found = _written(objects)[2:-2].split(f"}}{SEPARATOR}{{")
    return ["{" + members.replace(SEPARATOR, ",") + "}" for members in found]


def _standing(rows: list[int], documents: Sequence[Document]) -> tuple[list[str], dict[Name, list[int]]]:
    """Return how each row lists the sets in which it stands, and the rows of each set; those of syllables are not among them."""
    lists: list[list[str]] = []
    sets: defaultdict[Name, list[int]] = defaultdict(list)
    for name, column in sets_of(documents).items():
        members: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
        for row, values in zip(rows, column, strict=True):
            members[values].append(row)
        listed = {values: "".join(f"{name}{SEPARATOR}{value}{SEPARATOR}" for value in values) for values in members}
        lists.append([listed[values] for values in column])
        for values, found in members.items():
            for value in values:
                sets[name, value] += found
    return list(map("".join, zip(*lists, strict=True))), sets


def _sounding(rows: list[int], spoken: Spoken) -> dict[Name, list[int]]:
    """Return the rows of each syllable; long Latin words have no set."""
    short = spoken.units.astype(np.min_scalar_type(len(spoken.names)))  # which are sorted in one pass
    order = np.argsort(short, kind="stable")
    units, members = spoken.units[order], np.array(rows)[spoken.texts[order]].tolist()
    bounds = [0, *(np.nonzero(np.diff(units))[0] + 1).tolist(), len(units)]
    found = {spoken.names[units[begin]]: members[begin:end] for begin, end in pairwise(bounds) if begin < end}
    return {named: found[named[1]] for named in sounding(found)}


def _paired(mark: str, spoken: Spoken, names: Sequence[str], count: int) -> list[str]:
    """Return the units of each text as `schema.paired` writes them."""
    last = np.diff(spoken.texts, append=-1) != 0
    firsts = np.array([mark + name + JOIN for name in names], object)[spoken.units]
    alone = np.array([f"{mark}{name}\n" for name in names], object)[spoken.units[last]]
    pieces = np.empty((len(last), 2), object)
    pieces[:, 0], pieces[last, 0] = firsts, alone
    pieces[:-1, 1] = np.array([name + " " for name in names], object)[spoken.units[1:]]
    pieces[last, 1] = ""
    found = [""] * count
    for text, written in zip(spoken.texts[last].tolist(), "".join(pieces.ravel().tolist()).split("\n"), strict=False):
        found[text] = written
    return found


def sets_from(listed: str) -> list[Name]:
    """Read back in which sets a document stood."""
    parts = listed.split(SEPARATOR)
    return list(zip(parts[:-1:2], parts[1::2], strict=True))
