"""What a selection is computed from: the need's prices, its firms with their offers and points, and the frozen rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FULL_CREDIT = 10_000  # hundredths of a point


class Malformed(ValueError):
    """Inputs or rules from which nothing can be ranked; `code` is stable, the text is for programmers."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer: integer fen, and its place 1..n in the order of acceptance."""

    amount_fen: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Firm:
    """One firm: its label, its 统一社会信用代码, its credit in hundredths 0..10000, offers, and hundredths of a point by criterion."""

    label: str
    code: str
    credit: int
    offers: tuple[Offer, ...]
    points: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Case:
    """All that a method looks at, free of the order in which it came: the firms stand by code.

    With `up` a right is sold: the ceiling is the start price, the lowest that an offer may have, and the highest wins.
    """

    tender: str
    ceiling_fen: int
    floor_fen: int | None
    firms: tuple[Firm, ...]
    pick: str | None
    up: bool = False


def read(inputs: Mapping[str, Any]) -> Case:
    """Return the case of JSON inputs.

    Refuses with `inputs_malformed` what is missing or of the wrong kind, with `amount_invalid` a price below one fen or a
    floor above the ceiling, with `credit_out_of_range`, and with `duplicate_firm` a label or code that stands twice.
    """
    try:
        ceiling, floor, tender = inputs["ceiling_fen"], inputs["floor_fen"], _text(inputs["tender"])
        pick = None if inputs.get("pick") is None else _text(inputs["pick"])
        direction = inputs.get("direction", "down")
        firms = tuple(sorted((_firm(row) for row in inputs["firms"]), key=lambda firm: firm.code))
    except (KeyError, TypeError, AttributeError) as error:
        raise Malformed("inputs_malformed", f"Something is missing or of the wrong kind: {error!r}.") from error
    if direction not in ("down", "up"):
        raise Malformed("inputs_malformed", f"A direction is down or up, not {direction!r}.")
    _amount(ceiling)
    if floor is not None and _amount(floor) > ceiling:
        raise Malformed("amount_invalid", "The floor is above the ceiling.")
    if len({firm.code for firm in firms}) < len(firms) or len({firm.label for firm in firms}) < len(firms):
        raise Malformed("duplicate_firm", "A label or a code stands twice.")
    return Case(tender, ceiling, floor, firms, pick, up=direction == "up")


def whole(rules: Mapping[str, Any], name: str, least: int, default: int | None = None) -> int:
    """Return a whole number of the rules, or refuse with `rules_malformed`."""
    value = rules.get(name, default)
    if not _is_whole(value) or value < least:
        raise Malformed("rules_malformed", f"{name} is a whole number from {least}, not {value!r}.")
    return int(value)


def _firm(row: Mapping[str, Any]) -> Firm:
    credit = row["credit"]
    if not _is_whole(credit) or not 0 <= credit <= FULL_CREDIT:
        raise Malformed("credit_out_of_range", f"Credit is hundredths of a point from 0 to {FULL_CREDIT}.")
    offers = tuple(sorted((_offer(offer) for offer in row["offers"]), key=lambda offer: offer.sequence))
    points = {_text(key): tuple(values) for key, values in row.get("points", {}).items()}
    return Firm(_text(row["firm"]), _text(row["code"]), credit, offers, points)


def _offer(row: Mapping[str, Any]) -> Offer:
    sequence = row["sequence"]
    if not _is_whole(sequence):
        raise TypeError(f"sequence {sequence!r}")
    return Offer(_amount(row["amount_fen"]), sequence)


def _amount(value: Any) -> int:
    if not _is_whole(value) or value < 1:
        raise Malformed("amount_invalid", f"An amount is whole fen from 1, not {value!r}.")
    return int(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"text {value!r}")
    return value


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
