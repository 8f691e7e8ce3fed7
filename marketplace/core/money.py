"""Money: integer fen inside, yuan only in what people read and type."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from django.utils.translation import gettext as _

from .refusals import Invalid

MAX_FEN = 10**13  # 100 billion yuan: above any contract of a city, far below 2**63
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def format_yuan(fen: int) -> str:
    """Return fen as yuan for people: 123450 -> "1,234.50"."""
    sign = "-" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), 100)
    return f"{sign}{yuan:,}.{rest:02d}"


def to_yuan(fen: int) -> str:
    """Return fen as yuan for machines and inputs: 123450 -> "1234.50"."""
    return format_yuan(fen).replace(",", "")


def parse_yuan(text: str) -> int:
    """Return the fen of an amount typed in yuan.

    Full-width digits, thousands separators, a leading ¥ and spaces are accepted. Refuses with `amount_invalid` what is
    no number, is negative, too large, or finer than one fen.
    """
    plain = unicodedata.normalize("NFKC", str(text)).strip().removeprefix("¥").removesuffix("元").strip()
    plain = re.sub(r"[,\s_]", "", plain)
    if not re.fullmatch(r"\d{1,14}(\.\d+)?", plain):
        raise Invalid("amount_invalid", _("请填写金额，例如 12800 或 12800.50。"), field="amount")
    fen = Decimal(plain) * 100
    if fen != fen.to_integral_value():
        raise Invalid("amount_not_whole_fen", _("金额最小到分，小数点后最多两位。"), field="amount")
    if fen > MAX_FEN:
        raise Invalid("amount_too_large", _("金额太大，请核对单位是否为元。"), field="amount")
    return int(fen)


def _capital_group(number: int) -> str:
    words, zero = "", False
    for power in (3, 2, 1, 0):
        digit = number // 10**power % 10
        if digit:
            words += ("零" if zero and words else "") + _DIGITS[digit] + _UNITS[power]
            zero = False
        else:
            zero = True
    return words


def capitals(fen: int) -> str:
    """Return an amount in the capital figures of contracts and cheques: 3200000 -> 叁万贰仟元整.

    Follows the rules of 《支付结算办法》 annex 1: a zero between figures is read once, 整 follows a whole yuan or jiao.
    """
    if fen < 0:
        return "负" + capitals(-fen)
    yuan, rest = divmod(fen, 100)
    jiao, cent = divmod(rest, 10)
    groups = [yuan // 10000**power % 10000 for power in range(4)]
    words = ""
    for power in (3, 2, 1, 0):
        group = groups[power]
        if group:
            gap = words and (group < 1000 or groups[power + 1] % 10 == 0)
            words += ("零" if gap else "") + _capital_group(group) + _GROUPS[power]
    text = words + "元" if words else ""
    if not rest:
        return (text or "零元") + "整"
    if jiao:
        text += ("零" if words and yuan % 10 == 0 else "") + _DIGITS[jiao] + "角"
    elif words:
        text += "零"
    return text + (_DIGITS[cent] + "分" if cent else "整")
