"""Sample where a server's threads are, when PROFILE names a file: `PROFILE=/tmp/costs.txt make bench ONLY=bids`.

Every few milliseconds the innermost function of each thread and the functions that led there are counted; threads that
only wait are left out. The file is renewed every two seconds, for a server may end without a word.
"""

import os
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType

TARGET = os.environ.get("PROFILE", "")
PAUSE, RENEW, LINES = 0.004, 2.0, 90
WAITING = {"wait", "_wait_for_tstate_lock", "select", "accept", "_worker", "run_forever"}
IDLE = {"asyncio/runners.py:Runner.run"}  # the loop itself is written in C and is no Python frame while it waits


def start() -> None:
    # Else a sample is taken where a thread waits or writes anyway, for only there would it let this one in.
    sys.setswitchinterval(0.0001)
    threading.Thread(target=_sample, daemon=True, name="profile").start()


def _sample() -> None:
    own, inner, total = Counter[str](), Counter[str](), 0
    me, written = threading.get_ident(), time.monotonic()
    while True:
        time.sleep(PAUSE)
        found = [frame for thread, frame in sys._current_frames().items() if thread != me and _is_busy(frame)]
        total += bool(found)
        for frame in found:
            _count(frame, own, inner)
        if time.monotonic() - written > RENEW:
            written = time.monotonic()
            _write(own, inner, total)


def _is_busy(frame: FrameType) -> bool:
    return frame.f_code.co_name not in WAITING and _name(frame) not in IDLE


def _count(frame: FrameType | None, own: Counter[str], inner: Counter[str]) -> None:
    assert frame is not None
    own[_name(frame)] += 1
    seen = set()
    while frame is not None:
        name = _name(frame)
        if name not in seen:
            seen.add(name)
            inner[name] += 1
        frame = frame.f_back


def _name(frame: FrameType) -> str:
    code = frame.f_code
    return f"{'/'.join(code.co_filename.split('/')[-2:])}:{code.co_qualname}"


def _write(own: Counter[str], inner: Counter[str], total: int) -> None:
    lines = [
        f"{total} samples in which anything was done; percent of them, all threads together",
        "",
        "with what it calls:",
    ]
    lines += [f"{100 * count / total:6.1f}  {name}" for name, count in inner.most_common(LINES)]
    lines += ["", "itself:"]
    lines += [f"{100 * count / total:6.1f}  {name}" for name, count in own.most_common(LINES)]
    Path(f"{TARGET}.{os.getpid()}").write_text("\n".join(lines) + "\n", encoding="utf-8")
