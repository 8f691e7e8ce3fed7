"""Identifiers of payment objects: Stripe's prefixes, letters and digits that Alipay takes as order numbers too."""

from __future__ import annotations

import secrets
import string

ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    """Return a fresh identifier such as ``pi_9fK…``."""
    number = secrets.randbelow(len(ALPHABET) ** length)
    letters = []
    for _place in range(length):
        number, digit = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[digit])
    return f"{prefix}_" + "".join(letters)


def intent_id() -> str:
    return new_id("pi")


def client_secret() -> str:
    return secrets.token_urlsafe(24)


def charge_id() -> str:
    return new_id("py")


def refund_id() -> str:
    return new_id("re")


def transfer_id() -> str:
    return new_id("tr")


def event_id() -> str:
    return new_id("evt")


def reversal_id() -> str:
    return new_id("trr")


def top_up_id() -> str:
    return new_id("tu")


def invoice_id() -> str:
    return new_id("inv")
