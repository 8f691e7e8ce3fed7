"""Objections and decisions as people type them."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.core.forms import RefusalFormMixin

from .actions import MAX_REASON, MIN_REASON


class ObjectionForm(RefusalFormMixin, forms.Form):
    text = forms.CharField(
        label=_("异议理由"),
        help_text=_("写明哪一步、哪条规则有问题，以及依据。提出后公示暂停，由平台管理机构处理。"),
        min_length=MIN_REASON,
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={
            "required": _("请写明异议理由。"),
            "min_length": _("请写明异议理由，至少 10 个字。"),
            "max_length": _("异议理由最多 2000 个字。"),
        },
    )


class DecisionForm(RefusalFormMixin, forms.Form):
    upheld = forms.TypedChoiceField(
        label=_("处理结果"),
        choices=[("0", _("不成立，公示继续")), ("1", _("成立，撤销结果"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择处理结果。")},
    )
    decision = forms.CharField(
        label=_("处理意见"),
        help_text=_("处理意见会公开。"),
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("请写明处理意见，它会公开。")},
    )
