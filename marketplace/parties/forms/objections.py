"""Input of somebody who objects to a public notice."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.core.forms import RefusalFormMixin


class PublicityObjectionForm(RefusalFormMixin, forms.Form):
    """Who objects, and why; nobody but the department reads the name."""

    text = forms.CharField(
        label=_("异议内容"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("哪份资质、哪一点不对，您怎么知道的；至少 10 个字。"),
        error_messages={"required": _("请写明异议内容。")},
    )
    file = forms.FileField(
        label=_("证明材料"),
        required=False,
        help_text=_("PDF、OFD、Word、Excel、JPG 或 PNG，最多 20 MB。"),
        widget=forms.FileInput(attrs={"accept": ".pdf,.ofd,.docx,.xlsx,.jpg,.jpeg,.png"}),
    )
    objector = forms.ChoiceField(
        label=_("您以谁的名义提出"),
        choices=[("person", _("个人")), ("organization", _("单位"))],
        initial="person",
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择以个人还是单位的名义提出。")},
    )
    name = forms.CharField(
        label=_("姓名，或单位名称和联系人"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("只给管理机构核实用，不公开。"),
        error_messages={"required": _("请填写姓名或单位名称，它不会公开。")},
    )
    phone = forms.CharField(
        label=_("联系电话"),
        max_length=30,
        widget=forms.TelInput(attrs={"autocomplete": "tel"}),
        help_text=_("不公开。"),
        error_messages={"required": _("请填写联系电话，便于核实。")},
    )
