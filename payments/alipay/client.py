"""The official SDK's client with our transport, our signer and our check of the answer's signature.

The SDK prepares and shapes requests. Replaced, through the names that Python mangles (a contract test pins them to
this SDK version): the transport (it cannot use a port, nor tell a refusal from a lost answer), the signer (it parses
the key on each call and is 50 times slower) and the verifier (it accepts SHA-1 and MD5).
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from alipay.aop.api.AlipayClientConfig import AlipayClientConfig
from alipay.aop.api.DefaultAlipayClient import DefaultAlipayClient
from cryptography.hazmat.primitives.asymmetric import rsa

from . import keys
from .certificates import Certificates

SDK_VERSION = "3.7.1411"
CHINA = ZoneInfo("Asia/Shanghai")
TIMEOUT = httpx.Timeout(10.0, connect=3.0)
_BEGIN = re.compile(rb'"[A-Za-z_]+_response"\s*:\s*(?=\{)')
_CERTIFICATE = rb'"alipay_cert_sn"\s*:\s*"([^"]*)"'
# In certificate mode the number of Alipay's certificate stands before the signature or after it; samples show both.
_SIGN = re.compile(
    rb"\}(?=\s*,\s*(?:" + _CERTIFICATE + rb'\s*,\s*)?"sign"\s*:\s*"([^"]*)"(?:\s*,\s*' + _CERTIFICATE + rb")?)"
)


class AnswerRefused(Exception):
    """The answer is not one that we may believe: wrong status, shape or signature. The outcome is unknown."""


class SignatureRefused(AnswerRefused):
    """The answer is signed, but not by the key that we believe; `content` is what it says, believed by nobody."""

    def __init__(self, content: bytes, words: str = "the answer's signature does not fit") -> None:
        super().__init__(words)
        self.content = content


class CertificateDiffers(SignatureRefused):
    """The answer names another certificate than the one of Alipay that we have: theirs was renewed, or ours is wrong."""

    def __init__(self, content: bytes, number: str, known: str) -> None:
        super().__init__(content, f"the answer is signed under certificate {number}; ours is {known}")
        self.number = number


class Undownloadable(Exception):
    """A file that Alipay has promised could not be fetched; the message says why. Asking for a new address is harmless."""


def china_time(moment: datetime | None = None) -> str:
    """Return a moment, or now, in the form and time zone of Alipay."""
    return (moment or datetime.now(CHINA)).astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


class Client(DefaultAlipayClient):
    """Send the SDK's requests over httpx and believe only answers signed with SHA256withRSA.

    With `certificates` it speaks certificate mode: requests name ours and Alipay's roots, and the key in Alipay's
    certificate is believed. An answer that names another certificate is refused; one that names none is believed by
    its signature alone, which is the proof.
    """

    def __init__(
        self,
        *,
        server_url: str,
        app_id: str,
        app_private_key: rsa.RSAPrivateKey,
        alipay_public_key: rsa.RSAPublicKey,
        certificates: Certificates | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        config = AlipayClientConfig()
        config.server_url = server_url
        config.app_id = app_id
        super().__init__(config)
        self._config = config
        self._private_key = app_private_key
        self._certificates = certificates
        self._public_key = certificates.alipay_key if certificates else alipay_public_key
        self._http = httpx.Client(timeout=TIMEOUT, transport=transport, trust_env=False, follow_redirects=False)

    def execute(self, request: Any) -> str:
        """Send a request and return the body of its answer, its signature verified."""
        query, parameters = self._DefaultAlipayClient__prepare_request(request)
        content_type = "application/x-www-form-urlencoded;charset=utf-8"
        answer = self._http.post(
            f"{self._config.server_url}?{query}", data=parameters, headers={"Content-Type": content_type}
        )
        if answer.status_code != 200:
            raise AnswerRefused(f"HTTP {answer.status_code}")
        return self._DefaultAlipayClient__parse_response(answer.content)

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def fetch(self, url: str, *, max_bytes: int) -> bytes:
        """Return the file at an address that Alipay has given, over TLS unless it is the gateway's own origin.

        Raises Undownloadable with the reason: another scheme, no answer, not 200, more than `max_bytes`.
        """
        try:
            given, own = httpx.URL(url), httpx.URL(self._config.server_url)
        except httpx.InvalidURL as error:
            raise Undownloadable(f"not an address: {error}") from error
        if given.scheme != "https" and (given.scheme, given.netloc) != (own.scheme, own.netloc):
            raise Undownloadable(f"{given.scheme}://{given.host} is not an address to fetch a bill from")
        content = bytearray()
        try:
            with self._http.stream("GET", given) as answer:
                if answer.status_code != 200:
                    raise Undownloadable(f"HTTP {answer.status_code}")
                for piece in answer.iter_bytes():
                    content += piece
                    if len(content) > max_bytes:
                        raise Undownloadable(f"more than {max_bytes} bytes")
        except httpx.HTTPError as error:
            raise Undownloadable(f"{type(error).__name__}: {error}") from error
        return bytes(content)

    def _DefaultAlipayClient__prepare_request_params(  # noqa: N802 - the SDK's mangled name
        self, request: Any
    ) -> tuple[dict[str, str], dict[str, str]]:
        parameters = request.get_params()
        parameters["timestamp"] = china_time()
        common = self._DefaultAlipayClient__get_common_params(parameters)
        if self._certificates:
            common.update(self._certificates.in_requests)
        signed = {name: _text(value) for name, value in {**parameters, **common}.items()}
        common["sign"] = keys.sign(self._private_key, keys.content_to_sign(signed))
        self._DefaultAlipayClient__remove_common_params(parameters)
        return common, parameters

    def _DefaultAlipayClient__parse_response(self, body: bytes) -> str:  # noqa: N802 - the SDK's mangled name
        begin = _BEGIN.search(body)
        ends = list(_SIGN.finditer(body))
        if begin is None or not ends:
            raise AnswerRefused("unsigned or oddly shaped answer: " + body[:500].decode("utf-8", "replace"))
        content = body[begin.end() : ends[-1].end()]
        before, signature, after = (part.decode("ascii", "replace") for part in ends[-1].groups(default=b""))
        named = before or after
        if self._certificates and named and named != self._certificates.alipay_number:
            raise CertificateDiffers(content, named, self._certificates.alipay_number)
        if not keys.verify(self._public_key, content, signature.replace("\\/", "/")):
            raise SignatureRefused(content)
        return content.decode("utf-8")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
