"""A penalty as an administrator imposes it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.core.forms import RefusalFormMixin
from marketplace.parties.models import Organization
from marketplace.reviews.actions import MAX_FACTS
from marketplace.reviews.penalty_codes import PENALTY_CODES, PenaltyCode


def _words(code: PenaltyCode) -> str:
    if code.is_of_owner:
        return str(code.label)
    points = f"{code.least}" if code.least == code.most else f"{code.least}—{code.most}"
    return _("%(label)s（扣 %(points)s 分）") % {"label": code.label, "points": points}


def _choices() -> list[tuple[Any, Any]]:
    groups: dict[bool, list[tuple[str, str]]] = {False: [], True: []}
    for name, code in PENALTY_CODES.items():
        groups[code.is_of_owner].append((name, _words(code)))
    return [("", _("请选择")), (_("中介机构"), groups[False]), (_("项目业主"), groups[True])]


class PenaltyForm(RefusalFormMixin, forms.Form):
    """Name the party, the behavior and the facts."""

    organization = forms.CharField(
        label=gettext_lazy("单位"),
        max_length=120,
        help_text=gettext_lazy("统一社会信用代码，或者完整的名称。"),
        error_messages={"required": gettext_lazy("请填写单位。")},
    )
    code = forms.ChoiceField(
        label=gettext_lazy("行为"), choices=_choices, error_messages={"required": gettext_lazy("请选择行为。")}
    )
    points = forms.IntegerField(
        label=gettext_lazy("扣分"),
        required=False,
        min_value=0,
        help_text=gettext_lazy("分值有幅度的填写；不填按最低分。"),
    )
    text = forms.CharField(
        label=gettext_lazy("事实和依据"),
        max_length=MAX_FACTS,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("什么时间、哪一项采购、做了什么、凭什么认定。会公开，不要写个人信息。"),
        error_messages={"required": gettext_lazy("请写明事实和依据。")},
    )

    def clean_organization(self) -> Organization:
        """Find the party by code, or by its whole name where only one has it."""
        given = self.cleaned_data["organization"].strip()
        found = list(Organization.objects.filter(uscc=given.upper())[:1]) or list(
            Organization.objects.filter(name=given)[:2]
        )
        if len(found) != 1:
            message = _("没有找到这个单位。") if not found else _("有几个单位叫这个名称，请填写统一社会信用代码。")
            raise forms.ValidationError(message)
        return found[0]
