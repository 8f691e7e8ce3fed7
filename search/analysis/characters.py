"""Characters: many texts at once as arrays, for an index of many: what `runs` finds in one text, at a tenth of its cost.

tests/search/test_characters.py holds the two to the same answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .text import HAN_RUN, RUN, normalize

Array = NDArray[Any]
CODES = 0x110000
# What a character is: nobody has asked yet; not one character but none or several; a blank; between words; in a word; Han.
UNKNOWN, SEVERAL, BLANK, BETWEEN, WORD, HAN = range(6)

_spelled = np.zeros(CODES, np.uint32)  # by code point; memory comes by the page, so only for what is met
_kinds = np.zeros(CODES, np.uint8)


def _learn(codes: Array) -> None:
    for code in np.unique(codes).tolist():
        character = normalize(chr(code))
        if len(character) == 1:
            _spelled[code] = ord(character)
        _kinds[code] = _kind(character)


def _kind(character: str) -> int:
    if len(character) != 1:
        return SEVERAL
    if character == " ":
        return BLANK
    if HAN_RUN.match(character):
        return HAN
    return WORD if RUN.match(character) else BETWEEN


def _read(texts: Sequence[str]) -> tuple[Array, Array]:
    """Return the code point of each character of the texts, and its kind."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), "<u4")
    kinds = _kinds[codes]
    if not kinds.all():
        _learn(codes[kinds == UNKNOWN])
        kinds = _kinds[codes]
    return codes, kinds


def _text(codes: Array) -> str:
    return codes.tobytes().decode("utf-32-le", "surrogatepass")


@dataclass(frozen=True)
class Characters:
    """The characters of `count` texts in the one spelling, without blanks: an array of each property, one place a character.

    `codes` are code points, `kinds` BETWEEN, WORD or HAN, `texts` the places of the texts; `goes_on` says whether the run of a
    character goes on with the next one. Blanks inside Han do not part a run.
    """

    count: int
    codes: Array
    kinds: Array
    texts: Array
    goes_on: Array

    @classmethod
    def of(cls, texts: Sequence[str]) -> Characters:
        """Read texts."""
        codes, kinds = _read(texts)
        if SEVERAL in kinds:
            texts = [normalize(text) for text in texts]
            codes, kinds = _read(texts)
        (kept,) = np.nonzero(kinds != BLANK)
        codes, kinds = _spelled[codes[kept]], kinds[kept]
        numbers = np.repeat(np.arange(len(texts)), [len(text) for text in texts])[kept]
        goes_on = np.zeros(len(kept), np.bool_)
        is_beside = np.diff(kept) == 1
        goes_on[:-1] = (
            (numbers[1:] == numbers[:-1])
            & (kinds[1:] == kinds[:-1])
            & ((kinds[1:] == HAN) | ((kinds[1:] == WORD) & is_beside))
        )
        return cls(len(texts), codes, kinds, numbers, goes_on)

    @cached_property
    def whole(self) -> str:
        """All characters as one text."""
        return _text(self.codes)

    @cached_property
    def runs(self) -> tuple[Array, Array]:
        """Where each run begins and where it has ended; what stands between words is a run of its own."""
        ends = np.nonzero(~self.goes_on)[0] + 1
        begins = np.zeros_like(ends)
        begins[1:] = ends[:-1]
        return begins, ends

    def written(self) -> list[str]:
        """Return the tokens of each text with blanks between them, as an index takes them."""
        is_han = self.kinds == HAN
        is_pair = is_han & self.goes_on
        room = np.where(self.kinds >= WORD, 1 + is_pair + (is_han | ~self.goes_on), 0)
        ends = np.cumsum(room)
        places = ends - room
        letters = np.full(ends[-1] if len(ends) else 0, ord(" "), np.uint32)
        (shown,) = np.nonzero(room)
        letters[places[shown]] = self.codes[shown]
        (firsts,) = np.nonzero(is_pair)
        letters[places[firsts] + 1] = self.codes[firsts + 1]
        return self._cut(letters, room, gap=1)

    def spelled(self) -> list[str]:
        """Return each text without spaces and punctuation."""
        shown = self.kinds >= WORD
        return self._cut(self.codes[shown], shown)

    def _cut(self, letters: Array, room: Array, gap: int = 0) -> list[str]:
        """Return the part of each text, without the last `gap` letters; `room` is how many letters each character takes."""
        lengths = np.bincount(self.texts, room, self.count).astype(np.int64)
        ends = np.cumsum(lengths)
        begins = ends - lengths
        whole = _text(letters)
        return [
            whole[begin:end]
            for begin, end in zip(begins.tolist(), np.maximum(begins, ends - gap).tolist(), strict=True)
        ]
