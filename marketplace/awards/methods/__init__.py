"""Selection methods: pure functions from inputs, frozen rules and a seed to a ranking and its reasons, for anybody to replay.

No clock, no database, no chance but the seed's; integers and exact fractions only; the order of the inputs means nothing.
Source of the rules: the domain's table of selection methods; where it is silent a setting of the rules decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .credit import preferred, short_list_of, tickets
from .fixed import drawn, named
from .inputs import Case, Malformed, read
from .lowest import auctioned, quoted
from .nearest import averaged, best_priced
from .points import compared
from .results import Place, Result, Unranked

__all__ = ["METHODS", "Malformed", "Place", "Result", "Unranked", "rank", "short_list", "tickets"]

METHODS: dict[str, Callable[[str, Case, Mapping[str, Any], str | None], Result]] = {
    "direct": named,
    "draw": drawn,
    "live_auction": auctioned,
    "best_price": best_priced,
    "average": averaged,
    "credit": preferred,
    "merit": compared,
    "scored": compared,
    "quotes": quoted,
    "emergency": named,
}


def rank(method: str, inputs: Mapping[str, Any], rules: Mapping[str, Any], seed: str | None = None) -> Result:
    """Return who stands where by a method, and why.

    `inputs` is {"tender", "ceiling_fen", "floor_fen" or None, "pick" or None, "firms": [{"firm": label, "code":
    统一社会信用代码, "credit": hundredths 0..10000, "offers": [{"amount_fen", "sequence"}], "points": {criterion: [hundredths of
    a point per scorer]}}]}: all valid bids of a live auction, one sealed offer at most, none where the owner fixes
    the price; "direction": "up" besides where the highest bid of a live auction wins. `rules` are the tender's own, with
    values by kind of money resolved. `seed` is 64 hex digits from the draw, needed by draw, credit and best_price, and where
    offers are equal in all else.

    Raises Malformed, a ValueError with a stable `code`: unknown_method, inputs_malformed, amount_invalid,
    credit_out_of_range, duplicate_firm, rules_malformed, seed_missing, one_firm_only, offer_not_expected, offers_too_many,
    sequence_repeated, pick_not_expected, pick_outside_short_list, criteria_malformed, criteria_not_100, missing_points,
    score_out_of_range, scorers_differ, scorers_too_few.
    """
    if method not in METHODS:
        raise Malformed("unknown_method", f"There is no method {method!r}.")
    case = read(inputs)
    if case.up and method != "live_auction":
        raise Malformed("inputs_malformed", "The price goes up in live bidding only.")
    if case.pick is not None and method != "credit":
        raise Malformed("pick_not_expected", "The owner picks in credit-preferred selection only.")
    return METHODS[method](method, case, rules, seed)


def short_list(inputs: Mapping[str, Any], rules: Mapping[str, Any], seed: str) -> list[str]:
    """Return the labels from which the owner may pick in credit-preferred selection, in the order of the draw."""
    return short_list_of(read(inputs), rules, seed)
