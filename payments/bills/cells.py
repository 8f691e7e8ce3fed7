"""What stands in a bill's cells: headings with either kind of brackets, amounts in yuan, times of China, numbers with tabs."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
_AMOUNT = re.compile(r"([+-]?)([0-9]{1,12})(?:\.([0-9]{1,2})0*)?")
_BRACKETS = str.maketrans("（）＋－", "()+-", " \t\r\n\ufeff")


def heading(text: str) -> str:
    """Return a heading as columns are looked up: half-width brackets and signs, no blanks."""
    return text.translate(_BRACKETS)


def fen(text: str) -> int:
    """Return the fen of an amount in yuan such as "1,234.50" or "-0.6"; nothing is zero. Raises ValueError."""
    plain = text.strip().replace(",", "")
    if not plain:
        return 0
    found = _AMOUNT.fullmatch(plain)
    if found is None:
        raise ValueError(text)
    sign, yuan, rest = found.groups()
    value = int(yuan) * 100 + (int(rest.ljust(2, "0")) if rest else 0)
    return -value if sign == "-" else value


def moment(text: str) -> datetime:
    """Return the moment of "2026-11-25 10:00:00", China time. Raises ValueError."""
    plain = text.strip()
    if len(plain) < 19:  # a day alone is no moment
        raise ValueError(text)
    return datetime.fromisoformat(plain).replace(tzinfo=CHINA)
