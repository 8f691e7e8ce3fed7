"""Firms, owners and their qualifications for tests, made by the actions."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from marketplace.catalog.models import QualificationKind, ServiceCategory
from marketplace.catalog.queries import kinds_for
from marketplace.catalog.requirements import people_needed, sufficient
from marketplace.core import clock
from marketplace.parties.actions import (
    confirm_qualification,
    declare_qualification,
    end_publicity,
    enter_buyer,
    enter_firm,
)
from marketplace.parties.models import Organization, Publicity, Qualification
from marketplace.parties.persons import check_sign, identify
from marketplace.parties.states import PublicityStatus
from marketplace.parties.uscc import make_uscc

from .accounts import make_admin, make_user
from .catalog import make_kind, make_service

_numbers = itertools.count(1)


def next_uscc(prefix: str = "91360600") -> str:
    """Return a new code with a right check digit."""
    return make_uscc(prefix + f"MT{next(_numbers):07d}")


def next_person() -> str:
    """Return a new resident's number with a right check sign, of an area that is none."""
    number = next(_numbers)
    plain = f"999999{1960 + number // 999 % 40}0307{number % 999 + 1:03d}"
    return plain + check_sign(plain)


def make_firm(*, qualified: bool = True, announced: bool = True, **overrides: Any) -> Organization:
    """Let a firm in; it holds, confirmed, what its services ask for unless `qualified` is False (then only declared).

    The practitioners that they ask for work there unless `practitioners` are given.
    Its public notice is over unless `announced` is False. Takes every argument of `enter_firm`; `user` becomes its administrator.
    """
    now = overrides.pop("now", None) or clock.now()
    number = next(_numbers)
    user = overrides.pop("user", None) or make_user()
    services = overrides.pop("services", None) or [make_service()]
    qualifications = overrides.pop("qualifications", None)
    if qualifications is None:
        kinds, wanted = kinds_for(services), {}
        for service in services:
            for leaf in sufficient(service.requirement, timezone.localdate(now), kinds=kinds):
                kind = kinds[leaf["kind"]]
                held = wanted.setdefault(kind.code, {"kind": kind, "grade": "", "scope": "", "number": ""})
                held["number"] = f"T{number}-{kind.code}"
                held["grade"] = kind.grades[0] if kind.grades else ""
                held["scope"] = "、".join(filter(None, [held["scope"], leaf.get("scope", "")]))
        qualifications = list(wanted.values())
    practitioners = overrides.pop("practitioners", None)
    if practitioners is None:
        practitioners = _people_for(services, timezone.localdate(now))
    values = {
        "user": user,
        "by": user,
        "uscc": next_uscc(),
        "name": f"试验机构{number}有限公司",
        "kind": Organization.Kind.ENTERPRISE,
        "region": None,
        "contact_name": "李四",
        "phone": f"137{number:08d}",
        "committed": True,
    }
    given = {"services": services, "qualifications": qualifications, "practitioners": practitioners}
    firm = enter_firm(**{**values, **overrides}, **given, now=now)
    if qualified and qualifications:
        admin = make_admin()
        for qualification in firm.qualifications.select_related("organization__process", "kind"):
            confirm_qualification(qualification=qualification, by=admin, now=now)
        if announced:
            pass_notices(firm, now=now)
    return firm


def _people_for(services: Iterable[ServiceCategory], today: date) -> list[dict[str, Any]]:
    kinds, needed = kinds_for(services), dict[str, int]()
    for service in services:
        for code, count in people_needed(service.requirement, today, kinds=kinds).items():
            needed[code] = max(count, needed.get(code, 0))
    return [
        {
            "name": "温若川",
            "person": identify(next_person()),
            "kind": code,
            "certificate_number": f"T执{next(_numbers)}",
        }
        for code, count in needed.items()
        for _one in range(count)
    ]


def pass_notices(*firms: Organization, now: datetime | None = None) -> None:
    """Let the working days of the firms' open public notices go by, counted from `now`, and end them.

    The notices are moved back by the length of their days, so that the firms may trade at `now`: what a test does
    afterwards happens after three working days of notice.
    """
    now = now or clock.now()
    for notice in Publicity.objects.filter(organization__in=firms, status=PublicityStatus.OPEN, ends_at__gt=now):
        length = notice.ends_at - notice.starts_at
        notice.starts_at, notice.ends_at = now - length, now
        notice.save(update_fields=["starts_at", "ends_at"])
        end_publicity(publicity=notice, now=now)


def make_buyer(**overrides: Any) -> Organization:
    """Let an owner in; takes every argument of `enter_buyer`."""
    now = overrides.pop("now", None) or clock.now()
    number = next(_numbers)
    user = overrides.pop("user", None) or make_user()
    values = {
        "user": user,
        "by": user,
        "uscc": next_uscc("11360600"),
        "name": f"试验业主{number}局",
        "kind": Organization.Kind.PUBLIC_BODY,
        "region": None,
        "contact_name": "王五",
        "phone": "13900000001",
        "committed": True,
    }
    if overrides.get("kind") == Organization.Kind.PERSON:
        values["uscc"] = ""
    return enter_buyer(**{**values, **overrides}, now=now)


def make_qualification(*, confirmed: bool = True, **overrides: Any) -> Qualification:
    """Declare a certificate for a firm, and confirm it unless `confirmed` is False; `kind` may be a code."""
    now = overrides.pop("now", None) or clock.now()
    firm = overrides.pop("organization", None) or make_firm()
    kind = overrides.pop("kind", None) or make_kind()
    if isinstance(kind, str):
        kind = QualificationKind.objects.filter(code=kind).first() or make_kind(code=kind)
    values = {
        "by": firm.memberships.first().user,
        "grade": kind.grades[0] if kind.grades else "",
        "number": f"T-{next(_numbers)}",
    }
    qualification = declare_qualification(organization=firm, kind=kind, now=now, **{**values, **overrides})
    if confirmed:
        qualification = confirm_qualification(qualification=qualification, by=make_admin(), now=now)
    return qualification
