"""Highlight: mark words in original text; one function for every adapter, so that results look alike."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from .analysis import normalize

SNIPPET = 90


def spans(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Return where words stand in the text, as ranges that do not touch; letters match in any width and case."""
    plain: list[str] = []
    origin: list[int] = []
    for at, character in enumerate(text):
        for part in normalize(character):
            plain.append(part)
            origin.append(at)
    line = "".join(plain)
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


def snippet(text: str, words: tuple[str, ...], length: int = SNIPPET) -> SafeString:
    """Return the part of the text around the first marked word."""
    first = next(iter(spans(text, words)), (0, 0))[0]
    begin = max(0, min(first - length // 3, len(text) - length))
    cut = text[begin : begin + length]
    return mark_safe(  # noqa: S308 - highlight escapes
        ("…" if begin else "") + highlight(cut, words) + ("…" if begin + length < len(text) else "")
    )
