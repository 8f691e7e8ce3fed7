"""The page 账号安全: password, second factors, identities, devices, and what happened."""

from __future__ import annotations

import ipaddress
import time
from typing import Any, cast
from urllib.parse import urlsplit

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.views import password_set
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from .. import queries
from ..models import User

SHOWN = 12  # newest records
IDENTITY_SECONDS = 10 * 60


@never_cache
@login_required
def security(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    factors = list(Authenticator.objects.filter(user=user).order_by("created_at"))
    by_type = {one.type: one for one in factors}
    recovery = by_type.get(Authenticator.Type.RECOVERY_CODES)
    passkeys = [one for one in factors if one.type == Authenticator.Type.WEBAUTHN]
    context: dict[str, Any] = {
        "has_password": user.has_usable_password(),
        "codes": by_type.get(Authenticator.Type.TOTP),
        "passkeys": [{"pk": one.pk, "name": one.wrap().name, "row": one} for one in passkeys],
        "recovery": recovery,
        "recovery_left": len(recovery.wrap().get_unused_codes()) if recovery else 0,
        "identities": queries.identities(user),
        "identity_kinds": list(settings.IDENTITY_CLIENTS),
        "linked_kinds": set(queries.identities(user).values_list("kind", flat=True)),
        "session_count": len(UserSession.objects.purge_and_list(user)),
        "records": queries.records(user)[:SHOWN],
        "is_weak": not (passkeys or Authenticator.Type.TOTP in by_type),
        "is_required": user.is_staff and settings.STAFF_SECOND_FACTOR,
        "passkey_address": passkey_address(request),
    }
    return render(request, "accounts/security.html", context)


def passkey_address(request: HttpRequest) -> str:
    """Return where passkeys work when they do not here: browsers tie them to a name, never to an IP address."""
    host = urlsplit(f"//{request.get_host()}")
    try:
        address = ipaddress.ip_address(host.hostname or "")
    except ValueError:
        return ""
    if not address.is_loopback:
        return settings.BASE_URL
    return f"http://localhost{f':{host.port}' if host.port else ''}{request.get_full_path()}"


@never_cache
@login_required
def first_password(request: HttpRequest) -> HttpResponse:
    """Let who has no password set one, shortly after the unified identity said who it is: a session left open is not enough."""
    records = get_authentication_records(request, cast(User, request.user))
    since = time.time() - IDENTITY_SECONDS
    if not any(one["method"] == "identity" and one["at"] > since for one in records):
        messages.warning(request, _("请先在“统一身份”里再次核实，然后在十分钟内设置密码。"))
        return redirect("accounts:security")
    return cast(HttpResponse, password_set(request))
