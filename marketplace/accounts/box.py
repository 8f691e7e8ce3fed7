"""The box in which secrets of accounts lie: keys of second factors, tokens kept for signing out; and digests of numbers."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def _key(purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"marketplace accounts " + purpose).derive(
        settings.SAFE_KEY.encode()
    )


def box() -> Fernet:
    """Return the box; its key is derived from SAFE_KEY, so a copy of the database alone opens nothing."""
    return Fernet(base64.urlsafe_b64encode(_key(b"box")))


def number_key(number: str) -> str:
    """Return a keyed digest of a person's number, 64 hexadecimal digits: equal for equal numbers, useless without SAFE_KEY.

    A plain hash would not do: there are few enough numbers to try them all.
    """
    plain = "".join(number.split()).upper()
    return hmac.new(_key(b"numbers"), plain.encode(), hashlib.sha256).hexdigest() if plain else ""
