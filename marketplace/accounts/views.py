"""Sign in and out, and read one's messages."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from marketplace.core import clock
from marketplace.core.refusals import Refused

from . import queries
from .actions import read_message
from .actions import sign_in as sign_in_action
from .forms import SignInForm
from .models import Message, User


def safe_next(request: HttpRequest, default: str) -> str:
    """Return the page to go on to: `next` when it is one of ours, else `default`."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return resolve_url(default)


@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    onward = safe_next(request, settings.LOGIN_REDIRECT_URL)
    if request.user.is_authenticated and request.method == "GET":
        return redirect(onward)
    form = SignInForm(request.POST or None)
    if form.is_valid():
        try:
            sign_in_action(request=request, **form.cleaned_data)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return redirect(onward)
    context = {"form": form, "next": onward, "demo": settings.DEMO}
    return render(request, "accounts/sign_in.html", context, status=form.status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    page = Paginator(queries.inbox(cast(User, request.user)), 20).get_page(request.GET.get("page"))
    return render(request, "accounts/inbox.html", {"page": page})


@login_required
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one message and mark it as read; somebody else's does not exist here."""
    row = get_object_or_404(Message, pk=pk, user=request.user)
    read_message(message=row, by=request.user, now=clock.now())
    return render(request, "accounts/message.html", {"row": row})
