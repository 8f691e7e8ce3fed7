"""Verbs of the catalogue: load the published lists, keep, adjust or cancel a service."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _

from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.models import Event, Process, WorkDay
from marketplace.core.refusals import Forbidden, Invalid
from marketplace.core.workdays import SHANGHAI, known_days

from .models import QualificationKind, Region, ServiceCategory, ServiceMatter
from .requirements import flaws
from .rules import may_curate
from .states import SERVICE, ServiceStatus

DATA = Path(__file__).resolve().parent / "data"
OCID = "yt360600-catalog"
T = TypeVar("T", bound=models.Model)


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _bring(model: type[T], wanted: list[T], fields: list[str], *, renew: bool) -> int:
    """Create the rows whose code is new; with `renew` also bring the others to what the file says. Return how many."""
    known = dict(model._default_manager.values_list("code", "pk"))
    fresh = [row for row in wanted if row.code not in known]  # type: ignore[attr-defined]
    model._default_manager.bulk_create(fresh)
    if not renew:
        return len(fresh)
    for row in wanted:
        row.pk = row.pk or known[row.code]  # type: ignore[attr-defined]
    model._default_manager.bulk_update(wanted, fields)
    return len(wanted)


def catalog_process(*, now: datetime) -> Process:
    """Return the process under which changes of the catalogue stand, made at the first need."""
    process, _made = Process.objects.get_or_create(
        ocid=OCID, defaults={"kind": Process.Kind.OPERATION, "title": "中介服务事项目录", "created_at": now}
    )
    return process


@transaction.atomic
def load_catalog(*, now: datetime, renew: bool = False) -> dict[str, int]:
    """Load regions, kinds of qualification, matters and services from `data/`; return how many of each were written.

    Rows that exist stay as administrators left them; `renew` brings their words and requirements (never a service's
    status) to what the files say. A second run changes nothing and records nothing.

    Service codes (YT-ZJ-…) and matter codes (YT-SX-…) are local ones until the national codes are filled in; so are
    those of the three functional areas, which have no GB/T 2260 code. Refuses with `requirement_wrong` what a
    requirement tree names and the kinds do not know.
    """
    done = {"regions": _load_regions(renew=renew), "kinds": _load_kinds(renew=renew)}
    done["matters"] = _load_matters(renew=renew)
    done["services"] = _load_services(renew=renew)
    if any(done.values()):
        record(catalog_process(now=now), "catalog_loaded", now=now, data=done, visibility=Event.Visibility.PUBLIC)
    return done


@transaction.atomic
def load_calendar(*, now: datetime) -> int:
    """Fill the working calendar from chinesecalendar, from the year before `now` to the last that it knows; return the days.

    Days that exist stay as administrators left them; a second run changes nothing and records nothing. The calendar of a
    new year comes with a new release of the package, at the end of the year before.
    """
    known = set(WorkDay.objects.values_list("date", flat=True))
    fresh: list[WorkDay] = []
    for year in count(now.astimezone(SHANGHAI).year - 1):
        days = list(known_days(year))
        if not days:
            break
        fresh += [day for day in days if day.date not in known]
    WorkDay.objects.bulk_create(fresh)
    if fresh:
        data = {"days": len(fresh), "until": fresh[-1].date.isoformat()}
        record(catalog_process(now=now), "calendar_loaded", now=now, data=data, visibility=Event.Visibility.PUBLIC)
    return len(fresh)


def _load_regions(*, renew: bool) -> int:
    """Load the places; only the seats of the city and its districts have coordinates, rounded to 0.01 degree (1 km).

    Those are generally known; townships and functional areas stand where their district or city stands (Region.place)
    until somebody fills in their own.
    """
    done = 0
    fields = ["name", "name_en", "level", "parent", "latitude", "longitude"]
    levels = [Region.Level.PROVINCE, Region.Level.CITY, Region.Level.COUNTY, Region.Level.FUNCTIONAL]
    for level in [*levels, Region.Level.TOWNSHIP]:  # parents first
        parents = dict(Region.objects.values_list("code", "pk"))
        wanted = [
            Region(
                code=row["code"],
                name=row["name"],
                name_en=row["name_en"],
                level=row["level"],
                parent_id=parents.get(row["parent"]),
                latitude=float(row["latitude"]) if row["latitude"] else None,
                longitude=float(row["longitude"]) if row["longitude"] else None,
            )
            for row in _rows("regions.csv")
            if row["level"] == level
        ]
        done += _bring(Region, wanted, fields, renew=renew)
    return done


def _load_kinds(*, renew: bool) -> int:
    wanted = [
        QualificationKind(
            code=row["code"],
            name=row["name"],
            name_en=row["name_en"],
            authority=row["authority"],
            grades=row["grades"].split(),
            abolished_on=date.fromisoformat(row["abolished_on"]) if row["abolished_on"] else None,
        )
        for row in _rows("qualification_kinds.csv")
    ]
    fields = ["name", "name_en", "authority", "grades", "abolished_on"]
    return _bring(QualificationKind, wanted, fields, renew=renew)


def _load_matters(*, renew: bool) -> int:
    wanted = {
        row["matter_code"]: ServiceMatter(
            code=row["matter_code"],
            name=row["matter"],
            name_en=row["matter_en"],
            department=row["department"],
            department_en=row["department_en"],
        )
        for row in _rows("services.csv")
    }
    return _bring(ServiceMatter, list(wanted.values()), ["name", "name_en", "department", "department_en"], renew=renew)


def _load_services(*, renew: bool) -> int:
    kinds: dict[str, Any] = {kind.code: kind for kind in QualificationKind.objects.all()}
    known = set(ServiceCategory.objects.values_list("code", flat=True))
    plain = ["group", "name", "name_en", "department", "department_en", "legal_basis", "output", "output_en"]
    plain += ["requirement_text", "requirement_text_en"]
    wanted, matters = [], {}
    for row in _rows("services.csv"):
        requirement = json.loads(row["requirement"])
        if wrong := flaws(requirement, kinds):
            raise Invalid("requirement_wrong", f"{row['code']}: {' '.join(wrong)}")
        itself = {"yes": True, "no": False}.get(row["applicant_may_prepare_itself"])
        texts = {field: row[field] for field in plain}
        wanted.append(ServiceCategory(code=row["code"], requirement=requirement, may_prepare_itself=itself, **texts))
        matters[row["code"]] = row["matter_code"]
    done = _bring(ServiceCategory, wanted, [*plain, "requirement", "may_prepare_itself"], renew=renew)
    through = ServiceCategory.matters.through
    matter_keys = dict(ServiceMatter.objects.values_list("code", "pk"))
    links = [
        through(servicecategory_id=key, servicematter_id=matter_keys[matters[code]])
        for code, key in ServiceCategory.objects.filter(code__in=matters).values_list("code", "pk")
        if renew or code not in known
    ]
    through._default_manager.bulk_create(links, ignore_conflicts=True)
    _load_reviews(known, renew=renew)
    return done


def _load_reviews(known: set[str], *, renew: bool) -> None:
    """Say which services review the work of which others."""
    keys = dict(ServiceCategory.objects.values_list("code", "pk"))
    through = ServiceCategory.reviewed.through
    links = [
        through(from_servicecategory_id=keys[row["reviewer"]], to_servicecategory_id=keys[code])
        for row in _rows("reviews.csv")
        for code in row["reviewed"].split()
        if renew or row["reviewer"] not in known
    ]
    through._default_manager.bulk_create(links, ignore_conflicts=True)


def _set_status(service: ServiceCategory, status: str, reason: str, by: Any, now: datetime) -> ServiceCategory:
    with transaction.atomic():
        service = lock(service)
        if not may_curate(by):
            raise Forbidden("not_administrator", _("只有平台管理机构可以调整服务事项目录。"))
        if not reason.strip():
            raise Invalid("reason_needed", _("请写明调整的依据，它会公开。"), field="reason")
        SERVICE.check(service.status, status)
        service.status = status
        service.save(update_fields=["status"])
        data = {"code": service.code, "name": service.name, "status": str(status), "reason": reason.strip()}
        record(catalog_process(now=now), "service_changed", by=by, now=now, subject=service, data=data)
    return service


def keep_service(*, service: ServiceCategory, reason: str, by: Any, now: datetime) -> ServiceCategory:
    """Put a service back on the list. Refuses: not_administrator, reason_needed, state_conflict."""
    return _set_status(service, ServiceStatus.KEPT, reason, by, now)


def adjust_service(*, service: ServiceCategory, reason: str, by: Any, now: datetime) -> ServiceCategory:
    """Mark a service as adjusted by a newer list. Refuses: not_administrator, reason_needed, state_conflict."""
    return _set_status(service, ServiceStatus.ADJUSTED, reason, by, now)


def cancel_service(*, service: ServiceCategory, reason: str, by: Any, now: datetime) -> ServiceCategory:
    """Take a service off the list: no new need or offer. Refuses: not_administrator, reason_needed, state_conflict."""
    return _set_status(service, ServiceStatus.CANCELLED, reason, by, now)
