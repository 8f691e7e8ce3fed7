"""What must always hold of parties: spot checks follow from their seeds, and live offers from their notices."""

from __future__ import annotations

from collections.abc import Iterable

from marketplace.core.models import Event
from marketplace.core.proofs import proof

from .models import ServiceOffering, SpotCheckRound
from .sampling import faults, population_hash
from .states import OfferingStatus, PublicityStatus


@proof("spot_checks")
def draws_follow_from_their_seeds() -> Iterable[str]:
    """Draw every round again from its seed and population, and hold both against what was published before the draw."""
    for row in SpotCheckRound.objects.exclude(drawn_at=None).prefetch_related("checks__organization").order_by("pk"):
        values = {"commitment": row.commitment, "seed": row.seed, "population": row.population, "count": row.count}
        drawn = [check.organization.uscc or "" for check in row.checks.all()]
        said = published(row)
        wrong = faults(values, drawn)
        if said.get("commitment") != row.commitment:
            wrong.append("the commitment is not the one that was published")
        if said.get("population_hash") != population_hash(row.population):
            wrong.append("the population is not the one that was published")
        yield from (f"spot check {row.pk}: {sentence}" for sentence in wrong)


def published(row: SpotCheckRound) -> dict[str, object]:
    """Return what the events of a round said, the commitment and the population's hash among it."""
    events = Event.objects.filter(subject_type=row._meta.label_lower, subject_id=str(row.pk)).order_by("number")
    said: dict[str, object] = {}
    for event in events:
        said = {**event.data, **said}  # what was said first counts
    return said


@proof("publicity")
def live_offers_had_their_notice() -> Iterable[str]:
    """Check that no offer is live whose public notice still runs, is held or failed."""
    wrong = ServiceOffering.objects.filter(status=OfferingStatus.LIVE).exclude(publicity=None)
    for row in wrong.exclude(publicity__status=PublicityStatus.PASSED).select_related("organization", "service"):
        yield f"offer {row.pk} ({row.organization}, {row.service}) is live without its notice having passed"
