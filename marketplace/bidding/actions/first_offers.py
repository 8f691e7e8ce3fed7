"""The sealed first stage (rule R12): offers that were opened when the auction opens become its first bids."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.tenders.models import Tender

from ..engine import Accepted
from ..queries import opened_offers
from .locked import Locked, Placed


@dataclass(frozen=True)
class FirstOffers:
    """Be the first bids, yet to be written, and the labels of the firms that made them: only these may bid on."""

    placed: list[Placed]
    labels: list[str]


def enter_first_offers(locked: Locked, tender: Tender) -> FirstOffers:
    """Take the opened offers into the state: the worst first, of equal ones the one that was handed in earlier.

    So the last of them is the best, an equal one that came later does not lead, and steps count from there on.
    """
    terms, state = locked.terms, locked.state
    offers = [(int(offer.amount_fen or 0), offer) for offer in opened_offers(tender)]
    offers = [(amount, offer) for amount, offer in offers if terms.keeps(amount, terms.ceiling_fen)]
    offers.sort(key=lambda row: (-terms.sign * row[0], row[1].submitted_at, row[1].pk))
    placed = []
    for amount, offer in offers:
        accepted = Accepted(
            sequence=state.sequence + 1,
            label=offer.bidder.label,
            amount_fen=amount,
            kind="initial",
            ends_at=state.ends_at,
            extended=False,
            extensions=0,
        )
        state.accept(accepted, terms)
        placed.append(Placed(accepted, offer.bidder_id, f"initial-{accepted.sequence}", offer.submitted_by_id))
    return FirstOffers(placed, sorted(offer.bidder.label for _amount, offer in offers))
