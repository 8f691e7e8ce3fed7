"""Input about one's own organization: the profile, offers, certificates, members."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.actions import clean_phone
from marketplace.catalog.models import QualificationKind, ServiceCategory
from marketplace.core.forms import RefusalFormMixin

from ..models import Membership
from .parts import FoldedMixin, LastDayField, RegionField, ScanField, checked


class ProfileForm(FoldedMixin, RefusalFormMixin, forms.Form):
    """What a party says of itself and may change later."""

    region = RegionField()
    contact_name = forms.CharField(
        label=_("联系人"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("请填写联系人姓名。")},
    )
    phone = forms.CharField(
        label=_("联系电话"),
        max_length=30,
        help_text=_("不公开，只给签约的另一方和平台。"),
        widget=forms.TelInput(attrs={"autocomplete": "tel"}),
        error_messages={"required": _("请填写联系电话。")},
    )
    email = forms.EmailField(
        label=_("电子邮箱"), required=False, error_messages={"invalid": _("邮箱地址不完整，例如 name@example.com。")}
    )
    legal_representative = forms.CharField(label=_("法定代表人"), max_length=60, required=False)
    address = forms.CharField(label=_("地址"), max_length=200, required=False)
    introduction = forms.CharField(
        label=_("简介"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("主要业绩、人员和特长，公开显示。"),
    )
    alipay_account = forms.CharField(
        label=_("收款支付宝账号"), max_length=100, required=False, help_text=_("验收后货款划到这里，可以以后再填。")
    )
    OPTIONAL: tuple[str, ...] = ("email", "legal_representative", "address", "introduction", "alipay_account")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        region = self.fields.get("region")
        if isinstance(region, RegionField):
            region.choices = region.grouped()

    def clean_phone(self) -> str:
        return str(checked(clean_phone, self.cleaned_data["phone"]))


class DeclareForm(RefusalFormMixin, forms.Form):
    """One more certificate of a firm: kind and grade are one choice, so that nothing depends on JavaScript."""

    what = forms.ChoiceField(label=_("资质和等级"), error_messages={"required": _("请选择资质和等级。")})
    scope = forms.CharField(
        label=_("范围"), max_length=200, required=False, help_text=_("证书上写明的专业或范围，例如“工程测量”。")
    )
    number = forms.CharField(label=_("证书编号"), max_length=60, error_messages={"required": _("请填写证书编号。")})
    valid_until = LastDayField()
    file = ScanField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: list[tuple[Any, Any]] = [("", _("请选择"))]
        for kind in QualificationKind.objects.filter(abolished_on=None):
            grades = [(f"{kind.code}:{grade}", f"{kind.label} {grade}") for grade in kind.grades]
            choices.append((kind.label, grades) if grades else (f"{kind.code}:", kind.label))
        what = self.fields["what"]
        assert isinstance(what, forms.ChoiceField)
        what.choices = choices


class OfferForm(RefusalFormMixin, forms.Form):
    service = forms.ModelChoiceField(
        queryset=ServiceCategory.objects.none(),
        to_field_name="code",
        label=_("再承接一项服务"),
        empty_label=_("请选择"),
        error_messages={"required": _("请选择一项服务。"), "invalid_choice": _("这项服务已在承接，或不在目录里。")},
    )


class PowersForm(RefusalFormMixin, forms.Form):
    """What somebody may do for the organization, and on which days."""

    role = forms.ChoiceField(label=_("角色"), choices=Membership.Role.choices, initial=Membership.Role.AGENT)
    powers = forms.MultipleChoiceField(
        label=_("经办人的权限"),
        choices=Membership.Power.choices,
        required=False,
        initial=Membership.Power.values,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("管理员有全部权限，不用选。"),
    )
    starts_on = forms.DateField(
        label=_("自"),
        required=False,
        help_text=_("不填的马上开始。"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("请填写日期，例如 2027-01-31。")},
    )
    ends_on = forms.DateField(
        label=_("至"),
        required=False,
        help_text=_("这一天仍然有效；不填的没有期限。"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("请填写日期，例如 2027-01-31。")},
    )


class MemberForm(PowersForm):
    """Somebody who shall act for the organization."""

    username = forms.CharField(
        label=_("对方的用户名"), max_length=60, error_messages={"required": _("请填写对方的用户名。")}
    )
    field_order = ("username", "role", "powers", "starts_on", "ends_on")


class ShareholderForm(RefusalFormMixin, forms.Form):
    """One more holder of the organization."""

    holder = forms.CharField(
        label=_("股东"),
        max_length=120,
        help_text=_("单位写全称，自然人写姓名。"),
        error_messages={"required": _("请填写股东的名称或者姓名。")},
    )
    holder_code = forms.CharField(
        label=_("股东的统一社会信用代码"),
        max_length=30,
        required=False,
        help_text=_("股东是单位的请填写；自然人不填，也不要填身份证号。"),
    )
    percent = forms.DecimalField(
        label=_("持股比例（%）"),
        max_value=100,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "required": _("请填写持股比例，例如 33.33。"),
            "invalid": _("请填写数字，例如 33.33。"),
            "max_value": _("持股比例不能超过 100%。"),
        },
    )
