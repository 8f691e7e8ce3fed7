"""Sign in and out."""

from __future__ import annotations

from allauth.account.internal.stagekit import clear_login
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from marketplace.core import clock
from marketplace.core.refusals import Refused

from .. import oidc
from ..actions import sign_in as sign_in_action
from ..forms import SignInForm
from .onward import safe_next

SIGN_OUT_KEY = "identity_sign_out"  # in the session: [kind, the sealed ID token]
WAITING_KEY = "identity_waiting"  # in the session: a proven identity that has no account yet


@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    onward = safe_next(request, settings.LOGIN_REDIRECT_URL)
    if request.user.is_authenticated and request.method == "GET":
        return redirect(onward)
    form = SignInForm(request.POST or None)
    if form.is_valid():
        clear_login(request)  # of an earlier name that stopped at its second factor
        request.session.pop(WAITING_KEY, None)  # left by somebody before: it is not theirs to tie who sign in here
        try:
            return sign_in_action(request=request, **form.cleaned_data, onward=onward, now=clock.now())
        except Refused as refused:
            form.add_refusal(refused)
    context = {"form": form, "next": onward, "demo": settings.DEMO, "identity_kinds": list(settings.IDENTITY_CLIENTS)}
    return render(request, "accounts/sign_in.html", context, status=form.status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session here; somebody whom the unified identity let in is signed out there too."""
    kept = request.session.get(SIGN_OUT_KEY)
    logout(request)
    if kept:
        kind, sealed = kept
        if address := oidc.sign_out_address(kind, sealed, request.build_absolute_uri("/")):
            return HttpResponse(status=302, headers={"Location": address})
    return redirect(settings.LOGOUT_REDIRECT_URL)
