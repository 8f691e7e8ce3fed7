"""Methods in which the price nearest to a reference wins: best price, and average price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import floor
from typing import Any

from marketplace.awards import draw

from .inputs import Case, Malformed
from .offers import Valid, drop_from, dropped_extremes, low_facts, mean, valid_offers
from .ordering import needed, put_in_order, reason, ties_of
from .results import Out, Result, Standing, exact, result


def best_priced(method: str, case: Case, rules: Mapping[str, Any], seed: str | None) -> Result:
    """竞价选取（最优价）: nearest to the mean of the offers times a drawn factor, rounded half up to a whole fen.

    From `drop_from` offers on one highest and one lowest are left out of the mean and cannot win. The factor is drawn with
    the seed among `factors_percent` under purpose "factor", so nobody can choose it when the offers are known.
    """
    valid, out = valid_offers(case)
    if not valid:
        return result(method, rules, case, standings=(), out=out, code="no_offer", facts={"offers": 0})
    factor = draw.pick(needed(seed), case.tender, "factor", _factors(rules))
    rest, dropped = _without_extremes(valid, case, rules, seed)
    middle = mean(rest)
    reference = floor(middle * factor / 100 + Fraction(1, 2))
    facts = {"factor_percent": factor, "reference_fen": reference}
    return _nearest(
        method,
        rules,
        case,
        seed,
        valid=valid,
        rest=rest,
        out=[*out, *dropped],
        reference=Fraction(reference),
        facts={"mean_fen": exact(middle), **facts},
    )


def averaged(method: str, case: Case, rules: Mapping[str, Any], seed: str | None) -> Result:
    """均价选取: nearest to the exact mean of the offers from below; those above it follow, the nearest first.

    From `drop_from` offers on one highest and one lowest are left out of the mean and cannot win.
    """
    valid, out = valid_offers(case)
    if not valid:
        return result(method, rules, case, standings=(), out=out, code="no_offer", facts={"offers": 0})
    rest, dropped = _without_extremes(valid, case, rules, seed)
    middle = mean(rest)
    return _nearest(
        method,
        rules,
        case,
        seed,
        valid=valid,
        rest=rest,
        out=[*out, *dropped],
        reference=middle,
        facts={"mean_fen": exact(middle)},
        not_above=True,
    )


def _nearest(
    method: str,
    rules: Mapping[str, Any],
    case: Case,
    seed: str | None,
    *,
    valid: Sequence[Valid],
    rest: Sequence[Valid],
    out: Sequence[Out],
    reference: Fraction,
    facts: Mapping[str, Any],
    not_above: bool = False,
) -> Result:
    """Rank by distance to the reference, with `not_above` those above it behind the others, and say what decided."""
    # The distance in parts of a fen is a whole number: exact, and quicker to compare than fractions.
    target, part = reference.numerator, reference.denominator

    def parts_away(offer: Valid) -> int:
        return offer.amount_fen * part - target

    ordered = put_in_order(
        rest,
        lambda offer: (not_above and parts_away(offer) > 0, abs(parts_away(offer))),
        ties=ties_of(rules),
        tender=case.tender,
        seed=seed,
    )
    limit, is_low = low_facts(valid, rules)
    standings = []
    for rank, (offer, decided) in enumerate(ordered, start=1):
        # The lowest offer is never above the mean, so the first place is not either.
        first, later = "nearest", "farther"
        if not_above:
            first, later = "nearest_not_above", "above_mean" if parts_away(offer) > 0 else "farther"
        word = "only_offer" if len(valid) == 1 else reason(rank, decided, first=first, later=later)
        shown = {"distance_fen": exact(Fraction(abs(parts_away(offer)), part)), "is_low": is_low(offer)}
        standings.append(Standing(offer.firm, offer.amount_fen, word, shown))
    counts = {"offers": len(valid), "counted": len(rest)}
    return result(
        method,
        rules,
        case,
        standings=standings,
        out=out,
        code=standings[0].reason,
        facts={**counts, **facts, **limit},
    )


def _without_extremes(
    valid: Sequence[Valid], case: Case, rules: Mapping[str, Any], seed: str | None
) -> tuple[list[Valid], list[Out]]:
    """Return the offers that make the mean, and one highest and one lowest that are dropped when there are enough."""
    if len(valid) < drop_from(rules):
        return list(valid), []
    by_amount = put_in_order(valid, lambda offer: offer.amount_fen, ties=ties_of(rules), tender=case.tender, seed=seed)
    highest, lowest = dropped_extremes([offer for offer, _decided in by_amount])
    rest = [offer for offer in valid if offer is not highest and offer is not lowest]
    return rest, [
        Out(highest.firm, "dropped_high", highest.amount_fen),
        Out(lowest.firm, "dropped_low", lowest.amount_fen),
    ]


def _factors(rules: Mapping[str, Any]) -> list[int]:
    factors = rules.get("factors_percent")
    if not isinstance(factors, list | tuple) or not factors:
        raise Malformed("rules_malformed", "factors_percent is a list of whole percents.")
    if any(type(factor) is not int or not 1 <= factor <= 200 for factor in factors):
        raise Malformed("rules_malformed", "A factor is a whole percent from 1 to 200.")
    return list(factors)
