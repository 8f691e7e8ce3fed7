"""Input of other ways in: claims, lists of an association, practitioners."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.catalog.models import QualificationKind
from marketplace.core.forms import RefusalFormMixin

from .own import LastDayField


class ClaimForm(RefusalFormMixin, forms.Form):
    """Ask to act for an organization that somebody else has entered."""

    statement = forms.CharField(
        label=_("您与这个单位的关系"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("例如“我是办公室主任，原经办人已离职，电话联系不上”。本单位管理员和平台会看到。"),
        error_messages={"required": _("请说明您与这个单位的关系。")},
    )
    file = forms.FileField(
        label=_("授权材料"),
        help_text=_("盖章的授权书或者法定代表人证明。PDF、OFD、JPG 或 PNG，最多 20 MB。"),
        widget=forms.FileInput(attrs={"accept": ".pdf,.ofd,.jpg,.jpeg,.png"}),
        error_messages={
            "required": _("请上传盖章的授权书或者法定代表人证明。"),
            "empty": _("这个文件是空的，请重新选择。"),
        },
    )

    def __init__(self, *args: Any, is_proven: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_proven:  # the unified identity has said it already
            del self.fields["file"]
            self.fields["statement"].required = False


class ReasonForm(RefusalFormMixin, forms.Form):
    """The reason of a decision."""

    reason = forms.CharField(label=_("理由"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class BatchForm(RefusalFormMixin, forms.Form):
    """The list of an association."""

    association = forms.CharField(
        label=_("协会或园区名称"), max_length=120, error_messages={"required": _("请填写协会或园区的名称。")}
    )
    file = forms.FileField(
        label=_("机构名单"),
        help_text=_("按模板填写的 xlsx 或 csv，最多 10,000 行、10 MB。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={"required": _("请选择名单文件。"), "empty": _("这个文件是空的，请重新选择。")},
    )


class PractitionerForm(RefusalFormMixin, forms.Form):
    """One more practitioner of the firm, or one more certificate of one."""

    name = forms.CharField(label=_("姓名"), max_length=60, error_messages={"required": _("请填写执业人员的姓名。")})
    number = forms.CharField(
        label=_("证件号码"),
        max_length=30,
        help_text=_("只用来确认同一个人不在两家机构，核对后不保存。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "mono"}),
        error_messages={"required": _("请填写证件号码，它只用来核对，不会保存。")},
    )
    kind = forms.ModelChoiceField(
        queryset=QualificationKind.objects.filter(abolished_on=None),
        to_field_name="code",
        label=_("执业资格"),
        empty_label=_("请选择"),
        error_messages={"required": _("请选择执业资格。")},
    )
    discipline = forms.CharField(label=_("专业"), max_length=120, required=False)
    certificate_number = forms.CharField(
        label=_("证书编号"), max_length=60, error_messages={"required": _("请填写执业证书的编号。")}
    )
    valid_until = LastDayField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if any(field.name == "holder" for field in QualificationKind._meta.get_fields()):
            kind: Any = self.fields["kind"]
            kind.queryset = kind.queryset.filter(holder="person")
