"""The history checker: what clients saw, held against the log. Pure; it finds what an auction may never do.

Clients write down when they sent a bid and when they heard its answer, by one monotonic clock that all processes of the
machine share. A decision falls somewhere between the two, so whatever is only possible outside of that is wrong. The log is what
the database holds at the end. The idea is Jepsen's: faults may happen, but the history has to be explainable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import inf

OK, FAIL, INFO = "ok", "fail", "info"  # accepted, refused, never answered


@dataclass
class Op:
    """Be one bid as its client knows it; times in seconds of the monotonic clock, `wall` in seconds since 1970."""

    firm: str
    key: str
    amount_fen: int
    sent: float
    wall: float = 0.0
    answered: float = inf
    kind: str = INFO
    sequence: int | None = None
    code: str = ""

    @property
    def answered_wall(self) -> float:
        """Give when the answer came, in seconds since 1970."""
        return self.wall + self.answered - self.sent


@dataclass(frozen=True)
class Entry:
    """Be one accepted bid of the log; `at` and `ends_at` (the end that held when it was decided) in seconds since 1970."""

    sequence: int
    firm: str
    key: str
    amount_fen: int
    at: float
    ends_at: float


@dataclass(frozen=True)
class Terms:
    """Say how the auction goes; `ends_at` is the end that held at last."""

    ceiling_fen: int
    step_fen: int
    ends_at: float
    opens_at: float = 0.0


@dataclass
class History:
    """Hold everything that is known of one auction's bidding."""

    terms: Terms
    ops: Sequence[Op]
    log: Sequence[Entry]
    flaws: list[str] = field(default_factory=list)

    def accepted(self) -> dict[tuple[str, str], Op]:
        """Return the attempt behind each entry: by firm and key, the first that was sent."""
        found: dict[tuple[str, str], Op] = {}
        for op in sorted(self.ops, key=lambda op: op.sent):
            found.setdefault((op.firm, op.key), op)
        return found


def check(terms: Terms, ops: Iterable[Op], log: Iterable[Entry]) -> list[str]:
    """Return a sentence for each thing that cannot be, none when the history can be explained."""
    history = History(terms, list(ops), sorted(log, key=lambda entry: entry.sequence))
    flaws: list[str] = []
    for look in (_sequence, _amounts, _time, _answers, _order, _refusals):
        flaws += look(history)
    return flaws


def _sequence(history: History) -> list[str]:
    """I1: accepted sequences are 1..n without gap or repetition."""
    numbers = [entry.sequence for entry in history.log]
    return [] if numbers == list(range(1, len(numbers) + 1)) else [f"sequence has a gap or repeats: {numbers}"]


def _amounts(history: History) -> list[str]:
    """I2: each bid betters the one before by at least the step, the first keeps to the ceiling, nobody betters himself."""
    flaws, best, leader = [], history.terms.ceiling_fen + history.terms.step_fen, ""
    for entry in history.log:
        if entry.amount_fen > best - history.terms.step_fen:
            flaws.append(f"#{entry.sequence}: {entry.amount_fen} is not a step better than {best}")
        if entry.firm == leader:
            flaws.append(f"#{entry.sequence}: {leader} outbids itself")
        best, leader = entry.amount_fen, entry.firm
    return flaws


def _time(history: History) -> list[str]:
    """I4: nothing is accepted at or after the end that held then, by the database's clock, and that clock never goes back."""
    flaws, last = [], 0.0
    for entry in history.log:
        if entry.at >= entry.ends_at:
            flaws.append(f"#{entry.sequence}: accepted {entry.at - entry.ends_at:.6f} s after the end")
        if entry.at < history.terms.opens_at:
            flaws.append(f"#{entry.sequence}: accepted before the opening")
        if entry.at < last:
            flaws.append(f"#{entry.sequence}: earlier than the bid before")
        last = entry.at
    return flaws


def _answers(history: History) -> list[str]:
    """I3: an accepted bid is in the log once and as it was told, a refused one is not, an unanswered one at most once."""
    rows = Counter((entry.firm, entry.key) for entry in history.log)
    entries = {(entry.firm, entry.key): entry for entry in history.log}
    flaws = [f"{name}: {count} rows of one key" for name, count in rows.items() if count > 1]
    sent = {(op.firm, op.key) for op in history.ops}
    flaws += [f"{name}: in the log, but nobody sent it" for name in entries.keys() - sent]
    told: dict[tuple[str, str], int | None] = {}
    for op in history.ops:
        name = (op.firm, op.key)
        entry = entries.get(name)
        if op.kind == OK:
            if entry is None:
                flaws.append(f"{name}: acknowledged as #{op.sequence} and lost")
            elif (entry.sequence, entry.amount_fen) != (op.sequence, op.amount_fen):
                flaws.append(f"{name}: acknowledged as #{op.sequence} {op.amount_fen}, logged as {entry}")
            if told.setdefault(name, op.sequence) != op.sequence:
                flaws.append(f"{name}: one key, two answers")
        elif op.kind == FAIL and entry is not None and op.code not in NO_OUTCOME:
            flaws.append(f"{name}: refused with {op.code} and in the log as #{entry.sequence}")
    return flaws


