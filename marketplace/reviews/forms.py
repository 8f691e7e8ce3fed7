"""A review and a reply as people fill them in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.core.forms import RefusalFormMixin

from .actions import MAX_TEXT, MIN_TEXT
from .queries import DIMENSIONS, dimension_name

STARS = [(5, _("5 星，很好")), (4, _("4 星，好")), (3, _("3 星，一般")), (2, _("2 星，差")), (1, _("1 星，很差"))]
LENGTH = {
    "min_length": _("请写 10 到 1000 个字。"),
    "max_length": _("请写 10 到 1000 个字。"),
    "required": _("请写 10 到 1000 个字。"),
}


class ReviewForm(RefusalFormMixin, forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = self.fields.pop("text")
        for name in DIMENSIONS:
            self.fields[name] = forms.TypedChoiceField(
                label=dimension_name(name),
                choices=STARS,
                coerce=int,
                widget=forms.RadioSelect,
                error_messages={"required": _("请选择星级。"), "invalid_choice": _("请选择 1 到 5 星。")},
            )
        self.fields["text"] = words

    text = forms.CharField(
        label=_("评价"),
        help_text=_("说说成果质量、时间、配合和收费。评价会公开，发布后不能修改。"),
        min_length=MIN_TEXT,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages=LENGTH,
    )


class ReplyForm(RefusalFormMixin, forms.Form):
    reply = forms.CharField(
        label=_("回复"),
        help_text=_("回复会公开，只能回复一次。"),
        min_length=MIN_TEXT,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages=LENGTH,
    )
