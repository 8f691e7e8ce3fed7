"""Input of the working calendar's desk: one day, and a year's list of holidays."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from marketplace.catalog.actions.calendar import NOTE_MAX, SOURCE_MAX
from marketplace.catalog.holidays import FIRST_YEAR, LAST_YEAR, TEXT_MAX
from marketplace.core.forms import RefusalFormMixin

MAX_FILE = 200_000  # bytes; the notice has some 2,000


class DayForm(RefusalFormMixin, forms.Form):
    """Say of a day whether public bodies work, and why."""

    is_working = forms.TypedChoiceField(
        label=gettext_lazy("这一天"),
        choices=[("yes", gettext_lazy("上班")), ("no", gettext_lazy("休息"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=gettext_lazy("说明"),
        max_length=NOTE_MAX,
        required=False,
        help_text=gettext_lazy("例如“春节”“春节调休上班”，可不填。"),
    )
    source = forms.CharField(
        label=gettext_lazy("依据"),
        max_length=SOURCE_MAX,
        help_text=gettext_lazy("哪份文件这样规定，例如“国办发明电〔2025〕7号”。它会公开。"),
    )


class YearForm(RefusalFormMixin, forms.Form):
    """Take the State Council's list of a year, pasted or as a file."""

    year = forms.IntegerField(label=gettext_lazy("年份"), min_value=FIRST_YEAR, max_value=LAST_YEAR)
    text = forms.CharField(
        label=gettext_lazy("放假安排"),
        max_length=TEXT_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=gettext_lazy(
            "粘贴国务院办公厅通知的原文（“一、元旦：1月1日至3日放假……”），或每行一天，用逗号分开日期、放假或上班、名称。"
        ),
    )
    file = forms.FileField(
        label=gettext_lazy("或者上传文本、CSV 文件"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".txt,.csv"}),
    )
    source = forms.CharField(
        label=gettext_lazy("依据"),
        max_length=SOURCE_MAX,
        help_text=gettext_lazy("通知的文号，例如“国办发明电〔2025〕7号”。它会公开。"),
    )

    def clean(self) -> dict[str, Any]:
        """Read a file into the text, so that what was typed and what was sent come back the same way."""
        given = super().clean() or {}
        file = given.get("file")
        if file is None:
            return given
        if file.size > MAX_FILE:
            self.add_error(
                "file", forms.ValidationError(gettext_lazy("文件太大，不像一份放假通知。"), code="too_large")
            )
            return given
        content = file.read()
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                text = content.decode(encoding)
            except UnicodeDecodeError:
                continue
            if "\0" not in text:
                given["text"] = text
                self.data = {**self.data.dict(), "text": text}  # type: ignore[attr-defined]
                return given
        self.add_error(
            "file", forms.ValidationError(gettext_lazy("文件不是文本，请另存为 .txt 或 .csv。"), code="no_text")
        )
        return given
