"""Credit-preferred selection: the best by credit, a weighted draw among them, and the owner's choice from those drawn first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marketplace.awards import draw

from .inputs import Case, Firm, Malformed, whole
from .offers import Valid, at_the_ceiling
from .ordering import needed, put_in_order
from .results import Out, Result, Standing, result


def tickets(method: str, credit: int) -> int:
    """Return how many tickets a firm has in the draw: its whole points of credit, 1 at least; one in every other method."""
    return max(1, credit // 100) if method == "credit" else 1


def preferred(method: str, case: Case, rules: Mapping[str, Any], seed: str | None) -> Result:
    """信用择优: the short list in the order of the draw, the owner's pick before the rest.

    The `long_list` best by credit (equal ones by draw, purpose "tie") are in the draw, with a ticket for each whole point of
    credit; the first `short_list` of them are what the owner may pick from. Without a pick the first drawn wins. Refuses
    with `pick_outside_short_list`. The proof's order runs over all who signed up: the long list stands in it in
    the same order, for nobody's digest depends on the others.
    """
    long, cut, short, not_drawn = _lists(case, rules, seed)
    drawn = {firm.code: place for place, firm in enumerate(short, start=1)}
    picked = next((firm for firm in short if firm.label == case.pick), None)
    if case.pick is not None and picked is None:
        raise Malformed("pick_outside_short_list", f"{case.pick} is not on the short list.")
    standings = [
        Standing(
            firm,
            case.ceiling_fen,
            _reason(firm, picked, drawn[firm.code], len(case.firms)),
            {"tickets": tickets(method, firm.credit), "drawn": drawn[firm.code]},
        )
        for firm in sorted(short, key=lambda firm: (firm is not picked, drawn[firm.code]))
    ]
    return result(
        method,
        rules,
        case,
        standings=standings,
        out=[*(Out(firm, "cut_off") for firm in cut), *(Out(firm, "not_drawn") for firm in not_drawn)],
        code=standings[0].reason if standings else "no_firm",
        facts={
            "long_list": [firm.label for firm in long],
            "short_list": [firm.label for firm in short],
            "pick": case.pick,
        },
    )


def short_list_of(case: Case, rules: Mapping[str, Any], seed: str | None) -> list[str]:
    """Return the labels that the owner may pick from, in the order of the draw; a pick in the inputs means nothing here."""
    return [firm.label for firm in _lists(case, rules, seed)[2]]


def _lists(
    case: Case, rules: Mapping[str, Any], seed: str | None
) -> tuple[list[Firm], list[Firm], list[Firm], list[Firm]]:
    """Return the long list by credit and who is cut off it, the short list in the order of the draw and who is not on it."""
    ordered = put_in_order(at_the_ceiling(case), _less_credit, ties=(), tender=case.tender, seed=seed)
    by_credit = [offer.firm for offer, _decided in ordered]
    length = whole(rules, "long_list", least=1)
    long, cut = by_credit[:length], by_credit[length:]
    pool = [{"code": firm.code, "tickets": tickets("credit", firm.credit)} for firm in long]
    firms = {firm.code: firm for firm in long}
    drawn = [firms[code] for code in draw.order(needed(seed), case.tender, pool)]
    size = whole(rules, "short_list", least=1)
    return long, cut, drawn[:size], drawn[size:]


def _less_credit(offer: Valid) -> int:
    return -offer.firm.credit


def _reason(firm: Firm, picked: Firm | None, place: int, firms: int) -> str:
    if firms == 1:
        return "only_firm"
    if firm is picked:
        return "picked"
    return "drawn_first" if place == 1 else "drawn_later"
