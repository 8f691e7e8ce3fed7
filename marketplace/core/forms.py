"""Form fields and bases that every chapter's forms share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .money import parse_yuan, to_yuan
from .refusals import Refused


class YuanField(forms.CharField):
    """Take an amount in yuan as people type it and give integer fen."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 24)
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return to_yuan(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:  # type: ignore[override]
        if value in self.empty_values:
            return None
        if isinstance(value, int):
            return value
        try:
            return parse_yuan(value)
        except Refused as refused:
            raise forms.ValidationError(str(refused.message), code=refused.code) from refused

    def run_validators(self, value: Any) -> None:
        """Skip the text validators: the value is a number by now."""


class MomentField(forms.DateTimeField):
    """Take a moment of Shanghai time from a `datetime-local` input."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget", forms.DateTimeInput(attrs={"type": "datetime-local", "step": "60"}, format="%Y-%m-%dT%H:%M")
        )
        kwargs.setdefault("input_formats", ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"])
        kwargs.setdefault("error_messages", {"invalid": _("请填写日期和时间，例如 2026-12-01 09:30。")})
        super().__init__(**kwargs)


class RefusalFormMixin:
    """Let a form carry an action's refusal at the field that it concerns."""

    def add_refusal(self, refused: Refused) -> None:
        """Add the refusal's sentence at its field, or above the form when it has none here."""
        field = refused.field if refused.field in self.fields else None  # type: ignore[attr-defined]
        self.add_error(field, forms.ValidationError(str(refused.message), code=refused.code))  # type: ignore[attr-defined]
        self.refusal_status = refused.status

    @property
    def status(self) -> int:
        """Give the HTTP status to answer with: 200 before it was sent, the refusal's, or 422."""
        if not self.is_bound or self.is_valid():  # type: ignore[attr-defined]
            return getattr(self, "refusal_status", 200)
        return getattr(self, "refusal_status", 422)
