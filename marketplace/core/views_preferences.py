"""How a reader wants to see pages: theme and elder mode, kept in cookies, changed by a plain form."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

YEAR = 365 * 24 * 3600
CHOICES = {"theme": ("light", "dark", ""), "elder": ("1", "0")}


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Set the cookies `theme` (light, dark, or empty: as the system) and `elder` (1 or 0), then go back."""
    goal = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(goal, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        goal = "/"
    response = HttpResponseRedirect(goal)
    for name, allowed in CHOICES.items():
        value = request.POST.get(name)
        if value not in allowed:
            continue
        if value in {"", "0"}:
            response.delete_cookie(name, samesite="Lax")
        else:
            response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=request.is_secure(), httponly=True)
    return response
