"""Signatures between the marketplace and the licence library: HMAC-SHA256 with the shared key, in both directions."""

from __future__ import annotations

import hashlib
import hmac

WINDOW_SECONDS = 300  # how far the clocks may be apart; a nonce counts once within it


def request_signature(key: str, *, method: str, path: str, body: bytes, time: str, nonce: str) -> str:
    """Sign a request: method, path with its query, hash of the body, time (seconds since 1970) and nonce, a line each."""
    return _hmac(key, method, path, hashlib.sha256(body).hexdigest(), time, nonce)


def answer_signature(key: str, *, status: int, body: bytes, nonce: str) -> str:
    """Sign an answer: its HTTP status, hash of the body and the nonce of the request, so that no other answer fits."""
    return _hmac(key, str(status), hashlib.sha256(body).hexdigest(), nonce)


def same(one: str, other: str) -> bool:
    """Compare two signatures in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def _hmac(key: str, *lines: str) -> str:
    return hmac.new(key.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()
