"""Sign somebody in: a password first, then whatever second factor the account has."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import cast

from allauth.account.internal.flows.login import perform_login, perform_password_login
from allauth.account.models import Login
from allauth.mfa.models import Authenticator
from django.contrib.auth import authenticate
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from marketplace.core.refusals import Invalid, Refused

from ..models import AccountRecord, User
from .messages import notify
from .opening import PHONE
from .records import record

FAILURES, WINDOW_MINUTES = 10, 10
SHARING = 5  # accounts of one telephone number whose password is tried


def sign_in(*, request: HttpRequest, username: str, password: str, onward: str = "", now: datetime) -> HttpResponse:
    """Check user name (or telephone number) and password, sign in, and return the answer that leads on.

    Where the account has a second factor nobody is signed in yet: the answer leads to its page. Ten failures in ten minutes for
    one name from one address make it wait. `onward` is a path on this site. `request.user` tells who is signed in afterwards.

    Refuses: too_many_failures (429), credentials_wrong (422).
    """
    typed = unicodedata.normalize("NFKC", username).strip()
    key = f"sign-in:{request.META.get('REMOTE_ADDR', '')}:{typed.lower()}".replace(" ", "_")[:200]
    if cache.get(key, 0) >= FAILURES:
        raise Refused(
            "too_many_failures",
            _("登录失败次数太多。请过 %(minutes)d 分钟再试，或联系平台重设密码。") % {"minutes": WINDOW_MINUTES},
            status=429,
        )
    user = _whose(request, typed, password)
    if user is None:
        cache.add(key, 0, WINDOW_MINUTES * 60)
        cache.incr(key)
        known = User.objects.filter(username__iexact=typed).first()
        if known is not None:
            record(user=known, what=AccountRecord.What.SIGN_IN_FAILED, request=request, how=str(_("密码不对")), now=now)
        raise Invalid("credentials_wrong", _("用户名或密码不对，请核对后再试。"), field="password")
    cache.delete(key)
    return cast(
        HttpResponse,
        perform_password_login(request, {"username": user.username}, Login(user=user, redirect_url=onward or None)),
    )


def begin_session(*, request: HttpRequest, user: User, onward: str = "") -> HttpResponse:
    """Sign in somebody whose account was opened in this very request, and return the answer that leads on."""
    return cast(HttpResponse, perform_login(request, Login(user=user, redirect_url=onward or None)))


def _whose(request: HttpRequest, typed: str, password: str) -> User | None:
    """Return the active account that this name and password open, or None; a password is hashed in either case."""
    names = list(User.objects.filter(username__iexact=typed).values_list("username", flat=True)[:1])
    if not names and PHONE.fullmatch(typed):
        # A number proves nothing here, several accounts may name it: the password says which.
        names = list(User.objects.filter(phone=typed).order_by("pk").values_list("username", flat=True)[:SHARING])
    for name in names or [typed]:
        user = authenticate(request, username=name, password=password)
        if isinstance(user, User):
            return user
    return None


@transaction.atomic
def reset_second_factor(*, user: User, reason: str, now: datetime) -> None:
    """Take all second factors of an account away, for an operator who has made sure on another way who asks.

    Refuses: no_second_factor (409), reason_missing (422).
    """
    if not reason.strip():
        raise Invalid("reason_missing", _("请写明依据，例如当面核对了证件。"), field="reason")
    removed, _by_model = Authenticator.objects.filter(user=user).delete()
    if not removed:
        raise Refused("no_second_factor", _("这个账号没有第二步验证。"))
    what = AccountRecord.What.CODES_REMOVED
    record(user=user, what=what, request=None, how=reason.strip(), now=now)
    title = _("账号安全：%(what)s") % {"what": what.label}
    body = _("平台按您的请求停用了第二步验证，依据：%(reason)s。如果不是您本人请求，请马上致电平台。") % {
        "reason": reason.strip()
    }
    notify(user=user, title=title, body=body, url=reverse("accounts:security"), now=now)
