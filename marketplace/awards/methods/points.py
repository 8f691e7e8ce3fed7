"""Methods in which published criteria decide: merit comparison by the owner, and scored comparison by several scorers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any

from .inputs import FULL_CREDIT, Case, Malformed, whole
from .offers import Valid, low_facts, valid_offers
from .ordering import put_in_order, reason, ties_of
from .results import Result, Standing, exact, result

ALL_POINTS = 100
KINDS = ("price", "owner", "scorers", "credit")
JUDGED = ("owner", "scorers")


def compared(method: str, case: Case, rules: Mapping[str, Any], seed: str | None) -> Result:
    """方案择优 and 综合评分: firms by the exact sum of their points, equal ones by `ties` and at last by the draw.

    Price: the lowest valid offer / the firm's own x the points; credit: its share of 100 x the points; owner and scorers: the
    mean of the scores, without one highest and one lowest from `drop_scorers_from` scorers on. Refuses with criteria_malformed,
    criteria_not_100, missing_points, score_out_of_range, scorers_differ and scorers_too_few.
    """
    criteria = _criteria(rules)
    valid, out = valid_offers(case)
    scorers = _scorers(method, case, criteria, {offer.firm.code for offer in valid}, rules)
    lowest = min((offer.amount_fen for offer in valid), default=0)
    parts = {offer.firm.code: {row["key"]: _part(row, offer, lowest, rules) for row in criteria} for offer in valid}
    totals = {code: sum(points.values(), Fraction(0)) for code, points in parts.items()}
    ordered = put_in_order(
        valid, lambda offer: -totals[offer.firm.code], ties=ties_of(rules), tender=case.tender, seed=seed
    )
    limit, is_low = low_facts(valid, rules)
    standings = [
        Standing(
            offer.firm,
            offer.amount_fen,
            "only_offer" if len(valid) == 1 else reason(rank, decided, first="most_points", later="fewer_points"),
            {
                "total": exact(totals[offer.firm.code]),
                "points": {key: exact(value) for key, value in parts[offer.firm.code].items()},
                "is_low": is_low(offer),
            },
        )
        for rank, (offer, decided) in enumerate(ordered, start=1)
    ]
    return result(
        method,
        rules,
        case,
        standings=standings,
        out=out,
        code=standings[0].reason if standings else "no_offer",
        facts={
            "offers": len(valid),
            "lowest_fen": lowest,
            "scorers": scorers,
            "criteria": [dict(row) for row in criteria],
            **limit,
        },
    )


def _criteria(rules: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the criteria as {"key", "name", "points", "by"}; they add up to 100 points."""
    rows = rules.get("criteria")
    try:
        criteria = [{name: row[name] for name in ("key", "name", "points", "by")} for row in rows or ()]
    except (KeyError, TypeError) as error:
        raise Malformed("criteria_malformed", "A criterion is {key, name, points, by}.") from error
    keys = {row["key"] for row in criteria}
    if not criteria or len(keys) < len(criteria) or any(row["by"] not in KINDS for row in criteria):
        raise Malformed("criteria_malformed", f"Each criterion stands once and is judged by one of {', '.join(KINDS)}.")
    if any(type(row["points"]) is not int or row["points"] < 1 for row in criteria):
        raise Malformed("criteria_malformed", "The points of a criterion are a whole number from 1.")
    if sum(row["points"] for row in criteria) != ALL_POINTS:
        raise Malformed("criteria_not_100", f"The criteria add up to {ALL_POINTS} points.")
    return criteria


def _scorers(
    method: str, case: Case, criteria: Sequence[Mapping[str, Any]], ranked: Collection[str], rules: Mapping[str, Any]
) -> int:
    """Return how many scorers there were, after looking at every score of every firm."""
    counts = set()
    for row in criteria:
        if row["by"] not in JUDGED:
            continue
        for firm in case.firms:
            scores = firm.points.get(row["key"], ())
            if not scores:
                if firm.code in ranked:
                    raise Malformed("missing_points", f"{firm.label} has no points for {row['key']}.")
                continue
            if any(type(score) is not int or not 0 <= score <= 100 * row["points"] for score in scores):
                raise Malformed("score_out_of_range", f"A score for {row['key']} is 0 to {row['points']} points.")
            if row["by"] == "owner" and len(scores) != 1:
                raise Malformed("scorers_differ", f"{row['key']} is scored by the owner alone: one score.")
            if row["by"] == "scorers":
                counts.add(len(scores))
    if len(counts) > 1:
        raise Malformed("scorers_differ", "Every scorer scores every firm on every criterion.")
    scorers = counts.pop() if counts else 0
    if method == "scored" and ranked and _is_scored(criteria):
        least = whole(rules, "minimum_scorers", least=1)
        if scorers < least:
            raise Malformed("scorers_too_few", f"There are {scorers} scorers; the rules ask for {least}.")
    return scorers


def _is_scored(criteria: Sequence[Mapping[str, Any]]) -> bool:
    return any(row["by"] == "scorers" for row in criteria)


def _part(row: Mapping[str, Any], offer: Valid, lowest: int, rules: Mapping[str, Any]) -> Fraction:
    """Return a firm's exact points for one criterion."""
    if row["by"] == "price":
        return Fraction(lowest * row["points"], offer.amount_fen)
    if row["by"] == "credit":
        return Fraction(offer.firm.credit * row["points"], FULL_CREDIT)
    scores = sorted(offer.firm.points[row["key"]])
    # Two are dropped from three scorers on at least, so that one is left; without the setting all count.
    if rules.get("drop_scorers_from") is not None and len(scores) >= whole(rules, "drop_scorers_from", least=3):
        scores = scores[1:-1]
    return Fraction(sum(scores), 100 * len(scores))
