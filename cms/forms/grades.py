"""The grades of a kind of qualification as people type them: words in order, the highest first."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class GradesField(forms.CharField):
    """Take words parted by 、, commas or blanks as a list, as the catalogue's files do; empty is no grades."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("等级（由高到低）"))
        kwargs.setdefault("help_text", gettext_lazy("用顿号分开，例如“甲级、乙级”；不分等级就留空。"))
        super().__init__(required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show a list as words; what was typed comes back as it was."""
        return "、".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Return the words in order; refuse one that comes twice."""
        found = [one for one in re.split(r"[\s,，、;；]+", super().to_python(value) or "") if one]
        if len(found) != len(set(found)):
            raise forms.ValidationError(_("有重复的内容。"))
        return found

    def validate(self, value: Any) -> None:
        """Leave it at that: an empty list says that there are no grades."""

    def run_validators(self, value: Any) -> None:
        """Ask no validators of text: the value is a list."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare lists."""
        try:
            return bool(self.to_python(data) != (initial or []))
        except forms.ValidationError:
            return True
