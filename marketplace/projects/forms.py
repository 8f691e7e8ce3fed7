"""Input of a project code."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.core.forms import RefusalFormMixin


class PullForm(RefusalFormMixin, forms.Form):
    """Ask for a project by its code; its form is the platform file's business."""

    code = forms.CharField(
        label=_("项目代码"),
        max_length=40,
        help_text=_("投资项目在线审批监管平台赋予的 24 位代码，例如 2605-360602-04-01-123456。"),
        error_messages={"required": _("请填写项目代码。")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
