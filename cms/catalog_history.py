"""What happened to a row of the catalogue, in words: edits field by field, decisions with their reasons, imports by file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from marketplace.catalog.actions.rows import LISTS
from marketplace.catalog.values import in_words
from marketplace.core.event_words import describe
from marketplace.core.models import Event

MOST = 50


@dataclass(frozen=True)
class Change:
    """Be one field that changed: its name, and what stood there before and after, "" for nothing."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """Be one thing that happened: when, who did it, in words, with the fields that changed and where there is more."""

    at: datetime
    by: str
    words: str
    changes: list[Change] = field(default_factory=list)
    url: str = ""


def history(row: Any) -> list[Entry]:
    """Return what happened to a row, the newest first, at most MOST entries; files count that name its code."""
    own = Q(subject_type=row._meta.label_lower, subject_id=str(row.pk))
    files = Q(name="catalog_imported", data__list=LISTS[type(row)])
    code = getattr(row, "code", None)
    found = []
    for event in Event.objects.filter(own | files).select_related("actor").order_by("-pk"):
        if event.name == "catalog_imported" and code not in event.data["codes"]:
            continue
        found.append(_entry(event, row))
        if len(found) == MOST:
            break
    return found


def _entry(event: Event, row: Any) -> Entry:
    words, url = describe(event), ""
    if event.name == "catalog_imported":
        words = _("按文件“%(file)s”更新") % {"file": event.data["file"]}
        url = reverse("desk_lists:inspect", args=[event.subject_id])
    elif event.name == "service_changed":
        status = dict(row._meta.get_field("status").flatchoices).get(event.data["status"], event.data["status"])
        words = _("状态改为“%(status)s”：%(reason)s") % {"status": status, "reason": event.data["reason"]}
    elif event.name == "catalog_row_added":
        words = _("新增")
    elif event.name == "catalog_row_changed":
        words = _("修改")
    return Entry(event.at, str(event.actor or _("系统")), words, list(_changes(event, row)), url)


def _changes(event: Event, row: Any) -> Iterator[Change]:
    if not event.name.startswith("catalog_row_"):
        return
    for one in event.data["changes"]:
        try:
            name = str(row._meta.get_field(one["field"]).verbose_name)
        except FieldDoesNotExist:  # a field of an earlier version
            name = one["field"]
        yield Change(name, *(in_words(type(row), one["field"], one[moment]) for moment in ("before", "after")))
