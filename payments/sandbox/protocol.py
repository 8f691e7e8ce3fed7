"""Alipay's open protocol as a gateway sees it: read a signed request strictly, answer with a signed body."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.asymmetric import rsa

from payments.alipay import keys
from payments.alipay.certificates import Certificates
from payments.alipay.client import CHINA

CLOCK_TOLERANCE = timedelta(minutes=15)
NEEDED = ("app_id", "method", "sign_type", "sign", "timestamp", "version")
MISSING = {
    "app_id": "isv.missing-app-id",
    "method": "isv.missing-method",
    "sign_type": "isv.missing-signature-type",
    "sign": "isv.missing-signature",
    "timestamp": "isv.missing-timestamp",
    "version": "isv.missing-version",
}


class Refusal(Exception):
    """Say no with Alipay's codes; `method` is known when the answer may be signed under its key."""

    def __init__(self, code: str, sub_code: str, sub_msg: str, method: str = "") -> None:
        super().__init__(sub_code)
        self.code, self.sub_code, self.sub_msg, self.method = code, sub_code, sub_msg, method
        self.is_certified = False


def business(sub_code: str, sub_msg: str) -> Refusal:
    """Return the refusal of a request that was well formed and signed."""
    return Refusal("40004", sub_code, sub_msg)


@dataclass(frozen=True)
class Request:
    """A request whose signature is right; `origin` is the gateway's own address as the merchant wrote it.

    `is_certified` tells that it came in certificate mode, and is answered so.
    """

    method: str
    content: dict[str, Any]
    notify_url: str
    return_url: str
    origin: str = ""
    is_certified: bool = False


def read_request(
    query: str,
    body: bytes,
    *,
    app_id: str,
    app_key: rsa.RSAPublicKey,
    methods: frozenset[str],
    wall: datetime,
    origin: str = "",
    papers: Callable[[], Certificates],
) -> Request:
    """Check a request as the protocol says: known app, known method, RSA2 over all that is not empty, fresh clock.

    One that names a certificate has to name ours (`papers`) and our roots.
    """
    fields = _fields(query, body)
    is_certified = bool(fields.get("app_cert_sn") or fields.get("alipay_root_cert_sn"))
    try:
        method, content = _check(fields, app_id, app_key, methods, wall, papers if is_certified else None)
    except Refusal as refusal:
        refusal.is_certified = is_certified
        raise
    return Request(method, content, fields.get("notify_url", ""), fields.get("return_url", ""), origin, is_certified)


def _check(
    fields: dict[str, str],
    app_id: str,
    app_key: rsa.RSAPublicKey,
    methods: frozenset[str],
    wall: datetime,
    papers: Callable[[], Certificates] | None,
) -> tuple[str, dict[str, Any]]:
    """Return method and content of a request, or refuse it."""
    method = fields.get("method", "")
    if fields.get("app_id") and fields["app_id"] != app_id:
        raise Refusal("40002", "isv.invalid-app-id", "无效的AppID参数")
    named = method if re.fullmatch(r"[a-zA-Z.]{1,100}", method) and fields.get("app_id") else ""
    for name in NEEDED:
        if not fields.get(name):
            raise Refusal("40001", MISSING[name], f"缺少{name}", named)
    for name, value, sub_code in (
        ("sign_type", "RSA2", "isv.invalid-signature-type"),
        ("version", "1.0", "isv.invalid-parameter"),
        ("charset", "utf-8", "isv.invalid-charset"),
        ("format", "json", "isv.invalid-format"),
    ):
        if fields.get(name, value).lower() != value.lower():
            raise Refusal("40002", sub_code, f"{name}应为{value}", named)
    if papers:
        _check_certificates(fields, papers(), named)
    if not keys.verify(app_key, keys.content_to_sign(fields), fields["sign"]):
        raise Refusal("40002", "isv.invalid-signature", "验签出错，请确认参数与私钥是否对应", named)
    _check_clock(fields["timestamp"], wall, named)
    for name in ("app_auth_token", "auth_token"):
        if fields.get(name):  # nobody has authorized anybody here
            raise Refusal("20001", f"aop.invalid-{name.replace('_', '-')}", f"无效的{name}", named)
    if method not in methods:
        raise Refusal("40002", "isv.invalid-method", "不存在的方法名", named)
    return method, _content(fields, named)


