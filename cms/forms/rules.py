"""A new version of the rules of a method, one field for each setting."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.catalog.models import Region
from marketplace.core.forms import MomentField, RefusalFormMixin
from marketplace.tenders.models import MoneyKind
from marketplace.tenders.rule_data import DEFAULTS, flaws

from ..rule_shapes import field_of, parts_of, value_of
from ..rule_words import SETTINGS, value_in_words

MONEY = [("", gettext_lazy("全部资金")), *MoneyKind.choices]


class RuleSetForm(RefusalFormMixin, forms.Form):
    """Write a version on the basis of another; `seen` says which content its author has seen compared."""

    region = forms.ModelChoiceField(
        Region.objects.exclude(level=Region.Level.TOWNSHIP),
        label=gettext_lazy("适用地区"),
        required=False,
        empty_label=gettext_lazy("全部地区"),
        help_text=gettext_lazy("有本地区的规则时，优先于全部地区的规则。"),
    )
    money_kind = forms.ChoiceField(
        label=gettext_lazy("适用资金"),
        choices=MONEY,
        required=False,
        help_text=gettext_lazy("只改一种资金的规则时选它，其余资金继续适用原来的版本。"),
    )
    since = MomentField(
        label=gettext_lazy("生效时间"), help_text=gettext_lazy("此后发布的需求适用；已发布的不受影响。")
    )
    note = forms.CharField(
        label=gettext_lazy("修订说明"),
        max_length=200,
        help_text=gettext_lazy("为什么改，依据是什么，会随版本保存。"),
        error_messages={"required": gettext_lazy("请写明为什么修订。")},
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, method: str, base: Mapping[str, Any], **kwargs: Any) -> None:
        self.method, self.base = method, {**DEFAULTS[method], **base}
        tomorrow = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        kwargs["initial"] = {"since": tomorrow, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.names: dict[str, dict[str, str]] = {}
        for key in DEFAULTS[method]:
            self.names[key] = {}
            for part, (label, value) in parts_of(key, self.base[key]).items():
                name = f"{key}__{part}" if part else key
                field = field_of(key)
                field.label, field.initial = label, value
                self.fields[name] = field
                self.names[key][part] = name

    @property
    def scope(self) -> list[forms.BoundField]:
        """Give the fields that say where, for what money and from when the version holds."""
        return [self[name] for name in ("region", "money_kind", "since", "note")]

    @property
    def settings(self) -> list[dict[str, Any]]:
        """Give the settings in the order of the rules, each with its fields and the value that it had."""
        return [
            {
                "setting": SETTINGS[key],
                "now": value_in_words(key, self.base[key]),
                "fields": [self[name] for name in names.values()],
                "is_single": "" in names,
            }
            for key, names in self.names.items()
        ]

    def clean(self) -> dict[str, Any]:
        """Put the settings together and say what is wrong with them at their fields."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        data = {
            key: value_of({part: cleaned[name] for part, name in names.items()}) for key, names in self.names.items()
        }
        for sentence in flaws(self.method, data):
            key, found, rest = sentence.partition("：")
            name = next(iter(self.names[key].values())) if found and key in self.names else None
            self.add_error(name, rest if name else _named(sentence))
        self.data_given = data
        return cleaned

    @property
    def fingerprint(self) -> str:
        """Give the hash of the content: data, scope and moment."""
        scope = [str(self.cleaned_data[name]) for name in ("region", "money_kind", "since")]
        text = json.dumps([self.method, self.data_given, scope], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def changes_nothing(self) -> bool:
        """Tell whether the version would say what its basis says."""
        return self.data_given == self.base


def _named(sentence: str) -> str:
    """Return a flaw with the settings' names instead of their keys."""
    for key, setting in SETTINGS.items():
        sentence = sentence.replace(f"“{key}”", f"“{setting.label}”")
    return sentence or _("规则有误。")
