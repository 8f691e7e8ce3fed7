"""Methods in which the owner fixes the price: the firm it names, or the firm that is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .inputs import Case, Malformed
from .offers import at_the_ceiling
from .ordering import draw_order
from .results import Result, Standing, result


def named(method: str, case: Case, rules: Mapping[str, Any], _seed: str | None) -> Result:
    """直接选取 and 应急选取: the one named firm gets the need at its price. Refuses with `one_firm_only`."""
    if len(case.firms) != 1:
        raise Malformed("one_firm_only", f"The owner names one firm, not {len(case.firms)}.")
    standings = [Standing(offer.firm, offer.amount_fen, "named", {}) for offer in at_the_ceiling(case)]
    return result(method, rules, case, standings=standings, code="named", facts={})


def drawn(method: str, case: Case, rules: Mapping[str, Any], seed: str | None) -> Result:
    """随机选取: all who signed up in the order of the draw, one ticket each; the second and third are the substitutes."""
    offers = {offer.firm.code: offer for offer in at_the_ceiling(case)}
    order = [offers[code] for code in draw_order(seed, case.tender, offers, "draw")]
    first = "only_firm" if len(order) == 1 else "drawn_first"
    standings = [
        Standing(offer.firm, offer.amount_fen, first if rank == 1 else "drawn_later", {"tickets": 1})
        for rank, offer in enumerate(order, start=1)
    ]
    return result(method, rules, case, standings=standings, code=first if standings else "no_firm", facts={})
