"""A group of words that mean the same as an administrator types it."""

from __future__ import annotations

import re

from django import forms
from django.utils.translation import gettext_lazy

from marketplace.core.forms import RefusalFormMixin


def lines(text: str) -> list[str]:
    """Return what stands on each line, or between commas and the like."""
    return [part.strip() for part in re.split(r"[\n\r，、；,;]", text) if part.strip()]


class SynonymForm(RefusalFormMixin, forms.Form):
    """Name the words; what makes a group the action decides."""

    words = forms.CharField(
        label=gettext_lazy("意思相同的词"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy(
            "每行一个或用顿号分开，至少两个，例如“环评”和“环境影响评价”。搜其中任何一个，都能找到其余的。"
        ),
    )
    also = forms.CharField(
        label=gettext_lazy("一并查找的词"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("每行一个，可不填。搜上面的词时也会找到它们，反过来不会；适合范围更大或者更小的说法。"),
    )

    def clean_words(self) -> list[str]:
        """Return the words line by line."""
        return lines(self.cleaned_data["words"])

    def clean_also(self) -> list[str]:
        """Return the words line by line."""
        return lines(self.cleaned_data["also"])
