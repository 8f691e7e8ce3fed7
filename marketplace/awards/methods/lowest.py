"""Methods in which the price alone decides: the live auction, in either direction, and the request for quotes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .inputs import Case, Malformed
from .offers import low_facts, valid_offers
from .ordering import put_in_order, reason, ties_of
from .results import Result, Standing, result


def auctioned(method: str, case: Case, rules: Mapping[str, Any], _seed: str | None) -> Result:
    """竞价选取: firms by their best offer, the lowest first, where a right is sold the highest; of equal ones the earlier accepted.

    Whatever `ties` says: the order of acceptance is decided under the auction's lock, one after another, so equal offers
    always have one (rule R3 of the auction). Nobody's price is unusually low where a right is sold. Refuses with
    `sequence_repeated` two offers with the same place in it.
    """
    sequences = [offer.sequence for firm in case.firms for offer in firm.offers]
    if len(set(sequences)) < len(sequences):
        raise Malformed("sequence_repeated", "Two offers have the same sequence number.")
    valid, out = valid_offers(case, sealed=False)
    sign, first, later = (-1, "highest", "lower") if case.up else (1, "lowest", "higher")
    ordered = sorted(valid, key=lambda offer: (sign * offer.amount_fen, offer.sequence))
    limit, is_low = ({"direction": "up"}, lambda _offer: False) if case.up else low_facts(valid, rules)
    amounts = [offer.amount_fen for offer in ordered]
    standings = []
    for index, offer in enumerate(ordered):
        if len(ordered) == 1:
            word = "only_offer"
        elif index == 0:
            word = f"{first}_earlier" if amounts[0] == amounts[1] else first
        else:
            word = "same_later" if amounts[index] == amounts[index - 1] else later
        facts = {"sequence": offer.sequence, "offers": len(offer.firm.offers), "is_low": is_low(offer)}
        standings.append(Standing(offer.firm, offer.amount_fen, word, facts))
    return result(
        method,
        rules,
        case,
        standings=standings,
        out=out,
        code=standings[0].reason if standings else "no_offer",
        facts={"offers": len(sequences), **limit},
    )


def quoted(method: str, case: Case, rules: Mapping[str, Any], seed: str | None) -> Result:
    """询比选取: firms by their sealed price, equal ones by `ties` and at last by the draw; who was earlier means nothing."""
    valid, out = valid_offers(case)
    limit, is_low = low_facts(valid, rules)
    ordered = put_in_order(valid, lambda offer: offer.amount_fen, ties=ties_of(rules), tender=case.tender, seed=seed)
    standings = [
        Standing(
            offer.firm,
            offer.amount_fen,
            "only_offer" if len(valid) == 1 else reason(rank, decided, first="lowest", later="higher"),
            {"is_low": is_low(offer)},
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
        facts={"offers": len(valid), **limit},
    )
