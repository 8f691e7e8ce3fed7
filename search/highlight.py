"""Highlight: mark words in original text; one function for every adapter, so that results look alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from unicodedata import is_normalized

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from .analysis import normalize

SNIPPET = 90


def spans(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Return where words stand in the text, as ranges that do not touch; letters match in any width and case."""
    line = normalize(text)
    origin: Sequence[int] = range(len(text))
    if len(line) != len(text) or not is_normalized("NFKC", text):  # rare, and slow: one character may become several
        parts = [(at, part) for at, character in enumerate(text) for part in normalize(character)]
        line, origin = "".join(part for _at, part in parts), [at for at, _part in parts]
    found: list[tuple[int, int]] = []
    for word in words:
        at = line.find(word) if word else -1
        while at >= 0:
            found.append((origin[at], origin[at + len(word) - 1] + 1))
            at = line.find(word, at + 1)
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(found):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def highlight(text: str, words: Iterable[str]) -> SafeString:
    """Return the text as HTML with the words marked; everything else is escaped."""
    parts, at = [], 0
    for begin, end in spans(text, words):
        parts += [escape(text[at:begin]), f"<mark>{escape(text[begin:end])}</mark>"]
        at = end
    return mark_safe("".join([*parts, escape(text[at:])]))  # noqa: S308 - every part is escaped above


def snippet_text(text: str, words: Iterable[str], length: int = SNIPPET) -> str:
    """Return the part of the text around the first marked word, with signs where it was cut."""
    first = next(iter(spans(text, words)), (0, 0))[0]
    begin = max(0, min(first - length // 3, len(text) - length))
    cut = text[begin : begin + length]
    return ("…" if begin else "") + cut + ("…" if begin + length < len(text) else "")


def snippet(text: str, words: tuple[str, ...], length: int = SNIPPET) -> SafeString:
    """Return the same part as HTML with the words marked."""
    return highlight(snippet_text(text, words, length), words)
