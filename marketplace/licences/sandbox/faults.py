"""Fault switches of the local library: slow, failing, or talking nonsense, so many times or until told otherwise."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from .store import ControlRefused

LONGEST_SECONDS = 3600.0
SWITCHES = {
    "slow": "每次应答推迟若干秒",
    "fail": "不办事，回答 503",
    "nonsense": "回答 200，内容不合约定",
    "unsigned": "回答正确，签名是错的",
}
NONSENSE = {
    "page": "一张网页，不是 JSON",
    "cut": "JSON 只有一半",
    "other": "别人的证照",
    "forged": "校验码不对的证照标识",
    "dates": "不存在的日期",
    "status": "约定之外的状态",
    "long": "过长的名称",
    "file": "可执行文件冒充 PDF",
}


@dataclass(frozen=True)
class Fault:
    """A switch that is on: so many times more (None: until it is turned off)."""

    times: int | None = None
    seconds: float = 0.0
    kind: str = ""


class Faults:
    """Hold the switches in the memory of the process."""

    def __init__(self) -> None:
        self._on: dict[str, Fault] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()

    def set(self, name: str, *, times: int | None = None, seconds: float = 0.0, kind: str = "") -> None:
        """Turn a switch on. `slow` needs seconds, `nonsense` a kind of NONSENSE; others have neither."""
        if name not in SWITCHES:
            raise ControlRefused(f"没有开关 {name}。")
        if times is not None and times < 1:
            raise ControlRefused("次数至少为一；不写则一直有效。")
        if (name == "slow") != (0 < seconds <= LONGEST_SECONDS):
            raise ControlRefused(f"“应答推迟”需要大于零、不超过 {LONGEST_SECONDS:.0f} 的秒数，其他开关没有秒数。")
        if (name == "nonsense") != (kind in NONSENSE):
            raise ControlRefused("“内容不合约定”需要选一种，其他开关没有种类。")
        with self._lock:
            self._on[name] = Fault(times, seconds, kind)

    def clear(self) -> None:
        """Turn all switches off."""
        with self._lock:
            self._on.clear()

    def on(self) -> dict[str, Fault]:
        """Return the switches that are on."""
        with self._lock:
            return dict(self._on)

    def take(self, name: str) -> Fault | None:
        """Use a switch once: the fault to make, or None when it is off."""
        with self._lock:
            fault = self._on.get(name)
            if fault is None:
                return None
            if fault.times == 1:
                del self._on[name]
            elif fault.times is not None:
                self._on[name] = replace(fault, times=fault.times - 1)
            return fault

    def wait(self, seconds: float) -> None:
        """Be slow, or until the library closes."""
        self._closing.wait(seconds)

    def close(self) -> None:
        """Let every slow answer go."""
        self._closing.set()
