"""What stands before the administrators' desks: a second factor."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

DESKS = "/admin/"


class SecondFactorMiddleware:
    """Lead an administrator without a second factor to the page where one is added, when STAFF_SECOND_FACTOR is set.

    Who has one was asked for it at the sign-in, however they came (allauth's stages), so having one is enough here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.STAFF_SECOND_FACTOR and request.path.startswith(DESKS):
            user = request.user
            administrates = user.is_authenticated and (user.is_staff or user.has_perm("wagtailadmin.access_admin"))
            if administrates and not is_mfa_enabled(user):
                messages.warning(request, _("管理后台要求第二步验证。请先启用动态验证码或通行密钥，再打开后台。"))
                return redirect("accounts:security")
        return self.get_response(request)