def _order(history: History) -> list[str]:
    """Real time: what was answered before another was sent stands before it in the log."""
    flaws, sent_latest, latest = [], -inf, 0
    accepted = history.accepted()
    answered: dict[tuple[str, str], float] = {}
    for op in history.ops:
        if op.kind == OK:
            name = (op.firm, op.key)
            answered[name] = min(answered.get(name, inf), op.answered)
    for entry in history.log:
        name = (entry.firm, entry.key)
        op = accepted.get(name)
        if op is None:
            continue
        if answered.get(name, inf) < sent_latest:
            flaws.append(f"#{entry.sequence} was answered before #{latest} was even sent")
        if op.sent > sent_latest:
            sent_latest, latest = op.sent, entry.sequence
    return flaws


# These say that the bid was not even looked at, so the same key may be accepted later.
NO_OUTCOME = {"too_many_bids", "confirm_drop", "unavailable"}


@dataclass(frozen=True)
class State:
    """Be what held after a bid (or before the first): it may have existed between `first` and `last`, not outside."""

    best_fen: int | None
    leader: str
    first: float
    last: float


def states(history: History) -> list[State]:
    """Return the states that the log went through, each with the widest time in which it can have held.

    It began no earlier than every bid up to it was sent and ended no later than a later one was answered.
    """
    accepted = history.accepted()
    answered = {(op.firm, op.key): op.answered for op in history.ops if op.kind == OK}
    ends, until = [], inf
    for entry in reversed(history.log):
        until = min(until, answered.get((entry.firm, entry.key), inf))
        ends.append(until)
    ends.reverse()
    found = [State(None, "", -inf, ends[0] if ends else inf)]
    since = -inf
    for place, entry in enumerate(history.log):
        op = accepted.get((entry.firm, entry.key))
        since = max(since, op.sent if op else -inf)
        found.append(State(entry.amount_fen, entry.firm, since, ends[place + 1] if place + 1 < len(ends) else inf))
    return found


def _refusals(history: History) -> list[str]:
    """Every refusal is true of some moment between sending and answer. A code that nobody can justify here is a flaw."""
    held = states(history)
    flaws = []
    for op in history.ops:
        if op.kind != FAIL or op.code in NO_OUTCOME:
            continue
        judge = JUSTIFIED.get(op.code)
        if judge is None or not judge(history, held, op):
            flaws.append(f"{op.firm} {op.key}: refused with {op.code}, which was never true of {op.amount_fen}")
    return flaws


def _during(held: Iterable[State], op: Op, is_true: Callable[[State], bool]) -> bool:
    return any(state.first <= op.answered and state.last >= op.sent and is_true(state) for state in held)


def _not_low_enough(history: History, held: Sequence[State], op: Op) -> bool:
    step, ceiling = history.terms.step_fen, history.terms.ceiling_fen
    return _during(
        held, op, lambda state: op.amount_fen > (ceiling if state.best_fen is None else state.best_fen - step)
    )


def _already_leading(history: History, held: Sequence[State], op: Op) -> bool:
    return _during(held, op, lambda state: state.leader == op.firm)


def _key_reused(history: History, held: Sequence[State], op: Op) -> bool:
    return any(
        (other.firm, other.key) == (op.firm, op.key) and other.amount_fen != op.amount_fen and other.sent <= op.answered
        for other in history.ops
    )


JUSTIFIED: dict[str, Callable[[History, Sequence[State], Op], bool]] = {
    "not_low_enough": _not_low_enough,
    "already_leading": _already_leading,
    "key_reused": _key_reused,
    "above_ceiling": lambda history, held, op: op.amount_fen > history.terms.ceiling_fen,
    "auction_not_open": lambda history, held, op: op.wall < history.terms.opens_at,
    # By the end that held at last: every earlier end was still being extended, so nothing was over before.
    "auction_closed": lambda history, held, op: op.answered_wall >= history.terms.ends_at,
}
