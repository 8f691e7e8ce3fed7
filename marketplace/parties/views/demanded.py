"""What chosen services ask for beyond what the licence library brought: certificates of the firm, and people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from marketplace.catalog.models import QualificationKind, ServiceCategory
from marketplace.catalog.queries import kinds_for
from marketplace.catalog.requirements import Held, demands, every_leaf, is_abolished, lacking, leaves, sufficient

from ..eligibility import PLENTY
from ..found import Found, day_of


class Demanded:
    """One kind of certificate that chosen services name."""

    def __init__(self, kind: QualificationKind) -> None:
        self.kind = kind
        self.scopes: set[str] = set()
        self.services: list[ServiceCategory] = []
        self.needed = False


class Profession:
    """One profession of which chosen services ask for more practitioners than the library knows at the firm."""

    def __init__(self, kind: QualificationKind, known: int) -> None:
        self.kind, self.known = kind, known
        self.count = 0
        self.services: list[ServiceCategory] = []

    @property
    def missing(self) -> int:
        return self.count - self.known


def professions(services: Iterable[ServiceCategory], people: Mapping[str, int]) -> list[Profession]:
    """Return the professions that the services ask for today and of which there are too few `people`."""
    services = list(services)
    kinds, today = kinds_for(services), timezone.localdate()
    found: dict[str, Profession] = {}
    for service in services:
        for leaf in every_leaf(service.requirement):
            kind = kinds.get(leaf.get("practitioner", ""))
            known = people.get(kind.code, 0) if kind else 0
            if kind is None or is_abolished(kind, today) or leaf.get("count", 1) <= known:
                continue
            one = found.setdefault(kind.code, Profession(kind, known))
            one.count = max(one.count, leaf.get("count", 1))
            if service not in one.services:
                one.services.append(service)
    return list(found.values())


def demanded(services: Iterable[ServiceCategory]) -> list[Demanded]:
    """Return the kinds of certificate that the services ask for today; `needed` unless only one of alternatives."""
    services = list(services)
    kinds, today = kinds_for(services), timezone.localdate()
    found: dict[str, Demanded] = {}
    for service in services:
        if not demands(service.requirement, today, kinds=kinds):
            continue
        surely = {leaf.get("kind") for leaf in sufficient(service.requirement, today, kinds=kinds)}
        alternatives = _alternatives(service.requirement)
        for leaf in leaves(service.requirement):
            kind = kinds.get(leaf.get("kind", ""))
            if kind is None or is_abolished(kind, today):  # None: a practitioner, who is no certificate of the firm
                continue
            one = found.setdefault(kind.code, Demanded(kind))
            if leaf.get("scope"):
                one.scopes.add(leaf["scope"])
            if service not in one.services:
                one.services.append(service)
            one.needed |= kind.code in surely and kind.code not in alternatives
    return list(found.values())


def _alternatives(requirement: Any) -> set[str]:
    """Return the kinds that stand below an "any" beside another kind."""
    found: set[str] = set()
    if "any" in requirement:
        below = [{leaf["kind"] for leaf in leaves(part) if "kind" in leaf} for part in requirement["any"]]
        common = set.intersection(*below) if below else set()
        found |= set().union(*below) - common
    for part in [*requirement.get("any", ()), *requirement.get("all", ())]:
        found |= _alternatives(part)
    return found


def as_held(qualifications: Mapping[str, Mapping[str, Any]], found: Found | None = None) -> list[Held]:
    """Return what was typed and what the library knows for the requirement's reckoning."""
    known = [
        Held(one.kind, one.grade, one.scope, day_of(one.valid_until)) for one in (found.certificates if found else ())
    ]
    return known + [
        Held(
            kind=code,
            grade=one.get("grade", ""),
            scope=one.get("scope", ""),
            valid_until=day_of(one.get("valid_until", "")),
        )
        for code, one in qualifications.items()
    ]


def people_of(found: Found | None, named: Iterable[tuple[Profession, int, Mapping[str, Any]]]) -> Counter[str]:
    """Count by profession those whom the library knows and those who were named, each person once."""
    today = timezone.localdate()
    known = {(one.kind, one.key) for one in found.valid_practitioners(today)} if found else set()
    return Counter(kind for kind, _key in known | {(one.kind.code, row["key"]) for one, _place, row in named})


def unfit(
    services: Iterable[ServiceCategory],
    qualifications: Mapping[str, Mapping[str, Any]],
    found: Found | None = None,
    people: Mapping[str, int] | None = None,
) -> list[tuple[Any, str]]:
    """Return (service, what is lacking) for each chosen service that what was typed and is known does not carry.

    `people` counts practitioners by profession; without it only certificates are asked about, for people may follow.
    """
    services = list(services)
    kinds, today, held = kinds_for(services), timezone.localdate(), as_held(qualifications, found)
    people = dict.fromkeys(kinds, PLENTY) if people is None else people
    pairs = [
        (service, lacking(service.requirement, held, today, kinds=kinds, practitioners=people)) for service in services
    ]
    return [(service, words) for service, words in pairs if words]
