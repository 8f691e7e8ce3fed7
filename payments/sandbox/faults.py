"""Fault switches of the local gateway: what may go wrong between Alipay and a merchant, on purpose, so many times.

In a process: `sandbox.faults.set("notify_lost", times=2)`. Over HTTP: the page /faults, or
`curl -d name=notify_lost -d times=2 http://127.0.0.1:8001/faults`. They live in the memory of the process.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

LONGEST_SECONDS = 3600.0
SWITCHES = {
    "notify_early": "通知先到，应答后到",
    "notify_late": "通知推迟若干秒（随 --speed 加快）",
    "notify_twice": "同一条通知连发两次",
    "notify_out_of_order": "通知压住，等下一条发出后再发",
    "notify_lost": "通知丢失，也不重发",
    "notify_wrongly_signed": "通知的签名是错的",
    "notify_sha1": "通知用 SHA-1 签名，却声称 RSA2",
    "notify_other_seller": "通知写着别的收款方，签名正确",
    "notify_altered_amount": "通知的金额多出一元，签名正确",
    "answer_lost": "事情办完，应答丢失",
    "slow": "事情办完，应答推迟若干秒",
    "unavailable": "什么也没办，回答服务不可用（20000）",
    "cert_sn_before_sign": "证书方式的应答里，证书号写在签名前面",
    "split_in_progress": "分账其实已办完，查询仍说处理中",
    "code_dies_at_close": "没人扫过的码：关闭时回答交易不存在，码却已失效",
}
WITH_SECONDS = frozenset({"notify_late", "slow"})
WITH_ONLY = frozenset({"answer_lost", "slow", "unavailable", "cert_sn_before_sign"})  # may be for one method alone


class FaultRefused(ValueError):
    """Say in a sentence why a switch cannot be set so."""


@dataclass(frozen=True)
class Fault:
    """A switch that is on: so many times more (None: until it is turned off), for one method or (empty) for any."""

    times: int | None = 1
    seconds: float = 0.0
    only: str = ""


class Faults:
    """Hold the switches. `sleep` waits for slow answers; tests hand in their own."""

    def __init__(self, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.sleep = sleep
        self._on: dict[str, Fault] = {}
        self._lock = threading.Lock()

    def set(self, name: str, *, times: int | None = 1, seconds: float = 0.0, only: str = "") -> None:
        """Turn a switch on; refuses unknown names, times below one, and seconds that are missing, too many or not for it."""
        if name not in SWITCHES:
            raise FaultRefused(f"没有开关 {name}。")
        if times is not None and times < 1:
            raise FaultRefused("次数至少为一；不写则一直有效。")
        if name in WITH_SECONDS and not 0 < seconds <= LONGEST_SECONDS:
            raise FaultRefused(f"{name} 的秒数须大于零，不超过 {LONGEST_SECONDS:.0f}。")
        if name not in WITH_SECONDS and seconds:
            raise FaultRefused(f"{name} 没有秒数。")
        with self._lock:
            self._on[name] = Fault(times, seconds, only)

    def clear(self, name: str = "") -> None:
        """Turn one switch off, or all of them."""
        with self._lock:
            for switch in [name] if name else list(self._on):
                self._on.pop(switch, None)

    def on(self) -> dict[str, Fault]:
        """Return the switches that are on."""
        with self._lock:
            return dict(self._on)

    def take(self, name: str, *, method: str = "") -> Fault | None:
        """Use a switch once: the fault to make, or None when the switch is off or is for another method."""
        with self._lock:
            fault = self._on.get(name)
            if fault is None or (fault.only and fault.only != method):
                return None
            if fault.times == 1:
                del self._on[name]
            elif fault.times is not None:
                self._on[name] = replace(fault, times=fault.times - 1)
            return fault
