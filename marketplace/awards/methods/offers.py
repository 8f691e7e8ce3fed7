"""Offers that count: within the limits, their mean, who is abnormally low, who is dropped from the mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .inputs import Case, Firm, Malformed, whole
from .results import Out


@dataclass(frozen=True, slots=True)
class Valid:
    """A firm with the offer that counts: integer fen, its place in the order of acceptance."""

    firm: Firm
    amount_fen: int
    sequence: int


def valid_offers(case: Case, *, sealed: bool = True) -> tuple[list[Valid], list[Out]]:
    """Return each firm's best offer within the limits, and the firms that have none, with the reason.

    The best is the lowest within ceiling and floor; where the price goes up the highest from the start price on. A sealed
    offer is at most one per firm (`offers_too_many`). Of a firm with none within the limits its best offer gives the reason:
    above_ceiling or below_floor, below_start; without any: no_offer.
    """
    sign = -1 if case.up else 1
    valid, out = [], []
    for firm in case.firms:
        if sealed and len(firm.offers) > 1:
            raise Malformed("offers_too_many", f"{firm.label} has more than one sealed offer.")
        fitting = [offer for offer in firm.offers if _fits(offer.amount_fen, case)]
        if fitting:
            best = min(fitting, key=lambda offer: (sign * offer.amount_fen, offer.sequence))
            valid.append(Valid(firm, best.amount_fen, best.sequence))
        elif firm.offers:
            best_fen = sign * min(sign * offer.amount_fen for offer in firm.offers)
            out.append(Out(firm, _why_not(best_fen, case), best_fen))
        else:
            out.append(Out(firm, "no_offer"))
    return valid, out


def at_the_ceiling(case: Case) -> list[Valid]:
    """Return all firms at the fixed price, which is the ceiling; refuse offers with `offer_not_expected`."""
    if any(firm.offers for firm in case.firms):
        raise Malformed("offer_not_expected", "The owner fixes the price: there are no offers.")
    return [Valid(firm, case.ceiling_fen, 0) for firm in case.firms]


def mean(offers: Sequence[Valid]) -> Fraction:
    """Return the exact mean in fen."""
    return Fraction(sum(offer.amount_fen for offer in offers), len(offers))


def dropped_extremes(ordered: Sequence[Valid]) -> tuple[Valid, Valid]:
    """Return the one highest and the one lowest offer to drop, from offers in the order of ties.

    Of several equally high or low the one that stands last in the order of ties goes, so that better credit keeps a firm
    in. When all are equal the last goes as highest and the one before it as lowest.
    """
    highest = _last(ordered, max)
    return highest, _last([offer for offer in ordered if offer is not highest], min)


def drop_from(rules: Mapping[str, Any]) -> int:
    """Return from how many offers on two are dropped: 3 at least, so that one is left."""
    return whole(rules, "drop_from", least=3)


def low_facts(offers: Sequence[Valid], rules: Mapping[str, Any]) -> tuple[dict[str, Any], Callable[[Valid], bool]]:
    """Return the limit of abnormally low offers in percent of the mean of all valid ones (0: none), and the test for it.

    Such an offer keeps its rank; the firm owes a statement of its cost (domain table, 最低价).
    """
    percent = whole(rules, "low_offer_percent", least=0, default=60)
    limit = percent * sum(offer.amount_fen for offer in offers)
    return {"low_offer_percent": percent}, lambda offer: offer.amount_fen * 100 * len(offers) < limit


def _why_not(amount_fen: int, case: Case) -> str:
    if case.up:
        return "below_start"
    return "above_ceiling" if amount_fen > case.ceiling_fen else "below_floor"


def _fits(amount_fen: int, case: Case) -> bool:
    if case.up:
        return amount_fen >= case.ceiling_fen
    return (case.floor_fen or 0) <= amount_fen <= case.ceiling_fen


def _last(ordered: Sequence[Valid], extreme: Callable[[Iterable[int]], int]) -> Valid:
    amount = extreme(offer.amount_fen for offer in ordered)
    return [offer for offer in ordered if offer.amount_fen == amount][-1]
