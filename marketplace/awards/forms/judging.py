"""An owner's pick from the short list, and the people whom it asks to score."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.models import User
from marketplace.core.forms import RefusalFormMixin

from ..queries.pages import Candidate

MAX_REASON = 500


class PickForm(RefusalFormMixin, forms.Form):
    label = forms.ChoiceField(
        label=_("您选定的机构"),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择一家机构。"), "invalid_choice": _("只能从短名单中选择。")},
    )
    reason = forms.CharField(
        label=_("择优的理由"),
        help_text=_("写明这家机构好在哪里。理由会与结果一起公开。"),
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("请写明择优的理由，它会公开。"), "max_length": _("理由最多 500 个字。")},
    )

    def __init__(self, *args: Any, candidates: list[Candidate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = _now("%(label)s · 信用分 %(credit)s · 收到评价 %(reviews)s 次 · 抽签第 %(drawn)s 位")
        self.fields["label"].choices = [  # type: ignore[attr-defined]
            (
                one.label,
                words % {"label": one.label, "credit": one.credit, "reviews": one.reviews, "drawn": one.drawn},
            )
            for one in candidates
        ]


class AppointForm(RefusalFormMixin, forms.Form):
    """Take a scorer by the name of their account."""

    username = forms.CharField(
        label=_("评审人员的用户名"),
        help_text=_("对方须已注册账号。邀请后，对方在自己的工作台上看到评分任务。"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("请填写对方的用户名。")},
    )
    workplace = forms.CharField(label=_("工作单位"), max_length=120, required=False)

    def clean_username(self) -> User:
        name = self.cleaned_data["username"].strip()
        user = User.objects.filter(username__iexact=name, is_active=True).first()
        if user is None:
            raise forms.ValidationError(
                _now("没有用户名为“%(name)s”的账号，请核对。") % {"name": name}, code="user_unknown"
            )
        return user
