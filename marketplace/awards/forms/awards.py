"""Objections, decisions on them, and giving an award up, as people type them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.core.forms import RefusalFormMixin

from ..actions import MAX_REASON, MIN_REASON

DISMISSED, NEXT, ENDED = "0", "next", "1"


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
    """Take a decision; an upheld objection says whether the next in rank follows or the need ends."""

    upheld = forms.ChoiceField(
        label=_("处理结果"),
        help_text=_("问题只在这家中选机构的，由下一名递补；需求或选取过程本身有问题的，终止采购。"),
        choices=[
            (DISMISSED, _("不成立，公示继续")),
            (NEXT, _("成立，由下一名递补")),
            (ENDED, _("成立，本次采购终止")),
        ],
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

    @property
    def arguments(self) -> dict[str, Any]:
        """Give what decide_objection takes."""
        chosen = self.cleaned_data["upheld"]
        return {
            "upheld": chosen != DISMISSED,
            "next_follows": chosen == NEXT,
            "decision": self.cleaned_data["decision"],
        }


class DeclineForm(RefusalFormMixin, forms.Form):
    reason = forms.CharField(
        label=_("放弃的原因"),
        help_text=_("原因会公开，并记入贵机构的信用记录。"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("请写明放弃的原因，它会公开。"), "max_length": _("原因最多 200 个字。")},
    )
