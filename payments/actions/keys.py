"""Verbs on the keys of /v1: make one, find whose it is, revoke it."""

from __future__ import annotations

import hashlib
import secrets
import string
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.core import clock
from marketplace.core.locks import lock
from marketplace.core.refusals import Forbidden, Invalid
from payments.models.api import ApiKey

PREFIXES = {ApiKey.Kind.SECRET: "sk", ApiKey.Kind.RESTRICTED: "rk", ApiKey.Kind.PUBLISHABLE: "pk"}
RESOURCES = frozenset(
    {
        "accounts",
        "balance",
        "charges",
        "events",
        "payment_intents",
        "refunds",
        "transfers",
        "webhook_endpoints",
    }
)
ALPHABET = string.ascii_letters + string.digits
NOTE_USE_EVERY = timedelta(minutes=1)  # a write for each request would cost more than it tells


@transaction.atomic
def create_api_key(
    *,
    name: str,
    kind: str = ApiKey.Kind.SECRET,
    scopes: Mapping[str, str] | None = None,
    by: Any = None,
    now: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; the second value is the key itself, now and never again.

    `sk_`, `rk_`, `pk_` and `live_` or `test_` as the deployment is, as at Stripe. `by` is None on the command line.
    Refuses with `keys_not_allowed`, `key_name_missing`, `scopes_invalid`.
    """
    now = now or clock.now()
    _require_operator(by)
    if not name.strip():
        raise Invalid("key_name_missing", _("请写明密钥给谁用。"), field="name")
    wanted = dict(scopes or {})
    fitting = set(wanted) <= RESOURCES and set(wanted.values()) <= {"read", "write"}
    if not fitting or bool(wanted) != (kind == ApiKey.Kind.RESTRICTED):
        raise Invalid(
            "scopes_invalid", _("受限密钥须写明每类对象可读（read）或可写（write），其他密钥不写。"), field="scopes"
        )
    prefix = f"{PREFIXES[ApiKey.Kind(kind)]}_{'live' if settings.PRODUCTION else 'test'}_"
    secret = prefix + "".join(secrets.choice(ALPHABET) for _turn in range(24))
    key = ApiKey.objects.create(
        name=name.strip()[:80],
        kind=kind,
        digest=digest(secret),
        prefix=prefix,
        last_four=secret[-4:],
        scopes=wanted,
        created_at=now,
    )
    return key, secret


@transaction.atomic
def revoke_api_key(*, key: ApiKey, by: Any = None, now: datetime | None = None) -> ApiKey:
    """Let a key reach nothing from now on; revoking it again changes nothing. Refuses with `keys_not_allowed`."""
    _require_operator(by)
    key = lock(key)
    if key.revoked_at is None:
        key.revoked_at = now or clock.now()
        key.save(update_fields=["revoked_at"])
    return key


def key_of(secret: str, *, now: datetime) -> ApiKey | None:
    """Return the key that a secret opens, revoked or not, and note now and then that it is used."""
    key = ApiKey.objects.filter(digest=digest(secret)).first()
    if key is None or key.revoked_at is not None:
        return key
    if key.last_used_at is None or key.last_used_at + NOTE_USE_EVERY < now:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key


def digest(secret: str) -> str:
    """Return how a key is kept."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _require_operator(by: Any) -> None:
    if by is not None and not getattr(by, "is_staff", False):
        raise Forbidden("keys_not_allowed", _("只有平台管理机构可以管理接口密钥。"))
