"""One signed question to the licence library over HTTP, and its answer, within one time and one size."""

from __future__ import annotations

import json
import logging
import secrets
import time
from typing import Any

import httpx
from django.conf import settings

from .refusals import LibraryUnavailable, LicenceUnknown
from .signing import answer_signature, request_signature, same

logger = logging.getLogger(__name__)
MAX_ANSWER_BYTES = 30 * 1024 * 1024  # a file of 20 MB in base64, and what stands around it


def ask(method: str, path: str, payload: dict[str, Any] | None = None) -> dict[str, Any]:
    """Ask and return the answer's object.

    The whole answer must be there within LICENCE_LIBRARY_TIMEOUT seconds, also from a library that trickles.
    Refuses: library_unavailable (no, late, unsigned, unreadable or unexpected answer), licence_unknown.
    """
    body = b"" if payload is None else json.dumps(payload, ensure_ascii=False).encode()
    nonce = secrets.token_hex(16)
    status, content, signature = _exchange(method, path, body, nonce)
    expected = answer_signature(settings.LICENCE_LIBRARY_KEY, status=status, body=content, nonce=nonce)
    if not same(signature, expected):
        logger.error("licence library: answer %s to %s is not signed with our key", status, path.partition("?")[0])
        raise LibraryUnavailable
    try:
        answer = json.loads(content)
    except ValueError as wrong:
        logger.exception("licence library: answer %s to %s is no JSON", status, path.partition("?")[0])
        raise LibraryUnavailable from wrong
    code = answer.get("code") if isinstance(answer, dict) else None
    if status == httpx.codes.NOT_FOUND and code == "licence_unknown":
        raise LicenceUnknown
    if status != httpx.codes.OK or not isinstance(answer, dict):
        logger.error("licence library: answered %s %s to %s", status, code, path.partition("?")[0])
        raise LibraryUnavailable
    return answer


def _exchange(method: str, path: str, body: bytes, nonce: str) -> tuple[int, bytes, str]:
    key, moment = settings.LICENCE_LIBRARY_KEY, str(int(time.time()))
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "identity",  # what is not packed cannot burst
        "Content-Type": "application/json",
        "X-Time": moment,
        "X-Nonce": nonce,
        "X-Signature": request_signature(key, method=method, path=path, body=body, time=moment, nonce=nonce),
    }
    ends = time.monotonic() + settings.LICENCE_LIBRARY_TIMEOUT
    content = bytearray()
    try:
        with (
            httpx.Client(timeout=settings.LICENCE_LIBRARY_TIMEOUT, trust_env=False) as client,
            client.stream(method, settings.LICENCE_LIBRARY_URL + path, content=body, headers=headers) as response,
        ):
            for chunk in response.iter_raw():
                content += chunk
                if time.monotonic() > ends or len(content) > MAX_ANSWER_BYTES:
                    raise httpx.ReadTimeout("the answer takes too long or has no end")
            return response.status_code, bytes(content), response.headers.get("X-Signature", "")
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        logger.warning("licence library: %s does not answer: %s", path.partition("?")[0], problem)
        raise LibraryUnavailable from problem
