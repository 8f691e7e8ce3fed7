"""Stripe-Signature: the secret of an endpoint, and the header by which its owner knows that an event is ours.

The rule is Stripe's, and `stripe.Webhook.construct_event` checks it: `t=<seconds>,v1=<hex>` where hex is HMAC-SHA256, under
the whole secret with its prefix, of the seconds, a dot and the body as sent. While a secret is being rolled there are two v1.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from payments.models import ids

HEADER = "Stripe-Signature"


def new_secret() -> str:
    """Return a fresh secret, 32 letters and digits after its prefix: about 190 bits."""
    return ids.new_id("whsec", 32)


def sign(secret: str, seconds: int, body: bytes) -> str:
    """Return the v1 signature of a body, in hexadecimal digits."""
    return hmac.new(secret.encode(), b"%d." % seconds + body, hashlib.sha256).hexdigest()


def header(secrets: Iterable[str], now: datetime, body: bytes) -> str:
    """Return the header's value: the moment, and one signature for each valid secret, the newest first."""
    seconds = int(now.timestamp())
    return ",".join([f"t={seconds}", *(f"v1={sign(secret, seconds, body)}" for secret in secrets)])
