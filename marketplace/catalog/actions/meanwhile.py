"""Meanwhile: what somebody else changed in a row while it lay open in a form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.core.models import Event
from marketplace.core.refusals import Refused

SHOWN = 60  # characters of what the other one wrote


def named(row: Any) -> str:
    """Name a row by its code, a paper of a matter by the matter's code and its own name."""
    code = getattr(row, "code", None)
    return str(code) if code is not None else f"{row.matter.code}/{row.name}"


def plain(value: Any) -> Any:
    """Return a value as an event holds it: a day and a fraction as text, another row by its code, rows by their sorted codes."""
    if isinstance(value, models.Model):
        return named(value)
    if isinstance(value, models.QuerySet) or (isinstance(value, list) and value and isinstance(value[0], models.Model)):
        return sorted(named(one) for one in value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, float) else value


def standing(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """Return fields of a row as an event holds them."""
    many = {field.name for field in row._meta.many_to_many}
    return {name: plain(getattr(row, name).all() if name in many else getattr(row, name)) for name in names}


def stamps(row: models.Model, names: Iterable[str]) -> dict[str, str]:
    """Return a short digest of each field as it is now: a form takes them along and brings them back with what was typed."""
    return {name: _stamp(value) for name, value in standing(row, names).items()}


def _stamp(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def left_alone(row: models.Model, values: Mapping[str, Any], seen: Mapping[str, str]) -> set[str]:
    """Return the fields that somebody else changed since they were seen, and that whoever saw them did not touch.

    Refuses: row_changed_meanwhile (409) at a field that both of them changed.
    """
    found = set()
    for name, now in standing(row, [name for name in values if name in seen]).items():
        typed = _stamp(plain(values[name]))
        if typed == _stamp(now) or seen[name] == _stamp(now):
            continue
        if typed != seen[name]:
            raise Refused("row_changed_meanwhile", _sentence(row, name, now), field=name)
        found.add(name)
    return found


def _sentence(row: models.Model, name: str, now: Any) -> str:
    events = Event.objects.filter(
        name="catalog_row_changed", subject_type=row._meta.label_lower, subject_id=str(row.pk)
    ).select_related("actor")
    event = next(
        (one for one in events.order_by("-pk") if name in {part["field"] for part in one.data["changes"]}), None
    )
    text = now if isinstance(now, str) else json.dumps(now, ensure_ascii=False)
    words = {
        "who": str(event.actor) if event and event.actor else _("系统"),
        "when": timezone.localtime(event.at).strftime("%H:%M") if event else "",
        "text": text if len(text) <= SHOWN else f"{text[:SHOWN]}…",
    }
    if event is None:
        return _("您打开以后，这一项被改成了“%(text)s”。您填写的内容还在；核对后再次保存，就以您的为准。") % words
    return _("%(who)s在 %(when)s 把这一项改成了“%(text)s”。您填写的内容还在；核对后再次保存，就以您的为准。") % words