def _check_clock(timestamp: str, wall: datetime, named: str) -> None:
    try:
        sent = datetime.strptime(timestamp, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    except ValueError as error:
        raise Refusal("40002", "isv.invalid-timestamp", "时间戳格式不正确", named) from error
    if abs(wall - sent) > CLOCK_TOLERANCE:
        raise Refusal("40002", "isv.invalid-timestamp", "时间戳与北京时间相差过大", named)


def _content(fields: dict[str, str], named: str) -> dict[str, Any]:
    try:
        content = json.loads(fields.get("biz_content", ""))
        json.dumps(content, ensure_ascii=False).encode()  # half of a surrogate pair is JSON, and no text
    except (ValueError, RecursionError) as error:
        raise Refusal("40002", "isv.invalid-parameter", "biz_content不是JSON", named) from error
    if not isinstance(content, dict):
        raise Refusal("40002", "isv.invalid-parameter", "biz_content应为对象", named)
    return content


def _check_certificates(fields: dict[str, str], known: Certificates, named: str) -> None:
    """Refuse a request that names half of what certificate mode needs, or other certificates than ours."""
    wrong = {"app_cert_sn": "isv.app-cert-not-exist", "alipay_root_cert_sn": "isv.invalid-alipay-root-cert-sn"}
    for name, number in known.in_requests.items():
        if not fields.get(name):
            raise Refusal("40001", f"isv.missing-{name.replace('_', '-')}", f"缺少{name}", named)
        if fields[name] != number:
            raise Refusal("40002", wrong[name], f"{name}不是登记的证书", named)


def _fields(query: str, body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict")
        pairs += parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict")
    except (UnicodeDecodeError, ValueError) as error:
        raise Refusal("40002", "isv.invalid-parameter", "参数无法解码") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Refusal("40002", "isv.invalid-parameter", "参数重复")
    return fields


@dataclass(frozen=True)
class Seal:
    """What signs an answer, and in certificate mode the number of its certificate, which may stand before the signature."""

    key: rsa.RSAPrivateKey
    number: str = ""
    is_number_first: bool = False


def accept(method: str, fields: dict[str, Any], seal: Seal) -> bytes:
    """Return a success, signed over the exact bytes of its object."""
    return _signed(method, {"code": "10000", "msg": "Success", **fields}, seal)


def refuse(refusal: Refusal, method: str, seal: Seal) -> bytes:
    """Return a refusal: signed under the method's key when app and method are known, else bare `error_response`."""
    messages = {
        "20001": "Insufficient Token Permissions",
        "40001": "Missing Required Arguments",
        "40002": "Invalid Arguments",
        "40004": "Business Failed",
    }
    fields = {
        "code": refusal.code,
        "msg": messages.get(refusal.code, "Service Currently Unavailable"),
        "sub_code": refusal.sub_code,
        "sub_msg": refusal.sub_msg,
    }
    if not method:
        return _json({"error_response": fields})
    return _signed(method, fields, seal)


def _signed(method: str, fields: dict[str, Any], seal: Seal) -> bytes:
    content = _json(fields)
    name = method.replace(".", "_") + "_response"
    sign = f'"sign":"{keys.sign(seal.key, content)}"'
    number = f'"alipay_cert_sn":"{seal.number}"'
    tail = [sign] if not seal.number else [number, sign] if seal.is_number_first else [sign, number]
    return b'{"%s":%s,%s}' % (name.encode(), content, ",".join(tail).encode())


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def sign_front(fields: dict[str, str], key: rsa.RSAPrivateKey) -> dict[str, str]:
    """Return notice or return-address fields with their RSA2 signature; empty values are left out."""
    kept = {name: value for name, value in fields.items() if value != ""}
    kept["sign_type"] = "RSA2"
    kept["sign"] = keys.sign(key, keys.content_to_sign(kept, without=keys.NOTICE_WITHOUT))
    return kept
