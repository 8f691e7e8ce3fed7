"""The verifier of Alipay's asynchronous notices: signature first, then the merchant's own checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.asymmetric import rsa

from . import keys
from .answers import from_china_time, to_fen

MAX_BYTES = 64 * 1024


class NoticeRefused(Exception):
    """A notice that we do not believe; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Notification:
    """A notice whose signature, app and seller are right. Its trade and amount are still to be compared."""

    notify_id: str
    out_trade_no: str
    trade_no: str
    trade_status: str
    total_fen: int
    buyer_id: str
    refund_fee_fen: int
    out_request_no: str
    paid_at: datetime | None


def parse(raw: bytes) -> dict[str, str]:
    """Return a notice's fields exactly as sent; a repeated name or bad UTF-8 is refused."""
    if len(raw) > MAX_BYTES:
        raise NoticeRefused("too_large")
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict")
    except (UnicodeDecodeError, ValueError) as error:
        raise NoticeRefused("malformed") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise NoticeRefused("duplicate_field")
    return fields


def verify(fields: dict[str, str], *, public_key: rsa.RSAPublicKey) -> None:
    """Refuse fields that Alipay has not signed with RSA2. Alipay never sends or signs empty values."""
    if fields.get("sign_type") != "RSA2":
        raise NoticeRefused("sign_type")
    content = keys.content_to_sign(fields, without=keys.NOTICE_WITHOUT)
    if not keys.verify(public_key, content, fields.get("sign", "")):
        raise NoticeRefused("signature")


def read(raw: bytes, *, public_key: rsa.RSAPublicKey, app_id: str, seller_id: str) -> Notification:
    """Return a notice that is signed by Alipay and meant for us, or refuse it."""
    fields = parse(raw)
    verify(fields, public_key=public_key)
    if fields.get("app_id") != app_id:
        raise NoticeRefused("app_id")
    if fields.get("seller_id") != seller_id:
        raise NoticeRefused("seller_id")
    try:
        return Notification(
            notify_id=fields["notify_id"],
            out_trade_no=fields["out_trade_no"],
            trade_no=fields["trade_no"],
            trade_status=fields["trade_status"],
            total_fen=to_fen(fields["total_amount"]),
            buyer_id=fields.get("buyer_id", ""),
            refund_fee_fen=to_fen(fields.get("refund_fee", "0")),
            out_request_no=fields.get("out_biz_no", ""),
            paid_at=from_china_time(fields.get("gmt_payment")),
        )
    except (KeyError, ValueError) as error:
        raise NoticeRefused("incomplete") from error
