"""Pace: how much of a thing somebody may ask for in a while."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Hashable

REMEMBERED = 10_000


class Bucket:
    """Allow `rate` things a second, and `burst` at once."""

    __slots__ = ("at", "burst", "left", "rate")

    def __init__(self, rate: float, burst: int) -> None:
        self.rate, self.burst = rate, burst
        self.left, self.at = float(burst), time.monotonic()

    def take(self) -> bool:
        """Take one, or say that none is left."""
        now = time.monotonic()
        self.left = min(self.burst, self.left + (now - self.at) * self.rate)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Buckets:
    """Hold a bucket for each of many, in this process; who was away longest is forgotten first, which gives it a full one."""

    def __init__(self, rate: float, burst: int) -> None:
        self.rate, self.burst = rate, burst
        self._known: OrderedDict[Hashable, Bucket] = OrderedDict()

    def forget(self) -> None:
        """Give everybody a full bucket."""
        self._known.clear()

    def take(self, who: Hashable) -> bool:
        """Take one from somebody's bucket, or say that none is left."""
        bucket = self._known.get(who)
        if bucket is None:
            bucket = self._known[who] = Bucket(self.rate, self.burst)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(who)
        return bucket.take()
