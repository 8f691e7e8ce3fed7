"""Values: fields of the catalogue's rows as events hold them, and as people read them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.translation import gettext as _


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


def in_words(model: type[models.Model], name: str, value: Any) -> str:
    """Return a value of an event as people read it: a choice by its label, "" for nothing; also of a field that is no more."""
    if value is None or value in ("", [], {}):
        return ""
    try:
        choices = dict(getattr(model._meta.get_field(name), "flatchoices", ()))
    except FieldDoesNotExist:
        choices = {}
    if isinstance(value, str) and value in choices:
        return str(choices[value])
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list):
        return "、".join(str(one) for one in value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
