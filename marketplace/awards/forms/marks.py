"""Marks for plans as people type them: one field per firm and criterion, and a comment per firm."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _

from marketplace.core.forms import RefusalFormMixin

from ..queries.pages import hundredths

MAX_COMMENT = 500
POINTS = re.compile(r"\d{1,3}(?:\.(\d{0,2})0*)?")


class MarkField(forms.CharField):
    """Take points with at most two decimals, from 0 to `most`, and give integer hundredths."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        self.most = most
        super().__init__(
            max_length=16, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), **kwargs
        )

    def prepare_value(self, value: Any) -> Any:
        return hundredths(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:  # type: ignore[override]
        plain = unicodedata.normalize("NFKC", str(value or "")).strip().removesuffix("分").strip()
        if not plain:
            return None
        match = POINTS.fullmatch(plain)
        found = int(plain.partition(".")[0]) * 100 + int((match[1] or "").ljust(2, "0")) if match else None
        if found is None or found > self.most * 100:
            message = _("请填 0 到 %(most)s 之间的分数，最多两位小数。") % {"most": self.most}
            raise forms.ValidationError(message, code="score_out_of_range")
        return found

    def run_validators(self, value: Any) -> None:
        """Skip the text validators: the value is a number by now."""


def _called(field: BoundField, words: str, criterion: Mapping[str, Any] | None = None) -> BoundField:
    """Return a field under a short name, for its place under the firm's heading; the summary of errors keeps the long one."""
    row = criterion or {}
    short = copy(field)
    short.label = words % {"criterion": row.get("name"), "points": row.get("points")} if row else words
    return short


@dataclass(frozen=True)
class Part:
    """Be the fields of one firm."""

    label: str
    marks: list[BoundField]
    comment: BoundField

    @property
    def has_errors(self) -> bool:
        return bool(self.comment.errors) or any(field.errors for field in self.marks)


class MarksForm(RefusalFormMixin, forms.Form):
    """Take marks for `labels` by `criteria`; `whole` demands all of them, `asks_comment` a comment for each firm."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        labels: Iterable[str],
        criteria: Sequence[Mapping[str, Any]],
        whole: bool = True,
        asks_comment: bool = False,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.labels, self.criteria = list(labels), list(criteria)
        for label in self.labels:
            for criterion in self.criteria:
                self.fields[f"mark-{label}-{criterion['key']}"] = MarkField(
                    label=_("%(label)s：%(criterion)s（满分 %(points)s 分）")
                    % {"label": label, "criterion": criterion["name"], "points": criterion["points"]},
                    most=criterion["points"],
                    required=whole,
                    error_messages={"required": _("请打分。")},
                )
            self.fields[f"comment-{label}"] = forms.CharField(
                label=_("%(label)s：评语") % {"label": label},
                max_length=MAX_COMMENT,
                required=whole and asks_comment,
                widget=forms.Textarea(attrs={"rows": 2}),
                error_messages={"required": _("请写至少一句评语，它会公开。"), "max_length": _("评语最多 500 个字。")},
            )

    def clean(self) -> dict[str, Any]:
        """Ask for a mark beside a comment: comments are kept with the marks."""
        cleaned: dict[str, Any] = super().clean() or {}
        for label in self.labels:
            names = [f"mark-{label}-{criterion['key']}" for criterion in self.criteria]
            is_bare = all(cleaned.get(name) is None and name not in self.errors for name in names)
            if cleaned.get(f"comment-{label}") and is_bare:
                message = _("评语与分数一起保存，请先为这家机构打至少一项分。")
                self.add_error(f"comment-{label}", forms.ValidationError(message, code="score_missing"))
        return cleaned

    @property
    def parts(self) -> list[Part]:
        """Give the fields firm by firm."""
        return [
            Part(
                label,
                [
                    _called(self[f"mark-{label}-{row['key']}"], _("%(criterion)s（满分 %(points)s 分）"), row)
                    for row in self.criteria
                ],
                _called(self[f"comment-{label}"], _("评语")),
            )
            for label in self.labels
        ]

    @property
    def marks(self) -> dict[tuple[str, str], int]:
        """Give the marks that were typed, as the actions take them."""
        found = {
            (label, criterion["key"]): self.cleaned_data.get(f"mark-{label}-{criterion['key']}")
            for label in self.labels
            for criterion in self.criteria
        }
        return {place: mark for place, mark in found.items() if mark is not None}

    @property
    def comments(self) -> dict[str, str]:
        """Give the comments by label."""
        return {label: self.cleaned_data.get(f"comment-{label}", "") for label in self.labels}

    @property
    def summary(self) -> list[dict[str, Any]]:
        """Give what was typed firm by firm, for the page on which one checks it."""
        marks, comments = self.marks, self.comments
        return [
            {
                "label": label,
                "marks": [
                    (criterion["name"], criterion["points"], hundredths(marks[label, criterion["key"]]))
                    for criterion in self.criteria
                    if (label, criterion["key"]) in marks
                ],
                "total": hundredths(sum(mark for (owner, _key), mark in marks.items() if owner == label)),
                "comment": comments[label],
            }
            for label in self.labels
        ]
