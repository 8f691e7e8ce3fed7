"""An auction as a hundred lines of plain Python, written apart from the engine: what it says must be what the rows say."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass
class Model:
    """Hold what a person with a pencil would keep of an auction."""

    mode: str
    sign: int
    start: int
    step: int
    window: timedelta
    most: int
    ends: datetime
    hard: datetime
    status: str = "open"
    log: list[dict] = field(default_factory=list)  # accepted bids: who, amount, at, end before it, void
    answers: dict[tuple[int, str], tuple[int, object]] = field(default_factory=dict)
    extended: int = 0
    paused_at: datetime | None = None

    def standing(self, who: int) -> int | None:
        mine = [row["amount"] for row in self.log if row["who"] == who and not row["void"]]
        return mine[-1] if mine else None

    @property
    def best(self) -> tuple[int | None, int | None]:
        """Give (amount, who): the best valid bid, of equal ones the earliest."""
        valid = [
            (self.sign * row["amount"], place, row["who"]) for place, row in enumerate(self.log) if not row["void"]
        ]
        if not valid:
            return None, None
        amount, _place, who = min(valid)
        return self.sign * amount, who

    def bid(self, who: int, amount: int, key: str, at: datetime) -> object:
        """Return the number of the bid, or the code of its refusal; the same key gets the same answer."""
        known = self.answers.get((who, key))
        if known is not None:
            return known[1] if known[0] == amount else "key_reused"
        answer = self._decide(who, amount, at)
        self.answers[who, key] = amount, answer
        return answer

    def _decide(self, who: int, amount: int, at: datetime) -> object:
        self.close(at)
        if self.status == "paused":
            return "auction_paused"
        if self.status != "open":
            return "auction_closed"
        best, leader = self.best
        if leader == who:
            return "already_leading"
        if self.sign * amount > self.sign * self.start:
            return "above_ceiling" if self.sign == 1 else "below_start"
        price = best if self.mode == "open" else self.standing(who)
        if price is not None and self.sign * amount > self.sign * price - self.step:
            if self.mode == "rank":
                return "own_not_improved"
            return "not_low_enough" if self.sign == 1 else "not_high_enough"
        betters = best is None or self.sign * amount < self.sign * best
        self.log.append({"who": who, "amount": amount, "at": at, "end": self.ends, "void": False})
        wanted = min(at + self.window, self.hard)
        if betters and self.extended < self.most and wanted > self.ends:
            self.ends, self.extended = wanted, self.extended + 1
        return len(self.log)

    def close(self, at: datetime) -> bool:
        if self.status == "open" and at >= self.ends:
            self.status = "closed" if self.best[0] is not None else "failed"
        return self.status in {"closed", "failed"}

    def pause(self, at: datetime) -> bool:
        if self.status != "open" or at >= self.ends:
            return False
        self.status, self.paused_at = "paused", at
        return True

    def resume(self, at: datetime) -> bool:
        if self.status != "paused":
            return False
        away = at - self.paused_at
        self.status, self.paused_at = "open", None
        self.ends, self.hard = self.ends + away, self.hard + away
        return True

    def void(self, number: int, at: datetime) -> bool:
        runs = self.status == "paused" or (self.status == "open" and at < self.ends)
        if not runs or self.log[number - 1]["void"]:
            return False
        self.log[number - 1]["void"] = True
        return True
