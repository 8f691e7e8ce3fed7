"""Ties: which of equal firms comes first, and what decided it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

from marketplace.awards import draw

from .inputs import Malformed
from .offers import Valid

TIES: dict[str, Callable[[Valid], int]] = {
    "credit": lambda valid: -valid.firm.credit,
    "amount": lambda valid: valid.amount_fen,
}


def ties_of(rules: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what decides before the draw does; what the rules name after the draw cannot decide any more."""
    names = rules.get("ties", [])
    if not isinstance(names, list | tuple) or not set(names) <= {*TIES, "draw"}:
        raise Malformed("rules_malformed", f"ties is a list of credit, amount and draw, not {names!r}.")
    return tuple(names[: names.index("draw")] if "draw" in names else names)


def put_in_order(
    offers: Iterable[Valid],
    primary: Callable[[Valid], Any],
    *,
    ties: Sequence[str],
    tender: str,
    seed: str | None,
) -> list[tuple[Valid, str]]:
    """Return the offers ascending by `primary`, then by `ties`, at last by the draw with purpose "tie", each with what decided.

    What decided is "" for the primary itself, else credit, amount or draw: for the first what put it before the second,
    for the others what put them behind the one before. The draw is made among those only who are equal in all else; it
    is the same as one among all, for a firm's digest does not depend on the others.
    """
    keyed = sorted(
        ((_key(offer, primary, ties), offer) for offer in offers), key=lambda pair: (*pair[0], pair[1].firm.code)
    )
    ordered: list[tuple[Any, Valid]] = []
    for _equal, group in groupby(keyed, key=itemgetter(0)):
        rows = list(group)
        if len(rows) > 1:
            drawn = draw_order(seed, tender, [row[1].firm.code for row in rows], "tie")
            places = {code: place for place, code in enumerate(drawn)}
            rows.sort(key=lambda row: places[row[1].firm.code])
        ordered += rows
    if len(ordered) == 1:
        return [(ordered[0][1], "")]
    parts = ("", *ties)
    decided = [_decided(former[0], latter[0], parts) for former, latter in pairwise(ordered)]
    return [(row[1], word) for row, word in zip(ordered, [*decided[:1], *decided], strict=True)]


def draw_order(seed: str | None, tender: str, codes: Iterable[str], purpose: str) -> list[str]:
    """Return codes in the order of a draw with one ticket each."""
    return draw.order(needed(seed), tender, [{"code": code, "tickets": 1} for code in codes], purpose)


def needed(seed: str | None) -> str:
    """Return the seed, or refuse with `seed_missing` where chance must decide and there is none."""
    if not isinstance(seed, str) or len(seed) != 64 or seed.strip("0123456789abcdef"):
        raise Malformed("seed_missing", "Chance decides here and needs a seed: 64 lower-case hex digits.")
    return seed


def reason(rank: int, decided: str, *, first: str, later: str) -> str:
    """Return the stable word for a place: `first` or `first_by_credit`, `later` or `equal_by_credit`."""
    if rank == 1:
        return f"{first}_by_{decided}" if decided else first
    return f"equal_by_{decided}" if decided else later


def _key(offer: Valid, primary: Callable[[Valid], Any], ties: Sequence[str]) -> tuple[Any, ...]:
    return (primary(offer), *(TIES[name](offer) for name in ties))


def _decided(former: tuple[Any, ...], latter: tuple[Any, ...], parts: Sequence[str]) -> str:
    for mine, other, part in zip(former, latter, parts, strict=True):
        if mine != other:
            return part
    return "draw"
