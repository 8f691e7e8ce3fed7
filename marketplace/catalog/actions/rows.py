"""Add a row of the catalogue or change its words by hand; every field that changes is told, before and after."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
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
def change_row(*, row: models.Model, values: Mapping[str, Any], by: Any, now: datetime) -> models.Model:
    """Change fields of a row of one of LISTS; only what differs is written and told. Without a difference there is no event.

    `values` by field, of a many-to-many field the rows that it shall name. What an action of its own changes (BY_ACTIONS)
    is refused here by a ValueError: that is a fault of the caller.

    Refuses: not_administrator (403), and with 422 at its field: requirement_wrong, row_wrong (what the model refuses).
    """
    check_curator(by)
    process = lock(catalog_process(now=now))
    row = lock(row)
    told = _write(row, values, now)
    if told:
        record(process, "catalog_row_changed", by=by, now=now, subject=row, data=_data(row, told))
    return row


def _data(row: Any, told: list[dict[str, Any]]) -> dict[str, Any]:
    return {"list": LISTS[type(row)], "code": _named(row), "name": row.name, "changes": told}


def _write(row: Any, values: Mapping[str, Any], now: datetime) -> list[dict[str, Any]]:
    """Bring a row to `values`; return what changed: {"field", "before", "after"}, of a new row what is not empty."""
    if wrong := BY_ACTIONS & set(values):
        message = f"{sorted(wrong)} change by actions of their own"
        raise ValueError(message)
    is_new = row.pk is None
    many = {field.name for field in row._meta.many_to_many} & set(values)
    plain = [name for name in values if name not in many]
    before: dict[str, Any] = dict.fromkeys(values)
    if not is_new:
        before = {name: _plain(row, name) for name in plain}
        before |= {name: _codes(getattr(row, name).all()) for name in many}
    for name in plain:
        setattr(row, name, values[name])
    _check(row, values, now)  # brings codes into their normal form
    after = {name: _plain(row, name) for name in plain} | {name: _codes(values[name]) for name in many}
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


def _plain(row: Any, name: str) -> Any:
    """Return a field as an event holds it: a day and a fraction as text, another row by its code."""
    value = getattr(row, name)
    if isinstance(value, models.Model):
        return _named(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, float) else value


def _codes(rows: Any) -> list[str]:
    return sorted(_named(one) for one in rows)


def _named(row: Any) -> str:
    """Name a row by its code, a paper of a matter by the matter's code and its own name."""
    code = getattr(row, "code", None)
    return str(code) if code is not None else f"{row.matter.code}/{row.name}"
