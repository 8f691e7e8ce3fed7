"""Input of accounts: signing in, opening one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.core.forms import RefusalFormMixin


class SignInForm(RefusalFormMixin, forms.Form):
    username = forms.CharField(
        label=_("用户名"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("请填写用户名。")},
    )
    password = forms.CharField(
        label=_("密码"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("请填写密码。")},
    )


class AccountForm(RefusalFormMixin, forms.Form):
    """Ask for an account where nobody is signed in; a form that needs one inherits it and gives `user`."""

    username = forms.CharField(
        label=_("用户名"),
        help_text=_("以后用它登录，可以是手机号码。"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("请起一个用户名，可以是手机号码。")},
    )
    # What was typed comes back when another field was wrong: the page is never cached.
    password = forms.CharField(
        label=_("密码"),
        help_text=_("至少 10 个字符，不能全是数字。"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True),
        error_messages={"required": _("请设一个密码。")},
    )

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if getattr(user, "is_authenticated", False):
            del self.fields["username"], self.fields["password"]
