"""Meant: what somebody who mistyped probably meant, to be offered as "did you mean"."""

from __future__ import annotations

from .query import LETTERS, LONGEST_QUERY, parted
from .sounds import sounds, spellings
from .text import HAN_RUN, RUN, normalize
from .vocabulary import STOPS, corrections, index_of, split


def meant(query: str, title: str, words: frozenset[str]) -> str:
    """Return what was probably meant by `query`, "" when nothing else was.

    `title` is that of the first hit: a piece of it that sounds like what was typed comes first. `words` are the known
    words: one of them that sounds the same or is one edit away comes second. What needs no correction stays as typed.
    """
    words = words - STOPS
    typed = parted(normalize(query)[:LONGEST_QUERY])
    heads = [run for run in HAN_RUN.findall(normalize(title)) if len(run) > 1]
    fixed = ["".join(_run(han or other, heads, words) for han, other in RUN.findall(word)) for word in typed]
    return "" if fixed == ["".join(map("".join, RUN.findall(word))) for word in typed] else " ".join(fixed)


def _run(run: str, heads: list[str], words: frozenset[str]) -> str:
    if LETTERS.fullmatch(run):
        return _letters(run, heads, words)
    if not HAN_RUN.fullmatch(run) or len(run) < 2 or any(run in head for head in heads):
        return run
    if found := _sounding(sounds(run), heads):
        return found
    if found := next(iter(corrections(run, words)), ""):
        return found
    return "".join(
        piece
        if piece in words or piece in STOPS
        else _sounding(sounds(piece), heads) or next(iter(corrections(piece, words)), piece)
        for piece in split(run, words | STOPS)
    )


def _letters(letters: str, heads: list[str], words: frozenset[str]) -> str:
    """Return the word that pinyin was typed for; letters that are nothing of that sort stay."""
    for way in spellings(letters):
        if len(way) > 1 and (found := next(iter(index_of(words).by_sound.get(way, ())), "") or _sounding(way, heads)):
            return found
    return letters


def _sounding(way: tuple[str, ...], heads: list[str]) -> str:
    """Return the piece of a title with these syllables, at least two."""
    if len(way) < 2:
        return ""
    for head in heads:
        for at in range(len(head) - len(way) + 1):
            piece = head[at : at + len(way)]
            if sounds(piece) == way:
                return piece
    return ""
