"""Input of parties: entry in its steps, the profile, offers, certificates, members."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.actions import clean_phone
from marketplace.accounts.forms import AccountForm
from marketplace.catalog.models import QualificationKind, Region, ServiceCategory
from marketplace.catalog.queries import region_tree
from marketplace.core.files import check_upload
from marketplace.core.forms import RefusalFormMixin
from marketplace.core.refusals import Refused

from .actions.entry import check_name
from .actions.qualifications import CERTIFICATES
from .models import Membership, Organization
from .uscc import check_uscc


def _checked(check: Any, value: Any, **kwargs: Any) -> Any:
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


class CodeField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("统一社会信用代码"))
        kwargs.setdefault("help_text", _("营业执照或登记证书上的 18 位代码，大小写、空格都可以。"))
        attrs = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "class": "mono"}
        super().__init__(max_length=60, widget=forms.TextInput(attrs=attrs), **kwargs)
        self.error_messages["required"] = _("请填写统一社会信用代码，它印在营业执照上。")


class CodeForm(AccountForm):
    """Step 1: the code, and an account where nobody is signed in."""

    uscc = CodeField()
    field_order = ("uscc", "username", "password")

    def clean_uscc(self) -> str:
        return str(_checked(check_uscc, self.cleaned_data["uscc"]))


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
    OPTIONAL = ("email", "legal_representative", "address", "introduction", "alipay_account")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        region = self.fields["region"]
        assert isinstance(region, RegionField)
        region.choices = region.grouped()

    def clean_phone(self) -> str:
        return str(_checked(clean_phone, self.cleaned_data["phone"]))

    def main_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.OPTIONAL]

    def optional_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name in self.OPTIONAL]

    def optional_open(self) -> bool:
        """Tell whether the folded part must be open: something in it is wrong or filled in."""
        return any(field.errors or field.value() for field in self.optional_fields())


class OrganizationForm(ProfileForm):
    """Step 2: name, kind and how to reach the firm."""

    name = forms.CharField(
        label=_("机构名称"),
        max_length=200,
        help_text=_("与营业执照一致。"),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"required": _("请填写营业执照上的完整名称。")},
    )
    kind = forms.ChoiceField(
        label=_("单位性质"), choices=[one for one in Organization.Kind.choices if one[0] != "person"]
    )
    field_order = ("name", "kind", "region", "contact_name", "phone")

    def clean_name(self) -> str:
        return str(_checked(check_name, self.cleaned_data["name"]))


class ServicesForm(RefusalFormMixin, forms.Form):
    """Step 3: what the firm offers."""

    services = forms.ModelMultipleChoiceField(
        queryset=ServiceCategory.objects.open(),
        to_field_name="code",
        label=_("承接的服务"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("请至少选择一项服务。"),
            "invalid_choice": _("“%(value)s”不在目录里，请重新选择。"),
        },
    )


class CertificateForm(RefusalFormMixin, forms.Form):
    """One kind of certificate during entry; `scopes` are the words that the chosen services ask for."""

    grade = forms.ChoiceField(label=_("等级"))
    number = forms.CharField(label=_("证书编号"), max_length=60, error_messages={"required": _("请填写证书编号。")})
    scopes = forms.MultipleChoiceField(label=_("证书上写明的范围"), widget=forms.CheckboxSelectMultiple)
    valid_until = forms.DateField(
        label=_("有效期至"),
        required=False,
        help_text=_("长期有效的不填。"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("请填写日期，例如 2028-06-30。")},
    )
    file = forms.FileField(
        label=_("证书扫描件"),
        required=False,
        help_text=_("可以以后再传。PDF、OFD、JPG 或 PNG，最多 20 MB。"),
        widget=forms.FileInput(attrs={"accept": ".pdf,.ofd,.jpg,.jpeg,.png"}),
    )

    def __init__(
        self, *args: Any, kind: QualificationKind, scopes: Iterable[str] = (), needed: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, prefix=kind.code, empty_permitted=not needed, use_required_attribute=False, **kwargs)
        self.kind, self.needed = kind, needed
        grade = self.fields["grade"]
        assert isinstance(grade, forms.ChoiceField)
        grade.choices = [("", _("请选择")), *((one, one) for one in kind.grades)]
        grade.error_messages["required"] = _("请选择证书的等级。")
        if not kind.grades:
            del self.fields["grade"]
        words = sorted(set(scopes))
        scope = self.fields["scopes"]
        assert isinstance(scope, forms.MultipleChoiceField)
        scope.choices = [(word, word) for word in words]
        scope.required = False
        if not words:
            del self.fields["scopes"]

    def clean_valid_until(self) -> Any:
        last = self.cleaned_data["valid_until"]
        if last and last < timezone.localdate():
            raise forms.ValidationError(_("这份证书已经到期，请填写有效的证书。"), code="expired")
        return last

    def clean_file(self) -> Any:
        if self.cleaned_data["file"]:
            _checked(check_upload, self.cleaned_data["file"], kinds=CERTIFICATES)
        return self.cleaned_data["file"]


class CommitmentForm(RefusalFormMixin, forms.Form):
    """Step 4: the tick under the commitment letter."""

    committed = forms.BooleanField(
        label=_("我已阅读并代表本单位作出以上承诺"),
        error_messages={"required": _("请阅读承诺书，并勾选“我已阅读并代表本单位作出以上承诺”。")},
    )


class BuyerForm(OrganizationForm, AccountForm):
    """An owner's entry on one page."""

    kind = forms.ChoiceField(
        label=_("您是"), choices=Organization.Kind.choices, help_text=_("个人选择“自然人”，不用填代码。")
    )
    uscc = CodeField(required=False)
    name = forms.CharField(
        label=_("单位名称或姓名"), max_length=200, error_messages={"required": _("请填写单位名称或您的姓名。")}
    )
    alipay_account = None  # type: ignore[assignment]
    committed = forms.BooleanField(
        label=_("我已阅读并作出以上承诺"),
        error_messages={"required": _("请阅读承诺，并勾选“我已阅读并作出以上承诺”。")},
    )
    field_order = ("username", "password", "kind", "uscc", "name", "region", "contact_name", "phone")
    OPTIONAL = ("email", "legal_representative", "address", "introduction")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["introduction"].help_text = ""
        self.fields["region"].help_text = ""

    def main_fields(self) -> list[forms.BoundField]:
        return [field for field in super().main_fields() if field.name != "committed"]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("kind") == Organization.Kind.PERSON:
            values["uscc"] = ""
        elif "uscc" in values:
            try:
                values["uscc"] = check_uscc(values["uscc"])
            except Refused as refused:
                self.add_refusal(refused)
        return values


class DeclareForm(RefusalFormMixin, forms.Form):
    """One more certificate of a firm: kind and grade are one choice, so that nothing depends on JavaScript."""

    what = forms.ChoiceField(label=_("资质和等级"), error_messages={"required": _("请选择资质和等级。")})
    scope = forms.CharField(
        label=_("范围"), max_length=200, required=False, help_text=_("证书上写明的专业或范围，例如“工程测量”。")
    )
    number = forms.CharField(label=_("证书编号"), max_length=60, error_messages={"required": _("请填写证书编号。")})
    valid_until = CertificateForm.base_fields["valid_until"]
    file = CertificateForm.base_fields["file"]

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


class MemberForm(RefusalFormMixin, forms.Form):
    username = forms.CharField(
        label=_("对方的用户名"), max_length=60, error_messages={"required": _("请填写对方的用户名。")}
    )
    role = forms.ChoiceField(label=_("角色"), choices=Membership.Role.choices, initial=Membership.Role.AGENT)
