"""A text from which owners start a need, as administrators write it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm

from marketplace.tenders.models import WITH_PLAN
from marketplace.tenders.rule_data import criteria_flaw

from ..rule_shapes import LinesField, criteria_field


class TemplateForm(WagtailAdminModelForm):
    """Take the criteria as lines; methods that judge plans need good ones, others none."""

    criteria: LinesField = criteria_field(
        label=gettext_lazy("评审标准"),
        required=False,
        help_text=gettext_lazy(
            "只有方案择优和综合评分需要。每行一条：名称，空格，分值，空格，由谁评分（报价、信用、业主、评审）。合计 100。"
        ),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse criteria by which nobody could decide."""
        cleaned = super().clean() or {}
        method, criteria = cleaned.get("method"), cleaned.get("criteria")
        if "criteria" in self.errors or not method:
            return cleaned
        if method not in WITH_PLAN:
            cleaned["criteria"] = []
        elif criteria and (flaw := criteria_flaw(method, criteria)):
            self.add_error("criteria", forms.ValidationError(flaw[1], code=flaw[0]))
        return cleaned
