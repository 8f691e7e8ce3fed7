"""One decision: a bid is accepted, with its place in the order and what it does to the end, or it is refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .terms import HIGHEST_FEN, Mode, Terms


class Refusal(Exception):
    """Say no to a bid: a stable code, the figures of the sentence, and whether asking again may help."""

    def __init__(self, code: str, **data: Any) -> None:
        super().__init__(code)
        self.code = code
        self.data = data


@dataclass(frozen=True, slots=True)
class Accepted:
    """Be an accepted bid with the auction's end and extensions as they are after it."""

    sequence: int
    label: str
    amount_fen: int
    kind: str
    ends_at: datetime
    extended: bool
    extensions: int


@dataclass(slots=True)
class State:
    """Hold where an auction stands. `standing` has each firm's own valid bid where the mode asks for it; `turn` its turn."""

    sequence: int
    best_fen: int | None
    leader: str
    ends_at: datetime
    hard_ends_at: datetime
    extensions: int
    standing: dict[str, int] = field(default_factory=dict)
    turn: str = ""

    def accept(self, accepted: Accepted, terms: Terms) -> None:
        """Take an accepted bid into the state."""
        self.sequence, self.ends_at, self.extensions = accepted.sequence, accepted.ends_at, accepted.extensions
        self.standing[accepted.label] = accepted.amount_fen
        if terms.is_better(accepted.amount_fen, self.best_fen):
            self.best_fen, self.leader = accepted.amount_fen, accepted.label


def take(
    state: State,
    terms: Terms,
    *,
    label: str,
    amount_fen: int,
    at: datetime,
    kind: str = "manual",
    confirmed: bool = True,
) -> Accepted:
    """Decide a bid at the moment `at` and take it into `state` when it is accepted; raises Refusal and changes nothing else.

    Refuses: `auction_closed`, `not_your_turn`, `already_leading`, `amount_invalid`, `above_ceiling` (in an auction that goes up
    `below_start`), `below_floor`, `no_lower_bid`, `not_low_enough` (`not_high_enough`), `own_not_improved` (by rank and in
    turns), `confirm_drop`.
    """
    if at >= state.ends_at:
        raise Refusal("auction_closed", ended=state.ends_at)
    if terms.mode == Mode.TURNS and label != state.turn:
        raise Refusal("not_your_turn", turn=state.turn)
    if terms.mode != Mode.TURNS and state.leader == label and not terms.leader_may_improve:
        raise Refusal("already_leading")
    _check_amount(state, terms, label, amount_fen, confirmed=confirmed)
    ends_at = _end_after(state, terms, label, amount_fen, at)
    extended = ends_at > state.ends_at
    accepted = Accepted(
        sequence=state.sequence + 1,
        label=label,
        amount_fen=amount_fen,
        kind=kind,
        ends_at=ends_at,
        extended=extended,
        extensions=state.extensions + int(extended),
    )
    state.accept(accepted, terms)
    return accepted


def _check_amount(state: State, terms: Terms, label: str, amount_fen: int, *, confirmed: bool) -> None:
    is_whole = isinstance(amount_fen, int) and not isinstance(amount_fen, bool)
    if not is_whole or not 0 < amount_fen <= HIGHEST_FEN:
        raise Refusal("amount_invalid")
    down = terms.sign == 1
    if not terms.keeps(amount_fen, terms.ceiling_fen):
        raise Refusal("above_ceiling" if down else "below_start", ceiling=terms.ceiling_fen)
    if terms.floor_fen is not None and amount_fen < terms.floor_fen:
        raise Refusal("below_floor", floor=terms.floor_fen)
    price = state.best_fen if terms.mode == Mode.OPEN else state.standing.get(label)
    legal = terms.next_legal(price)
    if legal <= 0:
        raise Refusal("no_lower_bid")
    if not terms.keeps(amount_fen, legal):
        if terms.mode != Mode.OPEN:
            raise Refusal("own_not_improved", own=price, legal=legal)
        best = terms.ceiling_fen if price is None else price
        raise Refusal("not_low_enough" if down else "not_high_enough", best=best, legal=legal)
    if not confirmed and terms.is_unusual(amount_fen, price):
        raise Refusal("confirm_drop", amount=amount_fen, price=terms.ceiling_fen if price is None else price)


def _end_after(state: State, terms: Terms, label: str, amount_fen: int, at: datetime) -> datetime:
    """Return the effective end after a bid: never earlier than before, never after the hard end (rule R4).

    Only a bid that betters the best price moves it, so that nobody prolongs an auction from behind.
    """
    if terms.mode == Mode.TURNS or state.extensions >= terms.max_extensions:
        return state.ends_at
    if not terms.is_better(amount_fen, state.best_fen):
        return state.ends_at
    return max(state.ends_at, min(at + timedelta(seconds=terms.window_seconds), state.hard_ends_at))


def best_of(bids: Iterable[tuple[str, int]], terms: Terms) -> tuple[int | None, str]:
    """Return the best amount and its firm among valid bids in their order; of equal ones the earlier stays first."""
    best, leader = None, ""
    for label, amount in bids:
        if terms.is_better(amount, best):
            best, leader = amount, label
    return best, leader


def standings(bids: Iterable[tuple[str, int]], terms: Terms) -> list[tuple[str, int]]:
    """Return each firm with its standing bid, the best first, of equal ones the earlier, from valid bids in their order."""
    own: dict[str, tuple[int, int]] = {}
    for place, (label, amount) in enumerate(bids):
        own[label] = (amount, place)
    ranked = sorted(own.items(), key=lambda row: (terms.sign * row[1][0], row[1][1]))
    return [(label, amount) for label, (amount, _place) in ranked]
