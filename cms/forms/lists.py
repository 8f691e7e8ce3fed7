"""Input of the catalogue's list desk: a list as a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from marketplace.catalog.lists.sheets import check_sheet
from marketplace.catalog.models import CatalogImport
from marketplace.core.forms import RefusalFormMixin
from marketplace.core.refusals import Invalid


class ListForm(RefusalFormMixin, forms.Form):
    """Take a list of the catalogue as it was exported and changed."""

    name = forms.ChoiceField(
        label=gettext_lazy("哪一份清单"),
        choices=CatalogImport.List.choices,
        widget=forms.RadioSelect,
        initial="services",
    )
    file = forms.FileField(
        label=gettext_lazy("文件"),
        max_length=200,
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
        help_text=gettext_lazy(
            "Excel（.xlsx）或 CSV，最多 10 MB、2 万行。请先导出现在的清单，在上面改；没有的列不动，没有的行也不动。"
        ),
    )

    def clean_file(self) -> Any:
        """Refuse what is no list before it is read."""
        file = self.cleaned_data["file"]
        try:
            check_sheet(file)
        except Invalid as refused:
            raise forms.ValidationError(str(refused.message), code=refused.code) from refused
        return file
