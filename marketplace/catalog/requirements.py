"""Requirements: decide, without a database, what a firm lacks for a service.

A requirement is a tree: ``{}`` demands nothing; ``{"kind": code, "grade": lowest, "scope": words}`` demands one
qualification (grade and scope optional); ``{"practitioner": code, "count": n}`` demands so many people with a
professional certificate; ``{"any": [...]}`` and ``{"all": [...]}`` join such.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from django.utils.translation import gettext as _

Requirement = Mapping[str, Any]


class Kind(Protocol):
    """What must be known of a kind of qualification; `grades` from the highest to the lowest."""

    @property
    def label(self) -> str: ...
    @property
    def grades(self) -> list[str]: ...
    @property
    def abolished_on(self) -> date | None: ...


@dataclass(frozen=True)
class Held:
    """Be a certificate that a firm holds; `kind` is the code of its kind, no `valid_until` means without end."""

    kind: str
    grade: str = ""
    scope: str = ""
    valid_until: date | None = None


def leaves(requirement: Requirement) -> Iterator[Requirement]:
    """Yield every single qualification that the tree names."""
    if "kind" in requirement:
        yield requirement
    for branch in ("any", "all"):
        for part in requirement.get(branch, ()):
            yield from leaves(part)


def codes_of(requirement: Requirement) -> Iterator[str]:
    """Yield the codes of all kinds that the tree names, of firms' certificates and of practitioners'."""
    yield from (requirement[key] for key in ("kind", "practitioner") if key in requirement)
    for branch in ("any", "all"):
        for part in requirement.get(branch, ()):
            yield from codes_of(part)


def flaws(requirement: Any, kinds: Mapping[str, Kind]) -> list[str]:
    """Return a sentence for each thing wrong with a tree itself; administrators and the loader ask before saving."""
    if not isinstance(requirement, dict):
        return [_("要求的每一层都应是对象。")]
    wrong: list[str] = []
    known = {"kind", "practitioner", "any", "all"}
    if len(known & set(requirement)) > 1 or set(requirement) - known - {"grade", "scope", "count"}:
        wrong.append(_("每一层只能有 kind、practitioner、any、all 之一。"))
    if "practitioner" in requirement and requirement["practitioner"] not in kinds:
        wrong.append(_("没有代码为“%(code)s”的资质种类。") % {"code": requirement["practitioner"]})
    if "kind" in requirement:
        kind = kinds.get(requirement["kind"])
        if kind is None:
            wrong.append(_("没有代码为“%(code)s”的资质种类。") % {"code": requirement["kind"]})
        elif requirement.get("grade") and requirement["grade"] not in kind.grades:
            wrong.append(_("“%(kind)s”没有“%(grade)s”这个等级。") % {"kind": kind.label, "grade": requirement["grade"]})
    for branch in ("any", "all"):
        if branch in requirement and not requirement[branch]:
            wrong.append(_("%(branch)s 里至少要有一项。") % {"branch": branch})
        for part in requirement.get(branch, ()):
            wrong += flaws(part, kinds)
    return wrong


def lacking(
    requirement: Requirement,
    held: Iterable[Held],
    on_date: date,
    *,
    kinds: Mapping[str, Kind],
    practitioners: Mapping[str, int] | None = None,
) -> str:
    """Return what is missing on a day as one sentence ("缺少：测绘资质 乙级及以上"), or "" when nothing is.

    `kinds` maps codes to kinds. A kind abolished by then demands nothing; an expired certificate counts for nothing.
    """
    missing = _missing(requirement, list(held), on_date, kinds, practitioners or {})
    return _("缺少：%(what)s") % {"what": _("；").join(missing)} if missing else ""


def demands(requirement: Requirement, on_date: date, *, kinds: Mapping[str, Kind]) -> bool:
    """Tell whether a service asks for any certificate at all on a day."""
    return bool(_missing(requirement, [], on_date, kinds, {}))


def describe(leaf: Requirement, kinds: Mapping[str, Kind]) -> str:
    """Put one demanded qualification into words: "测绘资质 乙级及以上（工程测量）"."""
    kind = kinds.get(leaf["kind"])
    words = kind.label if kind else str(leaf["kind"])
    grade = leaf.get("grade")
    if grade:
        highest = kind is not None and kind.grades[:1] == [grade]
        words += " " + (grade if highest else _("%(grade)s及以上") % {"grade": grade})
    return _("%(what)s（%(scope)s）") % {"what": words, "scope": leaf["scope"]} if leaf.get("scope") else words


def sufficient(requirement: Requirement, on_date: date, *, kinds: Mapping[str, Kind]) -> list[Requirement]:
    """Return the fewest leaves that together fulfil the tree on a day: of alternatives the first."""
    if "kind" in requirement:
        return [requirement] if _missing(requirement, [], on_date, kinds, {}) else []
    if "any" in requirement:
        ways = [sufficient(part, on_date, kinds=kinds) for part in requirement["any"]]
        return min(ways, key=len, default=[])
    return [leaf for part in requirement.get("all", ()) for leaf in sufficient(part, on_date, kinds=kinds)]


def _missing(
    requirement: Requirement,
    held: list[Held],
    on_date: date,
    kinds: Mapping[str, Kind],
    practitioners: Mapping[str, int],
) -> list[str]:
    if "kind" in requirement:
        return _missing_leaf(requirement, held, on_date, kinds)
    if "practitioner" in requirement:
        return _missing_practitioners(requirement, on_date, kinds, practitioners)
    if "any" in requirement:
        ways = [_missing(part, held, on_date, kinds, practitioners) for part in requirement["any"]]
        if not all(ways):
            return []
        return [_(" 或 ").join(_("、").join(way) for way in ways)]
    parts = [_missing(part, held, on_date, kinds, practitioners) for part in requirement.get("all", ())]
    return [sentence for part in parts for sentence in part]


def _missing_leaf(leaf: Requirement, held: list[Held], on_date: date, kinds: Mapping[str, Kind]) -> list[str]:
    kind = kinds.get(leaf["kind"])
    if kind is not None and kind.abolished_on is not None and kind.abolished_on <= on_date:
        return []
    fitting = [one for one in held if _fits(one, leaf, kind)]
    if any(one.valid_until is None or one.valid_until >= on_date for one in fitting):
        return []
    words = describe(leaf, kinds)
    if fitting:
        last = max(one.valid_until for one in fitting if one.valid_until)
        return [_("%(what)s（所持证书 %(date)s 到期）") % {"what": words, "date": last.isoformat()}]
    return [words]


def _missing_practitioners(
    leaf: Requirement, on_date: date, kinds: Mapping[str, Kind], practitioners: Mapping[str, int]
) -> list[str]:
    kind = kinds.get(leaf["practitioner"])
    count, wanted = practitioners.get(leaf["practitioner"], 0), leaf.get("count", 1)
    if count >= wanted or (kind is not None and kind.abolished_on is not None and kind.abolished_on <= on_date):
        return []
    words = {"who": kind.label if kind else leaf["practitioner"], "wanted": wanted, "count": count}
    return [_("%(who)s至少 %(wanted)d 名（现有 %(count)d 名）") % words]


def _fits(one: Held, leaf: Requirement, kind: Kind | None) -> bool:
    if one.kind != leaf["kind"] or leaf.get("scope", "") not in one.scope:
        return False
    grade = leaf.get("grade")
    if not grade:
        return True
    grades = kind.grades if kind else []
    return grade in grades and one.grade in grades and grades.index(one.grade) <= grades.index(grade)
