"""Who may ask the local library: whoever signs with the shared key, now, and once per nonce."""

from __future__ import annotations

import re
import threading
import time

from django.http import HttpRequest

from ..signing import WINDOW_SECONDS, request_signature, same

_NONCE = re.compile(r"[0-9a-f]{32}")


class Gate:
    """Check signatures and remember the nonces of the last minutes."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._seen: dict[str, float] = {}
        self._lock = threading.Lock()

    def refusal(self, request: HttpRequest) -> tuple[str, str] | None:
        """Return (code, sentence) when a request is not to be answered, None when it is."""
        moment, nonce = request.headers.get("X-Time", ""), request.headers.get("X-Nonce", "")
        if not _NONCE.fullmatch(nonce) or not moment.isdigit() or len(moment) > 12:
            return "signature_missing", "缺少时间、随机数或签名。"
        expected = request_signature(
            self._key,
            method=request.method or "",
            path=request.get_full_path(),
            body=request.body,
            time=moment,
            nonce=nonce,
        )
        if not same(request.headers.get("X-Signature", ""), expected):
            return "signature_wrong", "签名不正确。"
        if abs(time.time() - int(moment)) > WINDOW_SECONDS:
            return "time_wrong", "请求的时间与证照库相差超过五分钟。"
        if not self._is_new(nonce):
            return "nonce_used", "这个请求已经收到过。"
        return None

    def _is_new(self, nonce: str) -> bool:
        now = time.monotonic()
        with self._lock:
            for old in [one for one, at in self._seen.items() if now - at > 2 * WINDOW_SECONDS]:
                del self._seen[old]
            if nonce in self._seen:
                return False
            self._seen[nonce] = now
            return True
