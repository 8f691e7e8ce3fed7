"""What several forms of parties are made of: fields, and how they are checked and folded."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketplace.catalog.models import Region
from marketplace.catalog.queries import region_tree
from marketplace.core.files import check_upload
from marketplace.core.refusals import Refused

from ..actions.declarations import CERTIFICATES


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


class FoldedMixin:
    """Fold the fields that may follow later, those in OPTIONAL, into a part of their own."""

    OPTIONAL: tuple[str, ...] = ()
    visible_fields: Any

    def main_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.OPTIONAL]

    def optional_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name in self.OPTIONAL]

    def optional_open(self) -> bool:
        """Tell whether the folded part must be open: something in it is wrong or filled in."""
        return any(field.errors or field.value() for field in self.optional_fields())


class PaperMixin:
    """Check the last day and the scan of a certificate when they are typed, before the draft keeps them."""

    cleaned_data: dict[str, Any]

    def clean_valid_until(self) -> Any:
        last = self.cleaned_data["valid_until"]
        if last and last < timezone.localdate():
            raise forms.ValidationError(_("这份证书已经到期，请填写有效的证书。"), code="expired")
        return last

    def clean_file(self) -> Any:
        if self.cleaned_data["file"]:
            checked(check_upload, self.cleaned_data["file"], kinds=CERTIFICATES)
        return self.cleaned_data["file"]
