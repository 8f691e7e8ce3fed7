"""Asynchronous notices of the local gateway: signed, sent to loopback only, repeated on Alipay's schedule until `success`."""

from __future__ import annotations

import ipaddress
import json
import logging
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric import rsa

from .content import mask, yuan
from .faults import Faults
from .spoiling import spoil
from .store import SELLER, Store
from .trades import Desk

logger = logging.getLogger(__name__)
MINUTES = (4, 10, 10, 60, 120, 360, 900)  # between the eight deliveries
LOST, HELD = "lost on purpose", "held on purpose"
Post = Callable[[str, bytes], tuple[int, bytes]]


def is_loopback(url: str) -> bool:
    """Tell whether a notice may go there: plain http(s) to this machine."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return False
    if parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return False


def post_over_http(url: str, body: bytes) -> tuple[int, bytes]:
    """Send a notice; a redirect is not followed, the answer is read to 64 bytes."""
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    with (
        httpx.Client(timeout=10, trust_env=False, follow_redirects=False) as client,
        client.stream("POST", url, content=body, headers=headers) as answer,
    ):
        return answer.status_code, next(answer.iter_bytes(64), b"")


def _what_was_paid(paid: str) -> dict[str, str]:
    bills = json.dumps([{"amount": paid, "fundChannel": "ALIPAYACCOUNT"}], separators=(",", ":"))
    whole = dict.fromkeys(("receipt_amount", "invoice_amount", "buyer_pay_amount"), paid)
    return {**whole, "point_amount": "0.00", "fund_bill_list": bills}


def _as_ordered(order: dict[str, Any]) -> dict[str, str]:
    """Return what a merchant has asked to be told again, as it was sent."""
    return {name: str(order[name]) for name in ("body", "passback_params") if order.get(name)}


class Notifier:
    """Keep notices in the store and deliver those that are due. `speed` divides the waiting times."""

    def __init__(
        self, store: Store, key: rsa.RSAPrivateKey, *, app_id: str, speed: float, post: Post, faults: Faults
    ) -> None:
        self.store, self._key, self._app_id, self._speed, self._post = store, key, app_id, speed, post
        self.desk: Desk | None = None
        self._faults = faults
        self._is_early = False
        self._delivering = threading.RLock()
        self._wake = threading.Event()
        self._stopped = False

    def queue(self, trade: dict[str, Any], extra: dict[str, str]) -> None:
        """Owe the merchant a notice about a trade; inside the change that it tells of."""
        if not trade["notify_url"]:
            return
        paid = yuan(trade["total_fen"])
        day = (trade["gmt_payment"] or trade["gmt_close"])[:10].replace("-", "")
        fields = {
            "notify_type": "trade_status_sync",
            "notify_id": f"{day}{secrets.token_hex(13)}",
            "app_id": self._app_id,
            "auth_app_id": self._app_id,
            "charset": "utf-8",
            "version": "1.0",
            "trade_no": trade["trade_no"],
            "out_trade_no": trade["out_trade_no"],
            "buyer_id": trade["buyer_id"],
            "buyer_logon_id": self._logon_id(trade["buyer_id"]),
            "seller_id": SELLER,
            "seller_email": self._logon_id(SELLER),
            **_as_ordered(json.loads(trade["content"])),
            "trade_status": trade["status"],
            "total_amount": paid,
            "subject": trade["subject"],
            "gmt_create": trade["gmt_create"],
            "gmt_payment": trade["gmt_payment"],
            "gmt_close": trade["gmt_close"],
            **(_what_was_paid(paid) if trade["gmt_payment"] else {}),
            **extra,
        }
        next_at, remark = self._plan(time.time())
        self.store.run(
            "INSERT INTO notice (notify_id, url, fields, next_at, answer) VALUES (?, ?, ?, ?, ?)",
            (fields["notify_id"], trade["notify_url"], json.dumps(fields, ensure_ascii=False), next_at, remark),
        )
        self._wake.set()

    def _logon_id(self, user_id: str) -> str:
        account = self.store.one("SELECT logon_id FROM account WHERE user_id = ?", (user_id,))
        return mask(account["logon_id"]) if account else ""

    def _plan(self, now: float) -> tuple[float | None, str]:
        """Return when a new notice is due and why not at once; what an earlier fault has held comes right after it."""
        if self._faults.take("notify_lost"):
            return None, LOST
        if self._faults.take("notify_out_of_order"):
            return None, HELD
        self.store.run("UPDATE notice SET next_at = ?, answer = '' WHERE answer = ?", (now, HELD))
        late = self._faults.take("notify_late")
        if late:
            return now + late.seconds / self._speed, "late"
        self._is_early = self._is_early or self._faults.take("notify_early") is not None
        return now - 0.001, ""

    def deliver_early(self) -> None:
        """Deliver before the answer goes out, when a switch says so."""
        if self._is_early:
            self._is_early = False
            self.deliver_due()

    def deliver_due(self) -> int:
        """Send what is due; return how many were sent."""
        with self._delivering:
            due = self.store.all(
                "SELECT * FROM notice WHERE next_at IS NOT NULL AND next_at <= ? ORDER BY next_at", (time.time(),)
            )
            for notice in due:
                self._deliver(notice)
        return len(due)

    def _deliver(self, notice: dict[str, Any]) -> None:
        assert self.desk is not None
        if not is_loopback(notice["url"]):
            logger.warning("no notice to %s: the local gateway speaks to this machine only", notice["url"])
            self.store.run(
                "UPDATE notice SET next_at = NULL, answer = 'refused target' WHERE notify_id = ?",
                (notice["notify_id"],),
            )
            return
        fields = spoil({"notify_time": self.desk.now(), **json.loads(notice["fields"])}, self._key, self._faults)
        try:
            if self._faults.take("notify_twice"):
                self._post(notice["url"], urlencode(fields).encode())
            status, body = self._post(notice["url"], urlencode(fields).encode())
            answer = f"{status} {body[:40]!r}"
            is_taken = status == 200 and body == b"success"
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the notice is repeated
            answer, is_taken = repr(error)[:200], False
        attempts = notice["attempts"] + 1
        gap = None if is_taken or attempts > len(MINUTES) else MINUTES[attempts - 1] * 60 / self._speed
        if not is_taken:
            logger.warning("notice %s, delivery %s: %s", notice["notify_id"], attempts, answer)
        self.store.run(
            "UPDATE notice SET attempts = ?, next_at = ?, answer = ? WHERE notify_id = ?",
            (attempts, None if gap is None else time.time() + gap, answer, notice["notify_id"]),
        )

    def start(self) -> threading.Thread:
        """Deliver in a thread of its own until `stop`."""
        thread = threading.Thread(target=self._run, name="alipay-sandbox-notifier", daemon=True)
        thread.start()
        return thread

    def _run(self) -> None:
        while not self._stopped:
            self._wake.clear()
            try:
                self.deliver_due()
            except Exception:
                logger.exception("the notifier stumbled")
            self._wake.wait(0.5)

    def stop(self) -> None:
        self._stopped = True
        self._wake.set()
