"""The form of Alipay's CSV files: lines of comment around a ruled list, long numbers that end in a tab."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence


def sheet(title: str, head: list[str], name: str, rows: Iterable[Sequence[str]], foot: list[str]) -> str:
    """Return the text of a file; the first of `rows` is the heading."""
    text = io.StringIO()
    rule = "-" * 40
    for line in (title, *head, f"#{rule}{name}{rule}"):
        text.write(f"{line}\r\n")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    for line in (f"#{rule}{name}结束{rule}", *foot):
        text.write(f"{line}\r\n")
    return text.getvalue()


def columns(words: str) -> list[str]:
    """Return the headings that stand in a text with blanks between them."""
    return words.split()


def long(number: str) -> str:
    """Return a number with the tab that keeps spreadsheets from rounding it."""
    return f"{number}\t"


def money(fen: int) -> str:
    """Return fen as yuan with two decimals, negative ones with a minus."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"
