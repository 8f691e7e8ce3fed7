"""Where django-allauth asks us: who hears of a change, how secrets are kept, what happens when an identity arrives.

allauth calls these classes by its settings (marketplace/settings/identity.py); nothing else imports them.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.core import clock

from .actions import notify, record
from .box import box
from .models import AccountRecord, User

What = AccountRecord.What
# allauth names each change by the template of its mail; these are ours: the row that is kept, and what the owner is told.
CHANGES = {
    "account/email/password_changed": What.PASSWORD_CHANGED,
    "account/email/password_reset": What.PASSWORD_RESET,
    "account/email/password_set": What.PASSWORD_SET,
    "mfa/email/totp_activated": What.CODES_ADDED,
    "mfa/email/totp_deactivated": What.CODES_REMOVED,
    "mfa/email/webauthn_added": What.PASSKEY_ADDED,
    "mfa/email/webauthn_removed": What.PASSKEY_REMOVED,
    "mfa/email/recovery_codes_generated": What.RECOVERY_MADE,
}
HOW = {
    "password": gettext_lazy("密码"),
    "password_reset": gettext_lazy("邮件"),
    "identity": gettext_lazy("统一身份"),
    "totp": gettext_lazy("动态验证码"),
    "webauthn": gettext_lazy("通行密钥"),
    "recovery_codes": gettext_lazy("恢复码"),
}


class AccountAdapter(DefaultAccountAdapter):
    """Speak our language, keep a record of each sign-in and change, and let nobody sign up by allauth's own pages."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "enter_current_password": gettext_lazy("现在的密码不对，请核对后再试。"),
        "incorrect_code": gettext_lazy("验证码不对或已用过，请核对后再试。"),
        "incorrect_password": gettext_lazy("密码不对，请核对后再试。"),
        "rate_limited": gettext_lazy("试得太快了，请过几分钟再试。"),
        "too_many_login_attempts": gettext_lazy("试错的次数太多，请过 5 分钟再试。"),
        "invalid_password_reset": gettext_lazy("这个链接已失效，请重新申请。"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse:
        ways = [HOW.get(one.get("type") or one["method"]) for one in get_authentication_records(request, user)]
        how = "＋".join(str(way) for way in ways if way)
        record(user=user, what=What.SIGNED_IN, request=request, how=how, now=clock.now())
        return super().post_login(request, user, **more)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Who came by the unified identity alone sets a password first: it is what they are asked for from then on."""
        methods = super().get_reauthentication_methods(user)
        if not methods and user.is_authenticated:
            return [{"id": "set_password", "description": _("先设一个密码"), "url": reverse("account_set_password")}]
        return methods

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:security")

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Keep the change and tell the owner on the site and by mail, in one place for all of allauth's changes."""
        what = CHANGES.get(template_prefix)
        if what is None:
            return
        now = clock.now()
        record(user=user, what=what, request=self.request, now=now)
        tell_owner(user=user, what=what, request=self.request, now=now)


def tell_owner(*, user: User, what: AccountRecord.What, request: HttpRequest | None, now: Any) -> None:
    """Tell the owner of a change to the account, and what to do when it was not them."""
    body = _("如果不是您本人操作，请马上修改密码，并在“账号安全”里退出其他设备。")
    if request is not None and (address := request.META.get("REMOTE_ADDR")):
        body = _("来自网络地址 %(address)s。") % {"address": address} + body
    notify(
        user=user,
        title=_("账号安全：%(what)s") % {"what": what.label},
        body=body,
        url=reverse("accounts:security"),
        now=now,
    )


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keep the secrets of second factors encrypted, and name things as people here do."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("验证码不对或已用过，请核对后再试。"),
        "cannot_delete_authenticator": gettext_lazy("这个账号必须保留第二步验证。"),
        "cannot_generate_recovery_codes": gettext_lazy("先启用动态验证码或通行密钥，才有恢复码。"),
    }

    def encrypt(self, text: str) -> str:
        return box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return box().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return str(settings.WAGTAIL_SITE_NAME)

    def get_totp_label(self, user: User) -> str:
        return user.username

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002 - allauth's name
        count = Authenticator.objects.filter(user=user, type=type).count()
        return _("通行密钥 %(number)d") % {"number": count + 1}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": str(settings.WAGTAIL_SITE_NAME)}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        return super().get_public_key_credential_user_entity(user) | {"name": user.username}


class DevicesAdapter(DefaultUserSessionsAdapter):
    """Keep in the record that somebody signed out elsewhere."""

    def end_sessions(self, sessions: Any) -> None:
        ended = list(sessions)
        super().end_sessions(ended)
        if ended:
            user, how = ended[0].user, _("%(count)d 个") % {"count": len(ended)}
            record(user=user, what=What.SIGNED_OUT_ELSEWHERE, request=self.request, how=how, now=clock.now())


class IdentityAdapter(DefaultSocialAccountAdapter):
    """Take over when the unified identity has answered: our own rules say whose account that is."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        from .views.identities import arrive

        raise ImmediateHttpResponse(arrive(request, sociallogin.account.extra_data, sociallogin.state))

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        from .views.identities import fail

        raise ImmediateHttpResponse(fail(request, error, exception, (extra_context or {}).get("state")))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False
