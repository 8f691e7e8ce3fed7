"""Requirements: decide, without a database, what a firm lacks for a service.

A requirement is a tree: ``{}`` demands nothing (any capable body); ``{"kind": code, "grade": lowest, "scope": words}``
demands one qualification (grade and scope optional); ``{"practitioner": code, "count": n}`` demands so many people with a
professional certificate (one without a count); ``{"any": [...]}`` and ``{"all": [...]}`` join such.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from django.utils.translation import gettext as _

Requirement = Mapping[str, Any]
BRANCHES = ("any", "all")


class Kind(Protocol):
    """What must be known of a kind of qualification; `grades` from the highest to the lowest."""

    @property
    def label(self) -> str: ...
    @property
    def grades(self) -> list[str]: ...
    @property
    def abolished_on(self) -> date | None: ...
    @property
    def holder(self) -> str: ...


@dataclass(frozen=True)
class Held:
    """Be a certificate that a firm holds; `kind` is the code of its kind, no `valid_until` means without end."""

    kind: str
    grade: str = ""
    scope: str = ""
    valid_until: date | None = None


def leaves(requirement: Requirement) -> Iterator[Requirement]:
    """Yield every single qualification of a firm that the tree names."""
    return (leaf for leaf in every_leaf(requirement) if "kind" in leaf)


def every_leaf(requirement: Requirement) -> Iterator[Requirement]:
    """Yield every single qualification and every demand for practitioners that the tree names."""
    if "kind" in requirement or "practitioner" in requirement:
        yield requirement
    for branch in BRANCHES:
        for part in requirement.get(branch, ()):
            yield from every_leaf(part)


def codes_of(requirement: Requirement) -> Iterator[str]:
    """Yield the codes of all kinds that the tree names, of firms' certificates and of practitioners'."""
    return (leaf.get("kind") or leaf["practitioner"] for leaf in every_leaf(requirement))


def lacking(
    requirement: Requirement,
    held: Iterable[Held],
    on_date: date,
    *,
    kinds: Mapping[str, Kind],
    practitioners: Mapping[str, int] | None = None,
) -> str:
    """Return what is missing on a day as one sentence ("缺少：测绘资质 乙级及以上"), or "" when nothing is.

    `kinds` maps codes to kinds, `practitioners` codes of professions to the number of people whose certificate counts.
    A kind abolished by then demands nothing; an expired certificate counts for nothing.
    """
    missing = _missing(requirement, list(held), on_date, kinds, practitioners or {})
    return _("缺少：%(what)s") % {"what": _("；").join(missing)} if missing else ""


def demands(requirement: Requirement, on_date: date, *, kinds: Mapping[str, Kind]) -> bool:
    """Tell whether a service asks for any certificate or practitioner at all on a day."""
    return bool(_missing(requirement, [], on_date, kinds, {}))


def describe(leaf: Requirement, kinds: Mapping[str, Kind]) -> str:
    """Put one leaf into words: "测绘资质 乙级及以上（工程测量）", "注册测绘师至少 2 名"."""
    code = leaf.get("kind") or leaf["practitioner"]
    kind = kinds.get(code)
    words = kind.label if kind else str(code)
    if "practitioner" in leaf:
        return _("%(who)s至少 %(count)d 名") % {"who": words, "count": leaf.get("count", 1)}
    grade = leaf.get("grade")
    if grade:
        highest = kind is not None and kind.grades[:1] == [grade]
        words += " " + (grade if highest else _("%(grade)s及以上") % {"grade": grade})
    return _("%(what)s（%(scope)s）") % {"what": words, "scope": leaf["scope"]} if leaf.get("scope") else words


def in_words(requirement: Requirement, on_date: date, *, kinds: Mapping[str, Kind]) -> str:
    """Put the whole tree into words as it stands on a day; "" where it demands nothing then."""
    return _("；").join(_missing(requirement, [], on_date, kinds, {}, plain=True))


def sufficient(requirement: Requirement, on_date: date, *, kinds: Mapping[str, Kind]) -> list[Requirement]:
    """Return the certificates of the way with the fewest leaves to fulfil the tree on a day: of alternatives the first.

    The practitioners of the same way are in `people_needed`.
    """
    return [leaf for leaf in _shortest(requirement, on_date, kinds) if "kind" in leaf]


def people_needed(requirement: Requirement, on_date: date, *, kinds: Mapping[str, Kind]) -> dict[str, int]:
    """Return how many practitioners of which profession the way of `sufficient` takes."""
    needed: dict[str, int] = {}
    for leaf in _shortest(requirement, on_date, kinds):
        if "practitioner" in leaf:
            code = leaf["practitioner"]
            needed[code] = max(needed.get(code, 0), leaf.get("count", 1))
    return needed


def is_abolished(kind: Kind | None, on_date: date) -> bool:
    """Tell whether a kind was abolished by a day: nobody may demand it from then on."""
    return kind is not None and kind.abolished_on is not None and kind.abolished_on <= on_date


def _shortest(requirement: Requirement, on_date: date, kinds: Mapping[str, Kind]) -> list[Requirement]:
    if "any" in requirement:
        return min((_shortest(part, on_date, kinds) for part in requirement["any"]), key=len, default=[])
    if "all" in requirement:
        return [leaf for part in requirement["all"] for leaf in _shortest(part, on_date, kinds)]
    return [requirement] if requirement and demands(requirement, on_date, kinds=kinds) else []


def _missing(
    requirement: Requirement,
    held: list[Held],
    on_date: date,
    kinds: Mapping[str, Kind],
    practitioners: Mapping[str, int],
    *,
    plain: bool = False,
) -> list[str]:
    """Return the missing parts in words; `plain` leaves out what a firm has of them."""
    if "kind" in requirement:
        return _missing_leaf(requirement, held, on_date, kinds)
    if "practitioner" in requirement:
        return _missing_people(requirement, on_date, kinds, practitioners, plain)
    if "any" in requirement:
        ways = [_missing(part, held, on_date, kinds, practitioners, plain=plain) for part in requirement["any"]]
        return [_(" 或 ").join(_("、").join(way) for way in ways)] if all(ways) else []
    parts = [_missing(part, held, on_date, kinds, practitioners, plain=plain) for part in requirement.get("all", ())]
    return list(dict.fromkeys(sentence for part in parts for sentence in part))


def _missing_leaf(leaf: Requirement, held: list[Held], on_date: date, kinds: Mapping[str, Kind]) -> list[str]:
    kind = kinds.get(leaf["kind"])
    if is_abolished(kind, on_date):
        return []
    fitting = [one for one in held if _fits(one, leaf, kind)]
    if any(one.valid_until is None or one.valid_until >= on_date for one in fitting):
        return []
    words = describe(leaf, kinds)
    if fitting:
        last = max(one.valid_until for one in fitting if one.valid_until)
        return [_("%(what)s（所持证书 %(date)s 到期）") % {"what": words, "date": last.isoformat()}]
    return [words]


def _missing_people(
    leaf: Requirement, on_date: date, kinds: Mapping[str, Kind], practitioners: Mapping[str, int], plain: bool
) -> list[str]:
    count = practitioners.get(leaf["practitioner"], 0)
    if count >= leaf.get("count", 1) or is_abolished(kinds.get(leaf["practitioner"]), on_date):
        return []
    words = describe(leaf, kinds)
    return [words if plain else _("%(what)s（现有 %(count)d 名）") % {"what": words, "count": count}]


def _fits(one: Held, leaf: Requirement, kind: Kind | None) -> bool:
    if one.kind != leaf["kind"] or leaf.get("scope", "") not in one.scope:
        return False
    grade = leaf.get("grade")
    if not grade:
        return True
    grades = kind.grades if kind else []
    return grade in grades and one.grade in grades and grades.index(one.grade) <= grades.index(grade)
