"""Input about one's own organization: the profile, offers, certificates, members."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.actions import clean_phone
from marketplace.catalog.models import QualificationKind, Region, ServiceCategory
from marketplace.catalog.queries import region_tree
from marketplace.core.forms import RefusalFormMixin
from marketplace.core.refusals import Refused

from ..models import Membership


def checked(check: Any, value: Any, **kwargs: Any) -> Any:
    """Run an action's check on a field and say its refusal as the field's error."""
    try:
        return check(value, **kwargs)
    except Refused as refused:
        raise forms.ValidationError(str(refused.message), code=refused.code) from refused


class RegionField(forms.ModelChoiceField):
    """Choose a place of the city by name, grouped by district; nothing chosen means outside the city."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("所在地"))
        kwargs.setdefault("help_text", _("只用于展示和查找，外地机构同样可以承接。"))
        super().__init__(
            Region.objects.exclude(level=Region.Level.PROVINCE),
            to_field_name="code",
            required=False,
            empty_label=_("鹰潭市以外"),
            **kwargs,
        )

    def grouped(self) -> list[tuple[Any, Any]]:
        choices: list[tuple[Any, Any]] = [("", self.empty_label)]
        for city in region_tree():
            choices.append((city.code, city.label))
            for county in city.children.all():
                below = [(place.code, place.label) for place in county.children.all()]
                own = (county.code, county.label)
                choices.append((county.label, [own, *below]) if below else own)
        return choices


class ProfileForm(RefusalFormMixin, forms.Form):
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

    def main_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.OPTIONAL]

    def optional_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name in self.OPTIONAL]

    def optional_open(self) -> bool:
        """Tell whether the folded part must be open: something in it is wrong or filled in."""
        return any(field.errors or field.value() for field in self.optional_fields())


class LastDayField(forms.DateField):
    """Take the last day of a certificate; empty means without end."""

    def __init__(self) -> None:
        super().__init__(
            label=_("有效期至"),
            required=False,
            help_text=_("长期有效的不填。"),
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            error_messages={"invalid": _("请填写日期，例如 2028-06-30。")},
        )


class ScanField(forms.FileField):
    """Take the scan of a certificate, now or later."""

    def __init__(self) -> None:
        super().__init__(
            label=_("证书扫描件"),
            required=False,
            help_text=_("可以以后再传。PDF、OFD、JPG 或 PNG，最多 20 MB。"),
            widget=forms.FileInput(attrs={"accept": ".pdf,.ofd,.jpg,.jpeg,.png"}),
        )


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
