"""Add a row of the catalogue or change its words by hand; every field that changes is told, before and after."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.refusals import Invalid

from ..flaws import flaws
from ..models import (
    ApplicationMaterial,
    ApprovalResult,
    CatalogImport,
    QualificationKind,
    Region,
    RegionAlias,
    ServiceCategory,
    ServiceMatter,
)
from ..values import named, plain, standing
from .meanwhile import left_alone
from .process import catalog_process, check_curator

# The lists as events name them; the first four are those that files carry.
LISTS: dict[type[models.Model], str] = {
    ServiceCategory: str(CatalogImport.List.SERVICES),
    ServiceMatter: str(CatalogImport.List.MATTERS),
    QualificationKind: str(CatalogImport.List.KINDS),
    Region: str(CatalogImport.List.REGIONS),
    RegionAlias: "aliases",
    ApplicationMaterial: "materials",
    ApprovalResult: "results",
}
BY_ACTIONS = frozenset({"status", "status_date", "status_source"})  # a service's, see actions/services.py


@transaction.atomic
def add_row(*, model: type[models.Model], values: Mapping[str, Any], by: Any, now: datetime) -> models.Model:
    """Add a row to one of LISTS; `values` by field, of a many-to-many field the rows that it shall name.

    Refuses: not_administrator (403), and at its field what `change_row` refuses.
    """
    check_curator(by)
    process = lock(catalog_process(now=now))
    row = model()
    told = _write(row, values, now)
    record(process, "catalog_row_added", by=by, now=now, subject=row, data=_data(row, told))
    return row


@transaction.atomic
def change_row(
    *, row: models.Model, values: Mapping[str, Any], by: Any, now: datetime, seen: Mapping[str, str] | None = None
) -> models.Model:
    """Change fields of a row of one of LISTS; only what differs is written and told. Without a difference there is no event.

    `values` by field, of a many-to-many field the rows that it shall name. What an action of its own changes (BY_ACTIONS)
    is refused here by a ValueError: that is a fault of the caller. `seen` holds the `stamps` of fields as they were when somebody
    began to edit: what another person changed since and this one did not touch stays as the other one left it.

    Refuses: not_administrator (403); at its field row_changed_meanwhile (409, both changed it) and with 422 requirement_wrong,
    row_wrong (what the model refuses).
    """
    check_curator(by)
    process = lock(catalog_process(now=now))
    row = lock(row)
    kept = left_alone(row, values, seen or {})
    values = {name: value for name, value in values.items() if name not in kept}
    told = _write(row, values, now)
    if told:
        record(process, "catalog_row_changed", by=by, now=now, subject=row, data=_data(row, told))
    return row


def _data(row: Any, told: list[dict[str, Any]]) -> dict[str, Any]:
    return {"list": LISTS[type(row)], "code": named(row), "name": row.name, "changes": told}


def _write(row: Any, values: Mapping[str, Any], now: datetime) -> list[dict[str, Any]]:
    """Bring a row to `values`; return what changed: {"field", "before", "after"}, of a new row what is not empty."""
    if wrong := BY_ACTIONS & set(values):
        message = f"{sorted(wrong)} change by actions of their own"
        raise ValueError(message)
    is_new = row.pk is None
    many = {field.name for field in row._meta.many_to_many} & set(values)
    before: dict[str, Any] = dict.fromkeys(values) if is_new else standing(row, values)
    for name in values:
        if name not in many:
            setattr(row, name, values[name])
    _check(row, values, now)  # brings codes into their normal form
    after = {name: plain(values[name] if name in many else getattr(row, name)) for name in values}
    changed = [name for name in values if before[name] != after[name]]
    if is_new:
        row.save()
    elif fields := [name for name in changed if name not in many]:
        row.save(update_fields=fields)
    for name in many.intersection(changed):
        getattr(row, name).set(values[name])
    return [
        {"field": name, "before": before[name], "after": after[name]}
        for name in changed
        if not is_new or after[name] not in (None, "", [], {})
    ]


def _check(row: Any, values: Mapping[str, Any], now: datetime) -> None:
    if "requirement" in values:
        kinds: dict[str, Any] = {kind.code: kind for kind in QualificationKind.objects.all()}
        if wrong := flaws(row.requirement, kinds, timezone.localdate(now)):
            raise Invalid("requirement_wrong", " ".join(wrong), field="requirement")
    # As forms do, leave unsaid what may be unsaid, and do not ask what nobody touches to be better than it was.
    unsaid = {
        field.name
        for field in row._meta.fields
        if field.name not in values or (field.null and getattr(row, field.attname) is None)
    }
    try:
        row.clean_fields(exclude=unsaid)
        row.clean()
        row.validate_unique()
        row.validate_constraints()
    except ValidationError as refused:
        for field, words in refused.message_dict.items():
            raise Invalid("row_wrong", " ".join(words), field=field if field in values else None) from refused
