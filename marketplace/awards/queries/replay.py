"""Compute a finished choice again, from what its rows say, and tell what does not come out the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from marketplace.tenders.models import Method

from .. import draw
from ..methods import Malformed, rank
from ..models import Selection
from ..states import SelectionStatus
from .inputs import gather


def finished_selections() -> QuerySet[Selection]:
    """Return the choices that have a result."""
    return (
        Selection.objects.filter(status=SelectionStatus.DECIDED)
        .select_related("tender__process", "picked")
        .order_by("pk")
    )


def proof_of(selection: Selection) -> dict[str, Any] | None:
    """Return the proof document of a choice whose seed is revealed, else None; the form of draw.check."""
    if not selection.secret:
        return None
    return {
        "format": draw.FORMAT,
        "tender": selection.tender.number,
        "purpose": draw.PURPOSE,
        "commitment": selection.commitment,
        "secret": selection.secret,
        "salt": selection.salt,
        "pool": selection.pool,
        "pool_hash": selection.pool_hash,
        "beacon": selection.beacon,
        "seed": selection.seed,
        "order": draw.order(selection.seed, selection.tender.number, selection.pool),
    }


def replay(selection: Selection) -> Iterator[str]:
    """Yield a sentence for each thing that does not come out again: proof, inputs, ranking, the firm that was proposed."""
    tender = selection.tender
    number = tender.number
    document = proof_of(selection)
    if document is not None:
        yield from (f"{number}: {fault}" for fault in draw.check(document))
    elif selection.commitment and tender.method != Method.LIVE_AUCTION:
        yield f"{number}: the seed was never revealed"
    published = {
        event.name: event.data
        for event in tender.process.events.filter(name__in=("selection_committed", "pool_frozen")).order_by("number")
    }
    for name, key in (("selection_committed", "commitment"), ("pool_frozen", "pool_hash")):
        if name in published and published[name].get(key) != getattr(selection, key):
            yield f"{number}: {key} is not the one that was published"
    if gather(tender, selection) != selection.inputs:
        yield f"{number}: the inputs are not what bids, offers and marks say"
    try:
        result = rank(tender.method, selection.inputs, tender.rules, selection.seed or None).as_data()
    except Malformed as malformed:
        yield f"{number}: {malformed}"
        return
    if result != selection.result:
        yield f"{number}: the ranking does not come out again"
    firms = {place["rank"]: place["firm"] for place in result["ranking"]}
    for award in tender.awards.select_related("bidder"):
        if firms.get(award.rank) != award.bidder.label:
            yield f"{number}: the award of rank {award.rank} went to {award.bidder.label}"
