"""Notices signed as they should be, or spoiled as a fault switch says."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from payments.alipay import keys
from payments.alipay.answers import to_fen

from .content import yuan
from .faults import Faults
from .protocol import sign_front
from .store import FEES


def spoil(fields: dict[str, str], key: rsa.RSAPrivateKey, faults: Faults) -> dict[str, str]:
    """Return a notice's fields with their signature; each switch that is on is used once."""
    if faults.take("notify_other_seller"):
        fields = {**fields, "seller_id": FEES}
    if faults.take("notify_altered_amount"):
        fields = {**fields, "total_amount": yuan(to_fen(fields["total_amount"]) + 100)}
    signed = sign_front(fields, key)
    if faults.take("notify_sha1"):
        content = keys.content_to_sign(signed, without=keys.NOTICE_WITHOUT)
        weak = key.sign(content, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - it is what must be refused
        signed["sign"] = base64.b64encode(weak).decode()
    if faults.take("notify_wrongly_signed"):
        signed["sign"] = keys.sign(key, b"something else")
    return signed
