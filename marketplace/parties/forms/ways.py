"""Input of other ways in: claims, lists of an association."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.core.forms import RefusalFormMixin


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
