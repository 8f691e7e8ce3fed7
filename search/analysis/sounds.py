"""Sounds: how titles are read aloud, and how letters may be read as syllables."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

from pypinyin import Style, lazy_pinyin
from pypinyin.phrases_dict import phrases_dict

from .syllables import BEGINNINGS, OPEN_READINGS, SYLLABLES
from .text import runs

LONGEST_PHRASE = 4
APART = "0"  # stands between two readings of one title, so that no phrase reaches from one into the other
# Where a phrase around a character may begin before it, and how long it is: the longest first, of equal ones the earliest.
AROUND = tuple((back, length) for length in range(LONGEST_PHRASE, 1, -1) for back in range(length - 1, -1, -1))
MOST_READINGS = 3
MOST_SPELLINGS = 8
LONGEST_LETTERS = 48


class _Readings(dict[str, str]):
    """Hold each character's usual reading, filled as characters are met; "" for what nobody reads."""

    def __missing__(self, character: str) -> str:
        spoken = lazy_pinyin(character, style=Style.NORMAL, errors="ignore")
        self[character] = found = spoken[0] if spoken else ""
        return found


_READINGS: Any = _Readings()


def _without_tone(syllable: str) -> str:
    letters = unicodedata.normalize("NFD", syllable)
    plain = (letter for letter in letters if letter == "\u0308" or not unicodedata.combining(letter))
    return "".join(plain).replace("u\u0308", "v")


@lru_cache(maxsize=1)
def _phrases() -> tuple[frozenset[str], dict[str, tuple[str, ...]]]:
    """Return the characters that are read otherwise in some phrase of pypinyin, and the phrases that have one of them.

    pypinyin itself takes some 200 microseconds a title; with these two tables it is about one.
    """
    spoken = {
        phrase: tuple(_without_tone(sounds[0]) for sounds in parts)
        for phrase, parts in phrases_dict.items()
        if 2 <= len(phrase) <= LONGEST_PHRASE and len(parts) == len(phrase)
    }
    turning = {
        character
        for phrase, sounds in spoken.items()
        for character, sound in zip(phrase, sounds, strict=True)
        if sound != _READINGS[character]
    }
    return frozenset(turning), {phrase: sounds for phrase, sounds in spoken.items() if not turning.isdisjoint(phrase)}


def usual(character: str) -> str:
    """Return the usual reading of a character, "" for what nobody reads."""
    return str(_READINGS[character])


def turning() -> frozenset[str]:
    """Return the characters that are read otherwise in some phrase."""
    return _phrases()[0]


@lru_cache(maxsize=1024)
def is_open(character: str) -> bool:
    """Say whether names use a character of `turning` in more than one reading where no phrase decides."""
    return bool(_others(character))


def _others(character: str) -> list[str]:
    return [sound for sound in OPEN_READINGS.get(character, ()) if sound != _READINGS[character]]


@lru_cache(maxsize=8192)
def in_phrase(run: str, at: int) -> str:
    """Return how the longest phrase around a character reads it, "" when there is none; `run` is no more than may matter."""
    _turning, phrases = _phrases()
    for back, length in AROUND:
        begin = at - back
        if begin >= 0 and begin + length <= len(run) and (part := run[begin : begin + length]) in phrases:
            return phrases[part][back]
    return ""


def readings(run: str) -> list[list[str]]:
    """Return how a Han run is read: as its phrases say; where none does and names go both ways, each way (at most 3)."""
    first = [_READINGS[character] for character in run]
    turns = turning()
    if turns.isdisjoint(run):
        return [[sound for sound in first if sound]]
    open_at: list[tuple[int, str]] = []
    for at, character in enumerate(run):
        if character in turns:
            begin = max(0, at - LONGEST_PHRASE + 1)
            if sound := in_phrase(run[begin : at + LONGEST_PHRASE], at - begin):
                first[at] = sound
            else:
                open_at += [(at, other) for other in _others(character)]
    ways = [first, *([*first[:at], other, *first[at + 1 :]] for at, other in open_at[: MOST_READINGS - 1])]
    return [[sound for sound in way if sound] for way in ways]


def sounds(run: str) -> tuple[str, ...]:
    """Return the likeliest reading of a Han run as syllables."""
    return tuple(readings(run)[0])


def pinyin(text: str) -> tuple[list[str], list[str]]:
    """Return the syllables and the initials of a title; Latin words stand among them as they are.

    Where a name may be read in more than one way (行, 长, 乐 …) the other readings follow, each after `APART`.
    """
    syllables: list[str] = []
    initials: list[str] = []
    others: list[list[str]] = []
    for han, other in runs(text):
        if other:
            syllables.append(other)
            initials.append(other)
            continue
        first, *more = readings(han)
        syllables += first
        initials += [sound[0] for sound in first]
        others += more
    for way in others:
        syllables += [APART, *way]
        initials += [APART, *(sound[0] for sound in way)]
    return syllables, initials


@lru_cache(maxsize=2048)
def spellings(letters: str) -> tuple[tuple[str, ...], ...]:
    """Return the ways to read `letters` as syllables, at most eight; where there is no other, the last one is unfinished."""
    ways: list[tuple[str, ...]] = []
    dead: set[int] = set()  # places from which no way leads to the end

    def read(at: int, so_far: tuple[str, ...]) -> None:
        if at == len(letters):
            ways.append(so_far)
            return
        known = len(ways)
        for length in range(min(6, len(letters) - at), 0, -1):
            part = letters[at : at + length]
            is_last = at + length == len(letters)
            if at + length not in dead and (part in SYLLABLES or (is_last and part in BEGINNINGS)):
                read(at + length, (*so_far, part))
                if len(ways) >= MOST_SPELLINGS:
                    return
        if len(ways) == known:
            dead.add(at)

    if len(letters) <= LONGEST_LETTERS:
        read(0, ())
    finished = tuple(way for way in ways if way[-1] in SYLLABLES) if letters else ()
    return finished or tuple(ways)
