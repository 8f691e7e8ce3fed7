"""Numbers of identity documents: normalise, check, and turn into a key, for the number itself is never kept."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.utils.translation import gettext as _

from marketplace.core.refusals import Invalid

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_SIGNS = "10X98765432"  # by the weighted sum modulo 11, GB 11643-1999
OTHER = re.compile(r"[A-Z]{1,3}[0-9]{6,10}")  # passports, travel permits


@dataclass(frozen=True)
class Person:
    """Be what is kept of somebody's identity number: `person_key` of it, and its last four characters."""

    key: str
    last4: str


def identify(number: str) -> Person:
    """Return what may be kept of a number as it was typed. Refuses what `check_person_number` refuses."""
    plain = check_person_number(number)
    return Person(person_key(plain), plain[-4:])


def check_person_number(text: str, *, field: str = "number") -> str:
    """Return a normalised identity number: capital half-width signs without spaces.

    A number of mostly digits is a resident's of 18 signs, with date of birth and check sign (GB 11643); one that begins
    with letters is a passport's or permit's. Refuses: person_number_missing, person_number_length,
    person_number_date, person_number_check.
    """
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text).upper())
    if not plain:
        raise Invalid("person_number_missing", _("请填写证件号码，它只用来核对，不会保存。"), field=field)
    if OTHER.fullmatch(plain):
        return plain
    if not re.fullmatch(r"\d{17}[\dX]", plain):
        message = _("居民身份证号码是 18 位数字，最后一位可以是 X；护照号码以字母开头。")
        raise Invalid("person_number_length", message, field=field)
    try:
        born = date(int(plain[6:10]), int(plain[10:12]), int(plain[12:14]))
    except ValueError:
        born = date.max
    if not date(1900, 1, 1) <= born <= datetime.now().astimezone().date():
        raise Invalid("person_number_date", _("第 7 到 14 位应是出生日期，请核对。"), field=field)
    if check_sign(plain[:17]) != plain[17]:
        raise Invalid("person_number_check", _("校验码对不上，至少有一位填错了，请对照证件核对。"), field=field)
    return plain


def check_sign(prefix: str) -> str:
    """Return the 18th sign of a resident's number for its first 17 digits."""
    total = sum(int(sign) * weight for sign, weight in zip(prefix, WEIGHTS, strict=True))
    return CHECK_SIGNS[total % 11]


def person_key(number: str) -> str:
    """Return the HMAC-SHA256 of a normalised number as 64 hexadecimal digits; without the key nobody finds it by trying."""
    return hmac.new(settings.PERSON_KEY.encode(), number.encode(), hashlib.sha256).hexdigest()
