"""Input of accounts: signing in, opening one, passwords and second factors."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account_forms
from allauth.mfa.base import forms as code_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as passkey_forms
from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.core import clock
from marketplace.core.forms import RefusalFormMixin

from .actions import record
from .models import AccountRecord


class SignInForm(RefusalFormMixin, forms.Form):
    username = forms.CharField(
        label=_("用户名或手机号码"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("请填写用户名或手机号码。")},
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


def password_field(label: Any, autocomplete: str, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
        error_messages={"required": _("请填写密码。")},
    )


def code_field() -> forms.CharField:
    return forms.CharField(
        label=_("验证码"),
        help_text=_("验证器应用上的 6 位数字，或一个没有用过的恢复码。"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
        error_messages={"required": _("请填写验证码。")},
    )


class NewPasswordMixin:
    """Ask for a new password twice, with our words; allauth compares the two and applies the rules."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first, again = self.fields["password1"], self.fields["password2"]  # type: ignore[attr-defined]
        first.label, again.label = _("新密码"), _("再填一次新密码")
        first.help_text = _("至少 10 个字符，不能全是数字。")
        for field in (first, again):
            field.widget.attrs.pop("placeholder", None)
            field.error_messages["required"] = _("请填写密码。")


class ChangePasswordForm(NewPasswordMixin, account_forms.ChangePasswordForm):
    oldpassword = password_field(_("现在的密码"), "current-password")


class SetPasswordForm(NewPasswordMixin, account_forms.SetPasswordForm):
    pass


class ResetPasswordKeyForm(NewPasswordMixin, account_forms.ResetPasswordKeyForm):
    pass


class ResetPasswordForm(account_forms.ResetPasswordForm):
    email = forms.EmailField(
        label=_("邮箱"),
        help_text=_("您在账号里留过的邮箱。没有留过的，请致电平台。"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": _("请填写邮箱。"), "invalid": _("请填写完整的邮箱，例如 name@example.com。")},
    )


class AddressForm(RefusalFormMixin, forms.Form):
    email = forms.EmailField(
        label=_("新邮箱"),
        help_text=_("我们发一封确认邮件过去，打开其中的链接后生效。"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": _("请填写邮箱。"), "invalid": _("请填写完整的邮箱，例如 name@example.com。")},
    )


class ReauthenticateForm(account_forms.ReauthenticateForm):
    password = password_field(_("密码"), "current-password")


class RecordedCodeMixin:
    """Keep a wrong code in the record of the account, as a wrong password is."""

    def _emit_authentication_failed(self, authenticator: Any) -> None:
        super()._emit_authentication_failed(authenticator)  # type: ignore[misc]
        from allauth.core import context

        how = str(authenticator.get_type_display())
        user = self.user  # type: ignore[attr-defined]
        record(user=user, what=AccountRecord.What.CODE_FAILED, request=context.request, how=how, now=clock.now())


class CodeForm(RecordedCodeMixin, code_forms.AuthenticateForm):
    code = code_field()


class CodeAgainForm(RecordedCodeMixin, code_forms.ReauthenticateForm):
    code = code_field()


class ActivateCodesForm(totp_forms.ActivateTOTPForm):
    code = forms.CharField(
        label=_("应用上显示的 6 位数字"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": _("请填写验证器应用上的 6 位数字。")},
    )


class AddPasskeyForm(passkey_forms.AddWebAuthnForm):
    name = forms.CharField(
        label=_("名称"), help_text=_("方便您辨认，例如“办公室电脑”。"), required=False, max_length=60
    )
    # Each key added here can sign in alone: a key that cannot is a password's poor companion.
    passwordless = forms.BooleanField(required=False, initial=True, widget=forms.HiddenInput)


class RenamePasskeyForm(passkey_forms.EditWebAuthnForm):
    name = forms.CharField(label=_("名称"), max_length=60, error_messages={"required": _("请填写名称。")})
