"""What a request's `biz_content` says: amounts and texts, read strictly."""

from __future__ import annotations

import re
from typing import Any

from payments.alipay.answers import to_fen

from .protocol import business


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def amount(content: dict[str, Any], name: str) -> int:
    """Return an amount of a request in fen; refuses what is no string of at most two decimals."""
    text = content.get(name)
    if not isinstance(text, str) or not re.fullmatch(r"\d{1,9}(\.\d{1,2})?", text):
        raise business("ACQ.INVALID_PARAMETER", f"{name}应为最多两位小数的文字")
    return to_fen(text)


def text_of(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str) or not value:
        raise business("ACQ.INVALID_PARAMETER", f"缺少{name}")
    return value


def mask(logon_id: str) -> str:
    return f"{logon_id[:3]}***{logon_id[logon_id.find('@') :]}" if "@" in logon_id else logon_id
