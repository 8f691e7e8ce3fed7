"""Facets: what may be chosen beside the results, with the addresses that choose it or take it away."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from ..documents import DATES, Kind
from ..engine import Result
from ..filters import CHOSEN, SearchFilter
from ..finding import Found

MOST_VALUES = 12
IN_ORDER = {"credit", "money", DATES}  # their values have an order of their own, which counts do not disturb


@dataclass(frozen=True)
class Value:
    """One value of a facet, with the address that adds it or takes it away."""

    url: str
    label: str
    count: int
    active: bool


@dataclass(frozen=True)
class Group:
    """One facet: the values that stand open, those behind “更多”, and what is wrong with what was asked of it."""

    name: str
    label: str
    values: list[Value]
    more: list[Value]
    problem: str


class Addresses:
    """Make addresses of this search with one thing changed; the page number starts anew with each change."""

    def __init__(self, parameters: QueryDict, asked: SearchFilter, found: Found) -> None:
        self.parameters, self.asked, self.found = parameters, asked, found

    def _url(self, changed: QueryDict) -> str:
        changed.pop("page", None)
        words = changed.urlencode()
        return reverse("search:search") + (f"?{words}" if words else "")

    def having(self, name: str, value: str) -> str:
        changed = self.parameters.copy()
        changed.pop(name, None)
        if value:
            changed[name] = value
        return self._url(changed)

    def with_all(self, **values: str) -> str:
        changed = self.parameters.copy()
        for name, value in values.items():
            changed[name] = value
        return self._url(changed)

    def toggled(self, name: str, value: str) -> str:
        """Add a value or take it away; a place takes the place of those around it, which it narrows, and of those in it."""
        if name not in self.asked.clean or name in {"kind", DATES}:
            return self.having(name, "" if value in self.found.query.chosen.get(name, ()) else value)
        changed = self.parameters.copy()
        chosen = list(self.asked.clean[name])
        if value in chosen:
            changed.setlist(name, [kept for kept in chosen if kept != value])
        elif name == "region" and value == self.led_by:
            changed["as_typed"] = "1"
        else:
            if name == "region":
                around = self.asked.around(value)
                chosen = [code for code in chosen if code not in around and value not in self.asked.around(code)]
            changed.setlist(name, [*chosen, value])
        if not changed.getlist(name):
            changed.pop(name, None)
        return self._url(changed)

    @property
    def led_by(self) -> str:
        """Return the code of the place that the words begin with, while it narrows the search."""
        leading = self.asked.leading
        return leading.code if leading and self.found.is_narrowed and self.asked.is_narrowed else ""

    def without(self, *names: str) -> str:
        changed = self.parameters.copy()
        for name in names:
            changed.pop(name, None)
        if self.led_by and "region" in names:
            changed["as_typed"] = "1"
        return self._url(changed)


def groups_of(found: Found, asked: SearchFilter, addresses: Addresses) -> list[Group]:
    """Make the facets: what is chosen first, then what would still find something, commonest first where there are many."""
    problems, groups = asked.wrong, []
    for name, labels in asked.labels.items():
        if name == "kind":
            continue  # those are the tabs
        counts, chosen = found.result.counts.get(name, {}), found.query.chosen.get(name, ())
        codes = [
            code for code in labels if code in chosen or (counts.get(code) and _is_offered(name, code, asked, found))
        ]
        if len(codes) > MOST_VALUES and name not in IN_ORDER:
            codes.sort(key=lambda code: -counts.get(code, 0))
        codes.sort(key=lambda code: code not in chosen)
        values = [
            Value(addresses.toggled(name, code), labels[code], counts.get(code, 0), code in chosen) for code in codes
        ]
        if values or name in problems:
            open_ones = max(MOST_VALUES, len(chosen))
            label = str(asked.form.fields[name].label)
            groups.append(Group(name, label, values[:open_ones], values[open_ones:], problems.get(name, "")))
    return groups


def _is_offered(name: str, code: str, asked: SearchFilter, found: Found) -> bool:
    """Leave out places that hold everything, and townships until their district or one beside them is chosen."""
    if name != "region":
        return True
    region = asked.regions[code]
    if region.level in {region.Level.PROVINCE, region.Level.CITY}:
        return False
    chosen = found.query.chosen.get("region", ())
    beside = {asked.regions[other].parent_id for other in chosen}
    above = {asked.regions[other].pk for other in chosen}
    return region.level != region.Level.TOWNSHIP or region.parent_id in above | beside


def chips_of(asked: SearchFilter, found: Found, addresses: Addresses) -> list[tuple[str, str]]:
    """Make a removable chip for each chosen value, first for the place that the words begin with."""
    labels = asked.labels
    chips = []
    if addresses.led_by:
        words = _("只看 %(place)s 的结果") % {"place": labels["region"][addresses.led_by]}
        chips.append((words, addresses.having("as_typed", "1")))
    return chips + [
        (labels[name][code], addresses.toggled(name, code))
        for name in CHOSEN
        for code in found.query.chosen.get(name, ())
        if not (name == "region" and code == addresses.led_by and code not in asked.clean["region"])
    ]


def tabs_of(result: Result, addresses: Addresses) -> list[tuple[str, str, int]]:
    """Make a tab for all and one for each kind, with their counts."""
    counts = result.counts["kind"]
    everything = (_("全部"), addresses.without("kind"), result.all_kinds)
    return [everything, *((str(kind.label), addresses.having("kind", kind), counts.get(kind, 0)) for kind in Kind)]
