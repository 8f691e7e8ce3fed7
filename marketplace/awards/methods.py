"""Selection methods: pure functions from offers and rules to a ranking and its explanation, for anybody to replay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Offer:
    """One accepted offer: the firm's label, integer fen, and its place 1..n in the order of acceptance."""

    firm: str
    amount_fen: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Place:
    """One firm in the result. `rank` counts from 1; 0 stands for a firm that made no offer.

    `reason` is one of lowest, lowest_earlier, same_later, higher, no_offer.
    """

    rank: int
    firm: str
    amount_fen: int
    sequence: int
    offers: int
    reason: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the first is the first. `code` is one of lowest, lowest_earlier, only_offer, no_offer."""

    method: str
    rules_version: int
    code: str
    firm: str
    amount_fen: int
    sequence: int
    firms: int
    offers: int
    places: tuple[Place, ...]

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON keeps it: strings, integers and lists."""
        data = asdict(self)
        data["places"] = [asdict(place) for place in self.places]
        return data


def lowest_bid(
    bids: Iterable[Offer], rules: Mapping[str, Any], firms: Iterable[str] = ()
) -> tuple[list[Place], Explanation]:
    """Rank firms of a live auction by their lowest offer; of equal ones the earlier accepted comes first.

    `bids` are all accepted offers in any order, `firms` the labels of all who signed up, so that those without an
    offer stand in the table too (rank 0, at the end). Amounts are integer fen. Refuses nothing; no offers, no first place.
    """
    offers = list(bids)
    best: dict[str, Offer] = {}
    count: dict[str, int] = {}
    for offer in offers:
        count[offer.firm] = count.get(offer.firm, 0) + 1
        if offer.firm not in best or _order(offer) < _order(best[offer.firm]):
            best[offer.firm] = offer
    ordered = sorted(best.values(), key=_order)
    lowest = ordered[0].amount_fen if ordered else 0
    is_shared = len(ordered) > 1 and ordered[1].amount_fen == lowest
    ranking = [
        Place(
            rank=rank,
            firm=offer.firm,
            amount_fen=offer.amount_fen,
            sequence=offer.sequence,
            offers=count[offer.firm],
            reason=_reason(rank, offer.amount_fen == lowest, is_shared),
        )
        for rank, offer in enumerate(ordered, start=1)
    ]
    silent = sorted(set(firms) - set(best))
    places = (*ranking, *(Place(0, firm, 0, 0, 0, "no_offer") for firm in silent))
    if not ranking:
        code = "no_offer"
    elif len(ranking) == 1:
        code = "only_offer"
    else:
        code = ranking[0].reason
    first = ranking[0] if ranking else Place(0, "", 0, 0, 0, "no_offer")
    return ranking, Explanation(
        method="lowest_bid",
        rules_version=int(rules.get("version", 0)),
        code=code,
        firm=first.firm,
        amount_fen=first.amount_fen,
        sequence=first.sequence,
        firms=len(places),
        offers=len(offers),
        places=places,
    )


def _order(offer: Offer) -> tuple[int, int]:
    return offer.amount_fen, offer.sequence


def _reason(rank: int, is_lowest: bool, is_shared: bool) -> str:
    if rank == 1:
        return "lowest_earlier" if is_shared else "lowest"
    return "same_later" if is_lowest else "higher"
