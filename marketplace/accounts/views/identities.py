"""Come in by the unified identity: to the provider, back from it, and the first time to the question whose account this is."""

from __future__ import annotations

import logging
from typing import Any, cast

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import Login
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from marketplace.core import clock
from marketplace.core.refusals import Refused

from .. import oidc
from ..actions import link_identity, open_account, sign_in, unlink_identity, use_identity
from ..claims import Claims
from ..forms import SignInForm
from ..models import Identity, User
from .onward import safe_next
from .sign_in import SIGN_OUT_KEY, WAITING_KEY

logger = logging.getLogger(__name__)
WAITING_SECONDS = 10 * 60


@require_POST
def leave(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send the browser to the provider; when the provider cannot be reached, back to the password with a sentence."""
    if provider_id not in settings.IDENTITY_CLIENTS:
        raise Http404
    onward = safe_next(request, settings.LOGIN_REDIRECT_URL)
    provider = get_adapter(request).get_provider(request, provider=provider_id)
    process = AuthProcess.CONNECT if request.user.is_authenticated else AuthProcess.LOGIN
    try:
        return provider.redirect(request, process=process, next_url=onward)
    except oidc.UNREACHABLE as problem:
        return fail(request, AuthError.UNKNOWN, problem, {"next": onward})


@require_GET
@never_cache
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take the provider's answer; allauth checks the state and leads to `arrive` or `fail`."""
    if provider_id not in settings.IDENTITY_CLIENTS:
        raise Http404
    try:
        return OAuth2CallbackView.adapter_view(oidc.Door(request, provider_id))(request)
    except (
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
    ) as nonsense:  # an answer of another shape than the protocol's
        return fail(request, AuthError.UNKNOWN, nonsense, None)


def fail(request: HttpRequest, error: Any, exception: Exception | None, state: dict[str, Any] | None) -> HttpResponse:
    """Lead back with a sentence; the password goes on working."""
    if error == AuthError.CANCELLED:
        messages.warning(request, _("您取消了统一身份登录。"))
    else:
        logger.warning("unified identity: %s %s", type(exception).__name__, exception)
        messages.error(request, _("统一身份认证暂时用不了。请稍后再试，或用密码登录。"))
    if request.user.is_authenticated:
        return redirect("accounts:security")
    onward = (state or {}).get("next")
    return redirect(f"{reverse('accounts:sign_in')}{'?' + urlencode({'next': onward}) if onward else ''}")


def arrive(request: HttpRequest, answer: dict[str, str], state: dict[str, Any]) -> HttpResponse:
    """Go on with a proven identity: into its account, or to the question whose account it is."""
    now, onward = clock.now(), str(state.get("next") or "")
    sealed = answer["sign_out"]
    claims = Claims(**{name: value for name, value in answer.items() if name != "sign_out"})
    identity = use_identity(claims=claims, now=now)
    if identity is not None and request.user.is_authenticated and request.user.pk != identity.user_id:
        if state.get("process") == AuthProcess.CONNECT:
            messages.error(request, _("这个身份已关联到另一个账号。请先退出，用它登录那个账号，解除后再来关联。"))
            return redirect("accounts:security")
        logout(request)
    if identity is not None and request.user.is_authenticated:
        record_authentication(request, identity.user, "identity")
        request.session[SIGN_OUT_KEY] = [claims.kind, sealed]
        messages.success(request, _("已核实：%(identity)s。") % {"identity": identity})
        return redirect(onward or "accounts:security")
    if identity is not None:
        clear_login(request)
        request.session[SIGN_OUT_KEY] = [claims.kind, sealed]
        return _enter(request, identity.user, onward)
    request.session[WAITING_KEY] = {"claims": claims.as_dict(), "sealed": sealed, "next": onward, "at": now.timestamp()}
    return redirect("accounts:identity")


def _enter(request: HttpRequest, user: User, onward: str) -> HttpResponse:
    record_authentication(request, user, "identity")
    return perform_login(request, Login(user=user, redirect_url=onward or None))


def _waiting(request: HttpRequest) -> dict[str, Any] | None:
    waiting = request.session.get(WAITING_KEY)
    if waiting and clock.now().timestamp() - waiting["at"] < WAITING_SECONDS:
        return cast(dict[str, Any], waiting)
    request.session.pop(WAITING_KEY, None)
    return None


@never_cache
@sensitive_post_parameters("password")
def first_time(request: HttpRequest) -> HttpResponse:
    """Ask whose account a proven identity is: an existing one, shown by its password, or a new one."""
    waiting = _waiting(request)
    if waiting is None:
        messages.warning(request, _("这次认证已过期，请重新登录。"))
        return redirect("accounts:sign_in")
    claims = Claims(**waiting["claims"])
    form = SignInForm(request.POST if "username" in request.POST else None)
    if request.user.is_authenticated:
        return _tie(request, claims, waiting) if request.method == "POST" else _question(request, claims, form)
    if request.method == "POST" and "open" in request.POST:
        return _open(request, claims, waiting)
    if form.is_valid():
        clear_login(request)
        here = reverse("accounts:identity")
        try:
            answer = sign_in(request=request, **form.cleaned_data, onward=here, now=clock.now())
        except Refused as refused:
            form.add_refusal(refused)
        else:
            # With a second factor nobody is signed in yet: its page leads back here, where one button ties the two.
            return _tie(request, claims, waiting, fresh=True) if request.user.is_authenticated else answer
    return _question(request, claims, form)


def _question(request: HttpRequest, claims: Claims, form: SignInForm) -> HttpResponse:
    context = {"claims": claims, "form": form, "kind": Identity.Kind(claims.kind).label}
    return render(request, "accounts/identity.html", context, status=form.status)


def _tie(request: HttpRequest, claims: Claims, waiting: dict[str, Any], *, fresh: bool = False) -> HttpResponse:
    """Tie the waiting identity to who is signed in; asks for the password again unless it was typed just now."""
    if fresh:
        return _tie_now(request, claims, waiting)
    return cast(HttpResponse, reauthentication_required(lambda asked: _tie_now(asked, claims, waiting))(request))


def _tie_now(request: HttpRequest, claims: Claims, waiting: dict[str, Any]) -> HttpResponse:
    user = cast(User, request.user)
    request.session.pop(WAITING_KEY, None)
    try:
        identity = link_identity(user=user, claims=claims, request=request, by=user, now=clock.now())
    except Refused as refused:
        messages.error(request, str(refused.message))
        return redirect("accounts:security")
    request.session[SIGN_OUT_KEY] = [claims.kind, waiting["sealed"]]
    messages.success(request, _("已关联：%(identity)s。以后可以直接用它登录。") % {"identity": identity})
    return redirect(waiting["next"] or "accounts:security")


def _open(request: HttpRequest, claims: Claims, waiting: dict[str, Any]) -> HttpResponse:
    request.session.pop(WAITING_KEY, None)
    try:
        user = open_account(claims=claims, request=request, now=clock.now())
    except Refused as refused:
        messages.error(request, str(refused.message))
        return redirect("accounts:sign_in")
    request.session[SIGN_OUT_KEY] = [claims.kind, waiting["sealed"]]
    return _enter(request, user, waiting["next"])


@never_cache
@login_required
@reauthentication_required
def unlink(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then part an identity from the account."""
    user = cast(User, request.user)
    identity = get_object_or_404(Identity, pk=pk, user=user)
    if request.method == "POST":
        try:
            unlink_identity(identity=identity, request=request, by=user, now=clock.now())
        except Refused as refused:
            messages.error(request, str(refused.message))
        else:
            messages.success(request, _("已解除：%(identity)s。") % {"identity": identity})
        return redirect("accounts:security")
    return render(request, "accounts/unlink.html", {"identity": identity})
