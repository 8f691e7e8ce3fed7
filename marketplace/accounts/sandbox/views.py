"""The local provider's pages: choose whom to be, and the way on from there."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from allauth.idp.oidc import views as oidc
from django.contrib.auth import get_user_model, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from . import roster, settings

SHOWN = 40
WORDS = {"person": "个人", "legal": "法人"}


def policy(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Allow pages our style alone; the form may lead back to the marketplace."""
    returns = " ".join(settings.RETURNS)
    words = (
        f"default-src 'none'; style-src 'self'; form-action 'self' {returns}; frame-ancestors 'none'; base-uri 'none'"
    )

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Content-Security-Policy"] = words
        response["X-Content-Type-Options"] = "nosniff"
        return response

    return middleware


def kind_of(client_id: str) -> str:
    """Return which kind of holder a client asks for; "" when both may come, or none is known."""
    kinds = [kind for kind, client in settings.CLIENTS.items() if client["client_id"] == client_id]
    return kinds[0] if len(kinds) == 1 else ""


def authorize(request: HttpRequest) -> HttpResponse:
    """Let allauth's endpoint answer; whoever is signed in as another kind of holder than is asked for chooses again."""
    if request.user.is_authenticated:
        holder = roster.read(settings.FOLDER).get(request.user.get_username())
        kind = kind_of(request.GET.get("client_id", ""))
        if holder is None or (kind and holder.kind != kind):
            logout(request)
    return oidc.authorization(request)


authorize.csrf_exempt = True  # type: ignore[attr-defined] # as allauth's is: it checks by itself where it must


def choose(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the roster, with the sandbox's password."""
    onward = request.POST.get("next") or request.GET.get("next") or "/"
    if not url_has_allowed_host_and_scheme(onward, {request.get_host()}):
        onward = "/"
    kind = kind_of(parse_qs(urlsplit(onward).query).get("client_id", [""])[0])
    wanted = (request.POST.get("q") or request.GET.get("q") or "").strip()
    known = roster.read(settings.FOLDER)
    fitting = {
        subject: holder
        for subject, holder in known.items()
        if kind in ("", holder.kind) and wanted in f"{holder.name} {holder.agent} {holder.uscc} {holder.hint}"
    }
    error = ""
    if request.method == "POST":
        chosen = request.POST.get("holder", "")
        if chosen not in known or (kind and known[chosen].kind != kind):
            error = "请选一位。"
        elif not hmac.compare_digest(request.POST.get("password", "").encode(), settings.PASSWORD.encode()):
            error = "密码不对。本地沙箱的密码写在页面下方。"
        else:
            user, _made = get_user_model().objects.get_or_create(username=chosen)
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            return redirect(onward)
    context = {
        "holders": list(fitting.items())[:SHOWN],
        "more": max(0, len(fitting) - SHOWN),
        "kind": WORDS.get(kind, ""),
        "next": onward,
        "q": wanted,
        "chosen": request.POST.get("holder", ""),
        "error": error,
        "password": settings.PASSWORD,
    }
    return render(request, "sandbox/choose.html", context, status=422 if error else 200)


def leave(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        logout(request)
    return redirect("/")


def home(request: HttpRequest) -> HttpResponse:
    return render(
        request, "sandbox/home.html", {"issuer": settings.ISSUER, "people": roster.read(settings.FOLDER).values()}
    )


def style(request: HttpRequest) -> HttpResponse:
    return HttpResponse((Path(__file__).parent / "style.css").read_bytes(), content_type="text/css; charset=utf-8")
