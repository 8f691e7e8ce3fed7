"""Read the site's first pages from the files in `words/`: a head of `key: value` lines, then the body.

The body, paragraph by paragraph (an empty line between them):

- ``## 小标题`` a heading
- ``1. 做什么 | 会怎样`` lines are steps
- ``= 名称 | 内容`` lines are a table of terms
- ``> waiting | 标题 | 内容`` is a notice box
- ``? 问题`` followed by a line of answer is a question; several in a row make one list
- ``- 一项`` lines are a list
- anything else is a paragraph; ``[文字](/地址/)`` is a link, ``**文字**`` is strong
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

WORDS = Path(__file__).resolve().parent / "words"
Block = tuple[str, Any]


@dataclass(frozen=True)
class Wording:
    """Hold one page as written: where it stands, its head, its blocks for a StreamField."""

    section: str
    head: dict[str, str]
    body: list[Block]

    @property
    def slug(self) -> str:
        """Give the page's part of the address."""
        return self.head["slug"]


def wordings() -> list[Wording]:
    """Return every page that `words/` holds, by section and in the order of the file names."""
    return [read(path) for path in sorted(WORDS.rglob("*.txt"))]


def read(path: Path) -> Wording:
    """Return one file as a page."""
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    pairs = (line.partition(":") for line in head.splitlines())
    return Wording(path.parent.name, {key.strip(): value.strip() for key, _, value in pairs}, blocks(body))


def blocks(text: str) -> list[Block]:
    """Return the body's blocks; neighbouring questions become one list."""
    found: list[Block] = []
    for part in re.split(r"\n\s*\n", text.strip()):
        name, value = block(part.strip())
        if name == "faq" and found and found[-1][0] == "faq":
            found[-1][1].extend(value)
        elif part:
            found.append((name, value))
    return found


def block(part: str) -> Block:
    """Return one paragraph of the file as a block."""
    lines = [line.strip() for line in part.splitlines()]
    if part.startswith("## "):
        return "heading", part[3:]
    if re.match(r"\d+\. ", part):
        cells = [split(re.sub(r"^\d+\. ", "", line), 2) for line in lines]
        return "steps", [{"title": title, "text": text} for title, text in cells]
    if part.startswith("= "):
        return "terms", [dict(zip(("label", "value"), split(line[2:], 2), strict=True)) for line in lines]
    if part.startswith("> "):
        return "notice", dict(zip(("kind", "title", "text"), split(part[2:], 3), strict=True))
    if part.startswith("? "):
        return "faq", [{"question": lines[0][2:], "answer": f"<p>{inline(' '.join(lines[1:]))}</p>"}]
    if part.startswith("- "):
        return "paragraph", "<ul>" + "".join(f"<li>{inline(line[2:])}</li>" for line in lines) + "</ul>"
    return "paragraph", f"<p>{inline(''.join(lines))}</p>"


def split(line: str, cells: int) -> list[str]:
    """Return a line's cells, empty ones for those that it lacks."""
    parts = [cell.strip() for cell in line.split(" | ", cells - 1)]
    return parts + [""] * (cells - len(parts))


def inline(text: str) -> str:
    """Return text as HTML: escaped, with links and strong words."""
    text = escape(text, quote=False)
    text = re.sub(r"\[([^\]]+)\]\(([^)\s]+)\)", r'<a href="\2">\1</a>', text)
    return re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", text)
