"""The 统一社会信用代码: normalise, check and say what is wrong, per GB 32100-2015."""

from __future__ import annotations

import unicodedata

from django.utils.translation import gettext as _

from .refusals import Invalid

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # 31 signs: no I, O, S, V, Z
WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
LENGTH = 18
_LOOKS_LIKE = {"I": "1", "O": "0", "Z": "2", "S": "5", "V": "U"}


def normalise(text: str) -> str:
    """Return what was typed as capital half-width signs without spaces and hyphens."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(sign for sign in plain if sign.isprintable() and not sign.isspace() and sign not in "-‐–—_.")


def check_digit(prefix: str) -> str:
    """Return the 18th sign for 17 legal ones: 31 less the weighted sum modulo 31."""
    total = sum(ALPHABET.index(sign) * weight for sign, weight in zip(prefix, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def make_uscc(prefix17: str) -> str:
    """Return a whole code for 17 signs; for seeds and tests."""
    return prefix17 + check_digit(prefix17)


def check_uscc(text: str, *, field: str = "uscc") -> str:
    """Return the normalised code; refuse what is no such code with a sentence that says which sign is wrong.

    Refuses: uscc_missing, uscc_length, uscc_letter, uscc_check_digit. Codes that begin with a letter (N rural
    collectives, A military, Y other) are codes like all others.
    """
    code = normalise(text)
    if not code:
        raise Invalid("uscc_missing", _("请填写统一社会信用代码，它印在营业执照上。"), field=field)
    if len(code) != LENGTH:
        message = _("统一社会信用代码是 18 位，您填了 %(length)d 位。") % {"length": len(code)}
        if len(code) == 15 and code.isdigit():
            message = _("这是 15 位的旧注册号。请填写营业执照上 18 位的统一社会信用代码。")
        elif len(code) == 9:
            message = _("这是 9 位的组织机构代码。请填写证照上 18 位的统一社会信用代码。")
        raise Invalid("uscc_length", message, field=field)
    for place, sign in enumerate(code, 1):
        if sign in ALPHABET:
            continue
        if sign in _LOOKS_LIKE:
            message = _("第 %(place)d 位是字母 %(sign)s，代码里不用字母 I、O、S、V、Z，请核对是不是 %(like)s。") % {
                "place": place,
                "sign": sign,
                "like": _LOOKS_LIKE[sign],
            }
        else:
            message = _("第 %(place)d 位“%(sign)s”不是数字或大写字母，请核对。") % {"place": place, "sign": sign}
        raise Invalid("uscc_letter", message, field=field)
    if check_digit(code[:17]) != code[17]:
        raise Invalid("uscc_check_digit", _("校验码对不上，至少有一位填错了，请对照营业执照逐位核对。"), field=field)
    return code
