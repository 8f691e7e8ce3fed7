"""Spoken: how the titles of many documents are read aloud, as arrays: what `pinyin` says of one title, at a tenth of its cost.

tests/search/test_characters.py holds the two to the same answers.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .characters import CODES, HAN, WORD, Array, Characters
from .sounds import LONGEST_PHRASE, in_phrase, is_open, pinyin, turning, usual

SILENT = 0
NOBODY_ASKED = -1


class _Numbers(dict[tuple[str, str], int]):
    """Give each unit, as its name and its initial, a number as units are met."""

    def __missing__(self, unit: tuple[str, str]) -> int:
        with _counting:
            return self.setdefault(unit, len(self))


_counting = threading.Lock()
_numbers = _Numbers({("", ""): SILENT})  # of syllables
_readings = np.full(CODES, NOBODY_ASKED, np.int16)  # the number of each character's usual reading


@dataclass(frozen=True)
class Spoken:
    """What is read aloud of texts: an array of units by number, one of the places of their texts, and names and initials by number.

    A unit is a syllable, a Latin word or what stands between two readings of one text; the initial of a syllable is its first
    letter, that of anything else all of it.
    """

    units: Array
    texts: Array
    names: tuple[str, ...]
    initials: tuple[str, ...]

    @classmethod
    def of(cls, characters: Characters, texts: Sequence[str]) -> Spoken:
        """Read aloud the texts that these are the characters of."""
        units = _usual(characters)
        several = _in_phrases(characters, units)
        numbers = _Numbers(_numbers)
        whole, (begins, ends) = characters.whole, characters.runs
        is_word = characters.kinds[begins] == WORD
        begins, ends = begins[is_word], ends[is_word]
        words = [whole[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
        units[begins] = [numbers[word, word] for word in words]
        kept = (units != SILENT) & ~np.isin(characters.texts, several)
        found, places = [units[kept]], [characters.texts[kept]]
        for text in several:
            found.append(np.array([numbers[unit] for unit in zip(*pinyin(texts[text]), strict=True)]))
            places.append(np.full(len(found[-1]), text))
        at = np.concatenate(places)
        order = np.argsort(at, kind="stable")
        names, initials = zip(*numbers, strict=True)
        return cls(np.concatenate(found)[order], at[order], names, initials)


def _usual(characters: Characters) -> Array:
    """Return the number of each character's usual reading, SILENT for what is no Han."""
    is_han = characters.kinds == HAN
    codes = characters.codes
    found = np.where(is_han, _readings[codes], SILENT)
    if NOBODY_ASKED in found:
        for code in np.unique(codes[found == NOBODY_ASKED]).tolist():
            sound = usual(chr(code))
            _readings[code] = _numbers[sound, sound[:1]]
        found = np.where(is_han, _readings[codes], SILENT)
    return found.astype(np.int64)


@lru_cache(maxsize=1)
def _turns() -> Array:
    """Return of each code point whether some phrase reads it in another way than usual."""
    found = np.zeros(CODES, np.bool_)
    found[[ord(character) for character in turning()]] = True
    return found


def _in_phrases(characters: Characters, units: Array) -> list[int]:
    """Let phrases change how characters are read; return the places of the texts that may be read in more than one way."""
    several: dict[int, None] = {}
    whole, (begins, ends) = characters.whole, characters.runs
    (at,) = np.nonzero(_turns()[characters.codes])
    run = np.searchsorted(ends, at, side="right")
    first, last = np.maximum(begins[run], at - LONGEST_PHRASE + 1), np.minimum(ends[run], at + LONGEST_PHRASE)
    found = []
    for place, begin, end in zip(at.tolist(), first.tolist(), last.tolist(), strict=True):
        if sound := in_phrase(whole[begin:end], place - begin):
            found.append(_numbers[sound, sound[0]])
        else:
            found.append(units[place])
            if is_open(whole[place]):
                several[int(characters.texts[place])] = None
    units[at] = found
    return list(several)
