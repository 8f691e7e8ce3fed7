"""The wording of a contract: its text from the template, the hash that is signed, and its blocks for page and PDF."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from .models import Contract, Milestone

SIGN_DAYS, PAY_DAYS, ACCEPT_DAYS = 10, 5, 5  # working days
INDENT = "\u3000\u3000"


@dataclass
class Block:
    """A piece of the text: "title", "heading", "paragraph", or "table" with its rows."""

    kind: str
    text: str = ""
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)

    @property
    def named_rows(self) -> list[list[tuple[str, str]]]:
        """Return the rows of a table, each cell with the name of its column."""
        return [list(zip(self.head, row, strict=False)) for row in self.rows]


def render_body(contract: Contract, milestones: Sequence[Milestone]) -> str:
    """Return the text that both sides sign: Chinese, plain, the same for the same terms."""
    tender = contract.tender
    context = {
        "contract": contract,
        "tender": tender,
        "buyer": contract.buyer,
        "supplier": contract.supplier,
        "confirmed_at": contract.award.confirmed_at,
        "milestones": milestones,
        "scope": "\n".join(INDENT + one_line(line) for line in tender.description.splitlines() if line.strip()),
        "site": settings.WAGTAIL_SITE_NAME,
        "pay_days": PAY_DAYS,
        "accept_days": ACCEPT_DAYS,
    }
    with translation.override("zh-hans"):
        text = render_to_string("contracts/sale.txt" if contract.is_sale else "contracts/body.txt", context)
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip())


def one_line(text: str) -> str:
    """Return text without line breaks, tabs and runs of spaces."""
    return re.sub(r"\s+", " ", text).strip()


def digest(body: str) -> str:
    """Return the SHA-256 of a contract's text."""
    return hashlib.sha256(body.encode()).hexdigest()


def blocks(body: str) -> list[Block]:
    """Return the text cut into blocks: the first line is the title, 第…条 a heading, lines with tabs a table."""
    found: list[Block] = []
    for number, line in enumerate(body.splitlines()):
        if number == 0:
            found.append(Block("title", line))
        elif "\t" in line:
            cells = line.split("\t")
            if found[-1].kind == "table":
                found[-1].rows.append(cells)
            else:
                found.append(Block("table", head=cells))
        elif re.match(r"第[一二三四五六七八九十]+条\u3000", line):
            found.append(Block("heading", line))
        else:
            found.append(Block("paragraph", line))
    return found
