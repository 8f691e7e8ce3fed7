"""A round of spot checks as an administrator announces it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from marketplace.core.forms import MomentField, RefusalFormMixin


class SpotCheckRoundForm(RefusalFormMixin, forms.Form):
    """How many firms are drawn, and when the seed is published."""

    count = forms.IntegerField(
        label=gettext_lazy("抽取数量"),
        min_value=1,
        help_text=gettext_lazy("从抽取时正常承接业务的全部机构里抽。"),
        error_messages={
            "required": gettext_lazy("请填写抽取几家。"),
            "invalid": gettext_lazy("请填写整数。"),
            "min_value": gettext_lazy("至少抽取 1 家。"),
        },
    )
    draws_at = MomentField(
        label=gettext_lazy("抽取定于"),
        help_text=gettext_lazy("种子到这时才公布，在那以前谁也取不出来。"),
        error_messages={"required": gettext_lazy("请填写抽取时间。")},
    )
