"""Load the published lists of `data/`: places, kinds of qualification, matters and services."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone

from marketplace.core.events import record
from marketplace.core.models import Event
from marketplace.core.refusals import Invalid

from ..flaws import flaws
from ..models import ApplicationMaterial, QualificationKind, Region, RegionAlias, ServiceCategory, ServiceMatter
from .process import catalog_process

DATA = Path(__file__).resolve().parent.parent / "data"
T = TypeVar("T", bound=models.Model)
PLAIN = (
    "group", "name", "name_en", "department", "department_en", "legal_basis", "requirement_text", "requirement_text_en",
    "output", "output_en", "entrusted_by", "price_kind", "price_basis", "validity_note", "status_source",
)  # fmt: skip
LENGTHS = ("reference", "validity")  # each with a count and a unit


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


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


@transaction.atomic
def load_catalog(*, now: datetime, renew: bool = False) -> dict[str, int]:
    """Load regions, kinds of qualification, matters and services from `data/`; return how many of each were written.

    Rows that exist stay as administrators left them; `renew` brings their words and requirements (never a service's
    status) to what the files say. A second run changes nothing and records nothing.

    Service codes (YT-ZJ-…) and matter codes (YT-SX-…) are local ones until the national codes are filled in; so are
    those of the three functional areas, which have no GB/T 2260 code. Refuses with `requirement_wrong` what a
    requirement tree names and the kinds do not know, or what is abolished by now.
    """
    done = {"regions": _load_regions(renew=renew), "kinds": _load_kinds(renew=renew)}
    done["matters"] = _load_matters(renew=renew)
    done["services"] = _load_services(on_date=timezone.localdate(now), renew=renew)
    if any(done.values()):
        record(catalog_process(now=now), "catalog_loaded", now=now, data=done, visibility=Event.Visibility.PUBLIC)
    return done


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
    return done + _load_aliases()


def _load_aliases() -> int:
    """Load the codes that places had before; those that are known already stay as they are."""
    places = dict(Region.objects.values_list("code", "pk"))
    known = set(RegionAlias.objects.values_list("code", "region__code"))
    fresh = [
        RegionAlias(
            region_id=places[row["region"]],
            code=row["code"],
            name=row["name"],
            valid_from=_day(row["valid_from"]),
            valid_until=_day(row["valid_until"]),
            source=row["source"],
        )
        for row in _rows("region_aliases.csv")
        if (row["code"], row["region"]) not in known
    ]
    return len(RegionAlias.objects.bulk_create(fresh))


def _load_kinds(*, renew: bool) -> int:
    wanted = [
        QualificationKind(
            code=row["code"],
            name=row["name"],
            name_en=row["name_en"],
            authority=row["authority"],
            holder=row["holder"],
            grades=row["grades"].split(),
            abolished_on=_day(row["abolished_on"]),
            licence_type=row["licence_type"],
            is_licence_type_local=row["licence_type_local"] == "yes",
            note=row["note"],
        )
        for row in _rows("qualification_kinds.csv")
    ]
    fields = ["name", "name_en", "authority", "holder", "grades", "abolished_on", "licence_type", "note"]
    fields.append("is_licence_type_local")
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


def _load_services(*, on_date: date, renew: bool) -> int:
    kinds: dict[str, Any] = {kind.code: kind for kind in QualificationKind.objects.all()}
    known = set(ServiceCategory.objects.values_list("code", flat=True))
    rows = _rows("services.csv")
    wanted = []
    for row in rows:
        requirement = json.loads(row["requirement"])
        if wrong := flaws(requirement, kinds, on_date):
            raise Invalid("requirement_wrong", f"{row['code']}: {' '.join(wrong)}")
        service = ServiceCategory(code=row["code"], requirement=requirement, **{field: row[field] for field in PLAIN})
        service.may_prepare_itself = {"yes": True, "no": False}.get(row["applicant_may_prepare_itself"])
        service.status_date = _day(row["status_date"])
        for length in LENGTHS:
            if count := row[f"{length}_count"]:
                setattr(service, f"{length}_count", int(count))
                setattr(service, f"{length}_unit", row[f"{length}_unit"])
        wanted.append(service)
    counted = [f"{length}_{part}" for length in LENGTHS for part in ("count", "unit")]
    renewed = [*(field for field in PLAIN if field != "status_source"), *counted, "requirement", "may_prepare_itself"]
    done = _bring(ServiceCategory, wanted, renewed, renew=renew)
    _link([row for row in rows if renew or row["code"] not in known])
    _load_reviews(known, renew=renew)
    return done


def _link(rows: list[dict[str, str]]) -> None:
    """Tie services to their matters, and to the application material that their result may be."""
    services = dict(ServiceCategory.objects.values_list("code", "pk"))
    matters = dict(ServiceMatter.objects.values_list("code", "pk"))
    pairs = [(services[row["code"]], matters[row["matter_code"]], row) for row in rows]
    through = ServiceCategory.matters.through
    through._default_manager.bulk_create(
        [through(servicecategory_id=service, servicematter_id=matter) for service, matter, _row in pairs],
        ignore_conflicts=True,
    )
    ApplicationMaterial.objects.bulk_create(
        [
            ApplicationMaterial(
                matter_id=matter, name=row["material"], name_en=row["material_en"], is_from_marketplace=True
            )
            for _service, matter, row in pairs
            if row["material"]
        ],
        ignore_conflicts=True,
    )
    papers = {
        (matter, name): pk for pk, matter, name in ApplicationMaterial.objects.values_list("pk", "matter", "name")
    }
    joined = ServiceCategory.materials.through
    joined._default_manager.bulk_create(
        [
            joined(servicecategory_id=service, applicationmaterial_id=papers[matter, row["material"]])
            for service, matter, row in pairs
            if row["material"]
        ],
        ignore_conflicts=True,
    )


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
