"""Proxy bidding: firms leave a limit, and the system bids for them no more than the others' limits make it (rule: docs/bidding.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .decisions import State
from .terms import Terms


@dataclass(frozen=True, slots=True)
class Proxy:
    """Be a firm's limit in fen; of equal limits the earlier (smaller `order`) comes first."""

    label: str
    limit_fen: int
    order: int


def answer(state: State, terms: Terms, proxies: Sequence[Proxy]) -> tuple[str, int] | None:
    """Return the next bid that the system makes for a firm, or None when nobody's limit asks for one.

    Among the firms that do not lead and whose limit allows a legal bid, the strongest bids. When no other limit is stronger, its
    bid is the least improvement that no other limit can answer with a full step; else it goes just so far that the stronger
    one, who leads, can do so. A caller that takes the bid and asks again has at most two answers to each bid of a person.
    """
    sign, step = terms.sign, terms.step_fen
    legal = terms.next_legal(state.best_fen)
    if legal <= 0:
        return None
    ranked = sorted(proxies, key=lambda one: (sign * one.limit_fen, one.order))
    able = [one for one in ranked if one.label != state.leader and sign * one.limit_fen <= sign * legal]
    if not able:
        return None
    strongest = able[0]
    rivals = [one for one in ranked if one is not strongest]
    wanted = sign * legal
    if rivals:
        rival = rivals[0]
        is_stronger = (sign * strongest.limit_fen, strongest.order) < (sign * rival.limit_fen, rival.order)
        unanswered = sign * rival.limit_fen + step - 1 if is_stronger else sign * strongest.limit_fen + 2 * step - 1
        wanted = min(wanted, unanswered)
    wanted = max(wanted, sign * strongest.limit_fen)
    return strongest.label, sign * wanted
