"""The inputs of a setting of the rules: from its value to form fields, and from what was typed back to the value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.core.forms import YuanField
from marketplace.tenders.models import MoneyKind, Tender
from marketplace.tenders.rule_checks import GROUNDS
from marketplace.tenders.rule_data import BY_MONEY, DEFAULTS

from .rule_words import CHOICES, CONFLICTS, GIVERS, SETTINGS, TIES, TURNS, YES_OR_NO

ORDERS = (("draw",), ("credit", "draw"), ("amount", "draw"), ("credit", "amount", "draw"), ("amount", "credit", "draw"))
MISSING = gettext_lazy("请填写。")


class PointsField(forms.DecimalField):
    """Take points with two decimals and give hundredths."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=5, decimal_places=2, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return f"{value / 100:g}" if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        points = super().clean(value)
        return int(points * 100) if isinstance(points, Decimal) else points


class LinesField(forms.CharField):
    """Take a list, one row a line; `pattern` reads a line, `write` puts a row into one."""

    def __init__(self, pattern: str, read: Any, write: Any, example: str, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 5}), **kwargs)
        self.pattern, self.read, self.write, self.example = re.compile(pattern), read, write, example

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(self.write(row) for row in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        rows: list[Any] = []
        for line in super().clean(value).splitlines():
            if not line.strip():
                continue
            found = self.pattern.fullmatch(line.strip())
            if found is None:
                message = _("读不懂“%(line)s”，请写成例如“%(example)s”。") % {
                    "line": line.strip(),
                    "example": self.example,
                }
                raise forms.ValidationError(message)
            rows.append(self.read(found, len(rows) + 1))
        return rows


def criteria_field(**kwargs: Any) -> LinesField:
    """Return the field of criteria: name, points, and who gives them. Keys are those of the first version, or c1, c2 …"""
    by = {word: key for key, word in GIVERS.items()}
    known = {row["name"]: row["key"] for data in DEFAULTS.values() for row in data.get("criteria", ())}

    def read(found: re.Match[str], place: int) -> dict[str, Any]:
        name, points, giver = found["name"].strip(), int(found["points"]), by[found["by"]]
        key = giver if giver in ("price", "credit") else known.get(name, f"c{place}")
        return {"key": key, "name": name, "points": points, "by": giver}

    return LinesField(
        rf"(?P<name>.+?)\s+(?P<points>\d{{1,3}})\s*分?\s+(?P<by>{'|'.join(by)})",
        read,
        lambda row: f"{row['name']} {row['points']} {GIVERS[row['by']]}",
        "服务方案 30 评审",
        **kwargs,
    )


def factors(text: str) -> list[int]:
    """Return the whole numbers of a list that people typed."""
    parts = [part for part in re.split(r"[\s,，、%;；]+", text) if part]
    if not parts or not all(part.isdecimal() for part in parts):
        raise forms.ValidationError(_("请填写整数，例如 95、96、97、98。"))
    return [int(part) for part in parts]


class FactorsField(forms.CharField):
    """Take whole percents, separated by commas or the like."""

    def prepare_value(self, value: Any) -> Any:
        return "、".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return factors(super().clean(value))


class OrderField(forms.ChoiceField):
    """Take one of the orders in which ties are decided."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [(",".join(order), " → ".join(str(TIES[one]) for one in order)) for order in ORDERS]
        super().__init__(choices=choices, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ",".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return super().clean(value).split(",")


def field_of(key: str) -> forms.Field:
    """Return the input of one value of a setting."""
    required = {"required": MISSING}
    if key == "direct_limit_fen":
        return YuanField(required=False)
    if key == "credit_without_reviews":
        return PointsField(min_value=0, max_value=100, error_messages=required)
    if key == "ties":
        return OrderField(error_messages=required)
    if key == "factors_percent":
        return FactorsField(max_length=200, error_messages=required)
    if key == "criteria":
        return criteria_field(error_messages=required)
    if key == "milestones":
        return LinesField(
            r"(?P<title>.+?)\s+(?P<percent>\d{1,3})\s*%?",
            lambda found, _place: {"title": found["title"].strip(), "percent": int(found["percent"])},
            lambda row: f"{row['title']} {row['percent']}",
            "成果通过验收 60",
            error_messages=required,
        )
    if key in YES_OR_NO:
        return forms.BooleanField(required=False)
    if key in CHOICES:
        return forms.MultipleChoiceField(
            choices=CHOICES[key].choices,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("至少选一项。")},
        )
    if key in ("conflicts", "grounds_above_limit"):
        choices: Any = list(CONFLICTS.items())
        if key == "grounds_above_limit":
            choices = [(one, Tender.Ground(one).label) for one in GROUNDS]
        return forms.MultipleChoiceField(choices=choices, required=False, widget=forms.CheckboxSelectMultiple)
    return forms.IntegerField(min_value=0, error_messages={**required, "invalid": _("请填写整数。")})


def parts_of(key: str, value: Any) -> dict[str, tuple[Any, Any]]:
    """Return what a value is typed in: the name of each part ("" for a single one) with its label and initial value."""
    if isinstance(value, dict) and set(value) <= set(BY_MONEY):
        return {kind: (MoneyKind(kind).label, value.get(kind)) for kind in BY_MONEY}
    if key == "too_few":
        return {
            "extensions": (_("最多延长（次）"), value["extensions"]),
            "working_days": (_("每次延长（个工作日）"), value["working_days"]),
        }
    if key == "turns":
        return {
            part: (_("%(label)s（%(unit)s）") % {"label": label, "unit": unit}, value[part])
            for part, (label, unit) in TURNS.items()
        }
    return {"": (SETTINGS[key].label, value)}


def value_of(parts: Mapping[str, Any]) -> Any:
    """Return the value that the parts make."""
    return parts[""] if "" in parts else dict(parts)
