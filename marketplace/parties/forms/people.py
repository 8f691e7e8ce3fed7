"""Input of practitioners: one more of one's own firm, and those whom a firm names while it enters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.catalog.models import QualificationKind
from marketplace.core.forms import RefusalFormMixin
from marketplace.core.refusals import Refused

from ..actions.practitioners import check_engagement
from ..persons import Person, identify
from .parts import FoldedMixin, LastDayField, PaperMixin, ScanField, checked


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
        queryset=QualificationKind.objects.filter(abolished_on=None, holder="person"),
        to_field_name="code",
        label=_("执业资格"),
        empty_label=_("请选择"),
        error_messages={"required": _("请选择执业资格。")},
    )
    certificate_number = forms.CharField(
        label=_("证书编号"), max_length=60, error_messages={"required": _("请填写执业证书的编号。")}
    )
    discipline = forms.CharField(label=_("专业"), max_length=120, required=False, help_text=_("证书上分专业的才填。"))
    valid_until = LastDayField()
    file = ScanField()


class EngagedForm(FoldedMixin, PaperMixin, PractitionerForm):
    """One practitioner of a profession that chosen services ask for; all fields empty: nobody.

    `before` is what the draft keeps of the one at this `place`: of the number only `person_key` and the last four signs,
    so it is asked again only where the name has changed.
    """

    kind = None  # type: ignore[assignment]
    OPTIONAL = ("discipline", "valid_until", "file")

    def __init__(
        self, *args: Any, profession: QualificationKind, place: int, uscc: str, before: Mapping[str, Any], **kwargs: Any
    ) -> None:
        kwargs |= {"prefix": prefix(profession, place), "empty_permitted": True, "use_required_attribute": False}
        super().__init__(*args, **kwargs)
        self.profession, self.place, self.uscc, self.before = profession, place, uscc, before
        self.person: Person | None = None
        self.file_name = before.get("file_name", "")
        if before.get("key"):
            self.fields["number"].required = False
            known = _("已核对，尾号 %(last4)s，号码没有保存。换人时重新填写。")
            self.fields["number"].help_text = known % {"last4": before["last4"]}

    def clean_number(self) -> str:
        if number := self.cleaned_data["number"]:
            self.person = checked(identify, number)
        return str(number)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if self.person is None and self.before.get("key") and values.get("number") == "":
            if values.get("name", "") == self.before.get("name", ""):
                self.person = Person(self.before["key"], self.before["last4"])
            elif "name" in values:
                self.add_error("number", str(_("姓名改了，请重新填写证件号码。")))
        if self.person is not None and values.get("certificate_number"):
            try:
                check_engagement(
                    uscc=self.uscc,
                    name=values.get("name", ""),
                    person=self.person,
                    kind=self.profession,
                    certificate_number=values["certificate_number"],
                )
            except Refused as refused:
                self.add_refusal(refused)
        return values


def prefix(profession: QualificationKind, place: int) -> str:
    """Return what the names of the fields of one practitioner begin with."""
    return f"{profession.code}-{place}"
