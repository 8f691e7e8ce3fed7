"""Meanwhile: what somebody else changed in a row while it lay open in a form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.core.models import Event
from marketplace.core.refusals import Refused

from ..values import in_words, plain, standing

SHOWN = 60  # characters of what the other one wrote


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
    text = in_words(type(row), name, now)
    words = {
        "who": str(event.actor) if event and event.actor else _("系统"),
        "when": timezone.localtime(event.at).strftime("%m-%d %H:%M") if event else "",
        "text": text if len(text) <= SHOWN else f"{text[:SHOWN]}…",
    }
    if event is None:
        return _("您打开以后，这一项被改成了“%(text)s”。您填写的内容还在；核对后再次保存，就以您的为准。") % words
    return _("%(who)s在 %(when)s 把这一项改成了“%(text)s”。您填写的内容还在；核对后再次保存，就以您的为准。") % words
