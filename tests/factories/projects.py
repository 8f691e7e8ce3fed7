"""Rows of the projects chapter as they are after a pull from the approval platform."""

from __future__ import annotations

from itertools import count
from typing import Any

from marketplace.catalog.models import Region, ServiceMatter
from marketplace.core import clock
from marketplace.parties.models import Organization
from marketplace.projects.models import ApprovalCase, InvestmentProject

_numbers = count(100001)


def make_project(
    *, owner: Organization | None = None, cases: int = 1, matter: ServiceMatter | None = None, **overrides: Any
) -> InvestmentProject:
    """Make a project with `cases` cases, all of `matter`."""
    number = next(_numbers)
    values = {
        "code": f"2605-360602-04-01-{number:06d}",
        "name": f"月湖区标准厂房建设项目 {number}",
        "owner": owner,
        "owner_uscc": (owner.uscc if owner else "") or "",
        "owner_name": owner.name if owner else "鹰潭虚构实业有限公司",
        "region": Region.objects.filter(code="360602").first(),
        "location": "月湖区工业园区 8 号",
        "investment_fen": 5_000_000_000,
        "fetched_at": clock.now(),
    }
    project = InvestmentProject.objects.create(**{**values, **overrides})
    for place in range(cases):
        chosen = matter or ServiceMatter.objects.order_by("code").first()
        chosen = chosen or ServiceMatter.objects.create(code="YT-SX-001", name="企业投资项目核准", department="发改委")
        ApprovalCase.objects.create(project=project, number=f"YT-BJ-{number}-{place + 1}", matter=chosen)
    return project
