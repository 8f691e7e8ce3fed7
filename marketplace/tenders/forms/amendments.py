"""The forms of an amendment: what is to change, and a file to add."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from marketplace.core.forms import RefusalFormMixin
from marketplace.tenders.actions import amendable
from marketplace.tenders.models import Tender

from .fitting import name_price
from .terms import TermsForm


class AmendmentForm(TermsForm):
    """Ask what is to change in a published need, and why."""

    reason = forms.CharField(
        label=gettext_lazy("变更原因"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("向公众公开，已报名的机构会收到通知，可以撤回报名。"),
    )

    def __init__(self, *args: Any, tender: Tender, **kwargs: Any):
        super().__init__(*args, organization=tender.buyer, method=tender.method, **kwargs)
        for name in set(self.fields) - {*amendable(tender.method), "reason"}:
            del self.fields[name]
        self.tender = tender
        if tender.is_upward:
            name_price(self.fields, tender.method, up=True)
            self.fields.pop("floor_fen", None)

    def clean(self) -> dict[str, Any]:
        """Keep the seconds of a time that was left as it is: the input shows minutes."""
        values = super().clean()
        for name in ("signup_ends_at", "selection_at", "auction_ends_at"):
            stands = getattr(self.tender, name)
            if stands is not None and values.get(name) == stands.replace(second=0, microsecond=0):
                values[name] = stands
        return values

    @property
    def values(self) -> dict[str, Any]:
        """Give the terms that were sent, without the reason."""
        return {name: value for name, value in self.cleaned_data.items() if name != "reason"}


class AmendmentFileForm(RefusalFormMixin, forms.Form):
    """Ask for a file to add to a published need, and why."""

    file = forms.FileField(
        label=gettext_lazy("补充附件"),
        help_text=gettext_lazy("pdf、ofd、docx、xlsx、jpg、png，最大 20 MB。"),
        error_messages={
            "required": gettext_lazy("请选择文件。"),
            "empty": gettext_lazy("这个文件是空的，请重新选择。"),
        },
    )
    reason = forms.CharField(
        label=gettext_lazy("补充原因"),
        max_length=200,
        help_text=gettext_lazy("向公众公开。"),
        error_messages={"required": gettext_lazy("请写明原因，它会向公众公开。")},
    )
