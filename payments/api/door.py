"""The door of /v1: whose key it is, how often it may ask, for which account, and which route is meant."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from marketplace.core.pace import Buckets
from marketplace.parties.models import Organization
from payments.actions.keys import key_of
from payments.models import ApiKey

from . import forms
from .errors import ApiError, not_permitted
from .lookup import firms, pk_of
from .routes import Route

FORM = "application/x-www-form-urlencoded"
_paces: dict[float, Buckets] = {}


def authenticate(request: HttpRequest, now: datetime) -> ApiKey:
    """Return the key of a request: Bearer, or Basic with the key as user name. Refuses with 401; no text repeats the key."""
    kind, _space, rest = request.headers.get("Authorization", "").partition(" ")
    secret = rest.strip()
    if kind.lower() == "basic":
        try:
            secret = base64.b64decode(secret, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            secret = ""
    elif kind.lower() != "bearer":
        secret = ""
    if not secret:
        raise ApiError(
            401,
            "You did not provide an API key. You need to provide your API key in the Authorization header, using "
            "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            headers={"WWW-Authenticate": 'Bearer realm="Payments"'},
        )
    key = key_of(secret, now=now)
    if key is None:
        raise ApiError(401, "Invalid API Key provided.")
    if key.revoked_at is not None:
        raise ApiError(401, "Expired API Key provided.", code="api_key_expired")
    return key


def keep_pace(key: ApiKey) -> None:
    """Refuse (429) more than settings.PAYMENTS_API_REQUESTS_PER_SECOND of one key in this process."""
    rate = settings.PAYMENTS_API_REQUESTS_PER_SECOND
    buckets = _paces.setdefault(rate, Buckets(rate, max(1, int(rate))))
    if not buckets.take(key.pk):
        raise ApiError(
            429,
            "Too many requests. Wait a moment, then ask again, at a slower pace.",
            code="rate_limit",
            is_stored=False,
        )


def forget_paces() -> None:
    """Give every key a full bucket."""
    _paces.clear()


def permit(key: ApiKey, route: Route) -> None:
    """Refuse (403) what the key does not reach."""
    if key.kind == ApiKey.Kind.PUBLISHABLE:
        if not route.for_publishable:
            raise ApiError(
                403,
                "This API call cannot be made with a publishable API key. Please use a secret API key.",
                code="secret_key_required",
            )
    elif not key.may(route.scope, writes=route.writes):
        raise not_permitted(route.scope, writes=route.writes)


def account_of(request: HttpRequest, route: Route) -> Organization | None:
    """Return the firm that the Stripe-Account header names. Refuses where a route is the platform's alone."""
    if request.headers.get("Stripe-Context"):
        raise ApiError(400, "Stripe-Context is not supported; name a connected account in Stripe-Account.")
    name = request.headers.get("Stripe-Account", "")
    if not name:
        return None
    try:
        firm = firms().filter(pk=pk_of("account", name)).first()
    except ValueError:
        firm = None
    if firm is None:
        raise ApiError(
            403,
            f"The provided key does not have access to account '{name[:40]}' (or that account does not exist).",
            code="account_invalid",
        )
    if not route.for_account:
        raise ApiError(400, "Stripe-Account is supported for balance and balance transactions only.")
    return firm


def read_form(request: HttpRequest) -> dict[str, Any]:
    """Return the parameters, of the query and, except of a GET, of the body: at most 1 MB of form-encoded UTF-8."""
    query = request.META.get("QUERY_STRING", "").encode("latin-1", "replace")
    if request.method == "GET":
        return forms.parse(query)
    body = request.read(forms.MAX_BODY + 1)
    if len(body) > forms.MAX_BODY:
        raise ApiError(413, f"The request is larger than {forms.MAX_BODY} bytes.")
    kind, charset = request.content_type or "", (request.content_params or {}).get("charset", "utf-8")
    if body and kind.lower() != FORM:
        raise ApiError(400, f"Invalid request (check that your POST content type is {FORM}).")
    if charset.lower().replace("-", "") != "utf8":
        raise ApiError(400, "Invalid request: the charset must be UTF-8.")
    return forms.parse(query, body)
