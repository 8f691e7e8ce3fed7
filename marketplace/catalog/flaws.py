"""Flaws of a requirement tree itself, in sentences: asked before one is saved by a form, a loaded list or an import."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from .requirements import BRANCHES, Kind, is_abolished

HEADS = ("kind", "practitioner", *BRANCHES)
BESIDE = {"kind": {"grade", "scope"}, "practitioner": {"count"}, "any": set(), "all": set()}
DEEPEST = 8  # no list of any city nests deeper; a deeper one is a mistake or malice
MOST_PEOPLE = 999


def flaws(requirement: Any, kinds: Mapping[str, Kind], on_date: date | None = None, *, depth: int = 0) -> list[str]:
    """Return a sentence for each thing wrong with a tree; none when it may be saved.

    With `on_date` a kind that is abolished by then may not be demanded any more.
    """
    if not isinstance(requirement, dict):
        return [_("要求的每一层都应是对象。")]
    if not requirement and depth == 0:
        return []
    if depth > DEEPEST:
        return [_("要求最多嵌套 %(depth)d 层。") % {"depth": DEEPEST}]
    heads = [head for head in HEADS if head in requirement]
    if len(heads) != 1 or set(requirement) - {heads[0]} - BESIDE[heads[0]]:
        return [_("每一层只能有 kind、practitioner、any、all 之一。")]
    head = heads[0]
    if head == "kind":
        return _wrong_kind(requirement, kinds, on_date)
    if head == "practitioner":
        return _wrong_people(requirement, kinds, on_date)
    parts = requirement[head]
    if not isinstance(parts, list) or not parts:
        return [_("%(branch)s 里至少要有一项。") % {"branch": head}]
    return [sentence for part in parts for sentence in flaws(part, kinds, on_date, depth=depth + 1)]


def _known(code: Any, kinds: Mapping[str, Kind], holder: str, on_date: date | None) -> tuple[Kind | None, list[str]]:
    kind = kinds.get(code) if isinstance(code, str) else None
    if kind is None:
        return None, [_("没有代码为“%(code)s”的资质种类。") % {"code": code}]
    wrong = []
    if kind.holder != holder:
        words = _("“%(kind)s”由人员持有，请写在 practitioner 里。")
        if holder == "person":
            words = _("“%(kind)s”由机构持有，请写在 kind 里。")
        wrong.append(words % {"kind": kind.label})
    if on_date is not None and is_abolished(kind, on_date):
        words = _("“%(kind)s”已于 %(date)s 取消，不得再要求。")
        wrong.append(words % {"kind": kind.label, "date": kind.abolished_on})
    return kind, wrong


def _wrong_kind(leaf: Mapping[str, Any], kinds: Mapping[str, Kind], on_date: date | None) -> list[str]:
    kind, wrong = _known(leaf["kind"], kinds, "organization", on_date)
    grade = leaf.get("grade", "")
    if kind is not None and grade and grade not in kind.grades:
        wrong.append(_("“%(kind)s”没有“%(grade)s”这个等级。") % {"kind": kind.label, "grade": grade})
    if not isinstance(leaf.get("scope", ""), str):
        wrong.append(_("范围应是文字。"))
    return wrong


def _wrong_people(leaf: Mapping[str, Any], kinds: Mapping[str, Kind], on_date: date | None) -> list[str]:
    _kind, wrong = _known(leaf["practitioner"], kinds, "person", on_date)
    count = leaf.get("count", 1)
    if type(count) is not int or not 1 <= count <= MOST_PEOPLE:
        wrong.append(_("人数应是 1 到 %(most)d 的整数。") % {"most": MOST_PEOPLE})
    return wrong
