"""Seal the secrets of endpoints: who reads the database, or a copy of it, forges no signature.

The key is derived from settings.SAFE_KEY, which lies outside the database. Another SAFE_KEY makes sealed secrets unreadable:
their endpoints then fail with a sentence until each secret is rolled.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class Unreadable(Exception):
    """Be raised for a secret that was sealed under another key."""


def _box() -> Fernet:
    key = hmac.digest(settings.SAFE_KEY.encode(), b"payments webhooks", hashlib.sha256)
    return Fernet(base64.urlsafe_b64encode(key))


def seal(secret: str) -> str:
    """Return a secret as the database keeps it."""
    return _box().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Return a secret in the clear; raises Unreadable."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error
