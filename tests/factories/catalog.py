"""Regions, kinds of qualification and services for tests."""

from __future__ import annotations

import itertools
from typing import Any

from marketplace.catalog.models import QualificationKind, Region, ServiceCategory, ServiceMatter
from marketplace.catalog.requirements import every_leaf

_numbers = itertools.count(1)


def make_region(**overrides: Any) -> Region:
    """Make a county below the city; codes are unlike real ones."""
    number = next(_numbers)
    city = overrides.pop("parent", None)
    if city is None and overrides.get("level") != Region.Level.CITY:
        city, _made = Region.objects.get_or_create(
            code="360600", defaults={"name": "鹰潭市", "name_en": "Yingtan City", "level": Region.Level.CITY}
        )
    values = {
        "code": f"T{number:05d}",
        "name": f"试验区{number}",
        "name_en": f"Test District {number}",
        "level": Region.Level.COUNTY,
        "parent": city,
    }
    return Region.objects.create(**{**values, **overrides})


def make_kind(**overrides: Any) -> QualificationKind:
    """Make a kind of qualification with grades 甲级 and 乙级."""
    number = next(_numbers)
    values = {
        "code": f"kind-{number}",
        "name": f"试验资质{number}",
        "name_en": f"Test qualification {number}",
        "grades": ["甲级", "乙级"],
    }
    return QualificationKind.objects.create(**{**values, **overrides})


def make_service(**overrides: Any) -> ServiceCategory:
    """Make a service with one matter; kinds that its requirement names are made when they are missing."""
    number = next(_numbers)
    requirement = overrides.get("requirement") or {}
    for leaf in every_leaf(requirement):
        code = leaf.get("kind") or leaf["practitioner"]
        if not QualificationKind.objects.filter(code=code).exists():
            make_kind(code=code, **({"holder": "person", "grades": []} if "practitioner" in leaf else {}))
    values = {
        "code": f"T-ZJ-{number:04d}",
        "group": ServiceCategory.Group.PLANNING,
        "name": f"试验服务{number}",
        "name_en": f"Test service {number}",
        "department": "发改委",
        "department_en": "Development and Reform Commission",
        "legal_basis": "试验办法",
        "requirement_text": "具备相应能力的机构均可承接",
        "requirement_text_en": "Any capable body",
        "output": "报告",
        "output_en": "Report",
    }
    service = ServiceCategory.objects.create(**{**values, **overrides})
    matter = ServiceMatter.objects.create(
        code=f"T-SX-{number:04d}", name=f"试验事项{number}", name_en=f"Test matter {number}", department="发改委"
    )
    service.matters.add(matter)
    return service
