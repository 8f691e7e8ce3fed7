"""Input of entry, step by step, for firms and owners."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.forms import AccountForm
from marketplace.catalog.models import QualificationKind, ServiceCategory
from marketplace.core.forms import RefusalFormMixin
from marketplace.core.refusals import Refused

from ..actions.entry import check_name
from ..actions.lookup import has_library
from ..models import Organization
from ..uscc import check_uscc
from .own import ProfileForm
from .parts import LastDayField, PaperMixin, ScanField, checked


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
        return str(checked(check_uscc, self.cleaned_data["uscc"]))


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
    field_order: tuple[str, ...] = ("name", "kind", "region", "contact_name", "phone")

    def clean_name(self) -> str:
        return str(checked(check_name, self.cleaned_data["name"]))


class ContactForm(ProfileForm):
    """Step 2 of a firm that the library knows: only what no register can know."""

    region = None  # type: ignore[assignment]
    legal_representative = None  # type: ignore[assignment]
    address = None  # type: ignore[assignment]
    field_order: tuple[str, ...] = ("contact_name", "phone")


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


class CertificateForm(PaperMixin, RefusalFormMixin, forms.Form):
    """One kind of certificate during entry; `scopes` are the words that the chosen services ask for."""

    identifier = forms.CharField(
        label=_("电子证照的证照标识"),
        max_length=160,
        required=False,
        help_text=_("以 1.2.156.3005.2 开头。填了它，其余内容从证照库读取，不用再填。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "mono"}),
    )
    grade = forms.ChoiceField(label=_("等级"))
    number = forms.CharField(label=_("证书编号"), max_length=60, error_messages={"required": _("请填写证书编号。")})
    scopes = forms.MultipleChoiceField(label=_("证书上写明的范围"), widget=forms.CheckboxSelectMultiple)
    valid_until = LastDayField()
    file = ScanField()

    def __init__(
        self, *args: Any, kind: QualificationKind, scopes: Iterable[str] = (), needed: bool = True, **kwargs: Any
    ) -> None:
        kwargs |= {"prefix": kind.code, "empty_permitted": not needed, "use_required_attribute": False}
        super().__init__(*args, **kwargs)
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
        if not has_library():
            del self.fields["identifier"]

    def full_clean(self) -> None:
        """Ask for nothing else where a 证照标识 is given: the library knows the rest."""
        if self.is_bound and str(self.data.get(self.add_prefix("identifier"), "")).strip():
            for name in ("grade", "number"):
                if name in self.fields:
                    self.fields[name].required = False
        super().full_clean()


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
    field_order: tuple[str, ...] = ("username", "password", "kind", "uscc", "name", "region", "contact_name", "phone")
    OPTIONAL: tuple[str, ...] = ("email", "legal_representative", "address", "introduction")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["introduction"].help_text = ""
        self.fields["region"].help_text = ""
        if has_library():
            self.fields["name"].required = False
            self.fields["name"].help_text = _("单位可以不填，按代码从证照库读取；个人填写姓名。")

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        return str(checked(check_name, name)) if name or not has_library() else ""

    def main_fields(self) -> list[forms.BoundField]:
        return [field for field in super().main_fields() if field.name != "committed"]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("kind") == Organization.Kind.PERSON:
            values["uscc"] = ""
            if values.get("name") == "":
                self.add_error("name", str(self.fields["name"].error_messages["required"]))
        elif "uscc" in values:
            try:
                values["uscc"] = check_uscc(values["uscc"])
            except Refused as refused:
                self.add_refusal(refused)
        return values
