"""Leading: find the place that a search begins with, so that it can narrow the search instead of being a word of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from .analysis import normalize, place_words, tokens

BETWEEN = " ,，、·.的"
# 月湖大道, 鹰潭北站 and 余江一中 are names of things in a place, not a place and a subject.
NAMES_A_THING = re.compile(
    r"[东南西北中新老]?(?:大道|大街|大桥|路|街|桥|河|湖|站|港|村|镇|乡)|公园|广场|[一二三四五六七八九十第\d]|[大中小]学|医院|学校|机场|水库|电厂|新区|高新"
)
# A whole name is sought as it stands: who it belongs to may have its seat elsewhere.
WHOLE_NAME = re.compile(r"(?:公司|事务所|研究院|设计院|勘察院|测绘院|勘测院|院|中心|局|委|委员会|政府|协会|学校|医院)$")
SHORT_NAMES = {"city", "county"}  # 月湖, 鹰潭; a township's short name is too often a word of its own


class Place(Protocol):
    """What must be known of a place, or of the name that it had before."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def level(self) -> str: ...


@dataclass(frozen=True)
class Former:
    """A name that a place had before (余江县), with its code and level of today."""

    code: str
    name: str
    level: str


@dataclass(frozen=True)
class Leading:
    """The place that a search begins with, and what else is sought."""

    code: str
    rest: str


def leading_place(text: str, places: Iterable[Place]) -> Leading | None:
    """Read "月湖区 造价" or "鹰潭造价咨询" as a place and what is sought there; None when it does not begin with one.

    A full name counts at every level below the province, a short one (月湖) of the city and its districts only. What is sought must
    be something of its own: not a thing that bears the place's name, and not the end of somebody's whole name.
    """
    plain = normalize(text).strip()
    if WHOLE_NAME.search(plain):
        return None
    length, code, is_short = 0, "", False
    for place in places:
        full = normalize(place.name)
        for name in place_words([place.name]) if place.level in SHORT_NAMES else (full,):
            if place.level != "province" and len(name) > max(1, length) and plain.startswith(name):
                length, code, is_short = len(name), place.code, name != full
    after = plain[length:]
    rest = after.lstrip(BETWEEN)
    if not code or not tokens(rest) or (is_short and NAMES_A_THING.match(after)):
        return None
    return Leading(code, rest)
