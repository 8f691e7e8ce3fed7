"""Records: what contracts say of many firms at once, in a fixed number of queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Max

from marketplace.catalog.models import Region
from marketplace.contracts.models import Contract, Deliverable
from marketplace.contracts.states import ContractStatus, DeliverableStatus, MilestoneStatus
from marketplace.core.workdays import end_of
from marketplace.tenders.models import AuctionDirection

from .factors import FirmFacts


@dataclass(frozen=True)
class Districts:
    """Know of every place in which district it lies; a whole city is a district of its own that holds all of its districts."""

    of: Mapping[int, tuple[str, ...]]
    names: Mapping[str, str]

    @classmethod
    def read(cls) -> Districts:
        """Read the places, in one query."""
        rows = {region.pk: region for region in Region.objects.all()}
        chains: dict[int, tuple[str, ...]] = {}
        for pk in rows:
            chain: list[str] = []
            at: int | None = pk
            while at is not None:
                if rows[at].level not in {Region.Level.TOWNSHIP, Region.Level.PROVINCE}:
                    chain.append(rows[at].code)
                at = rows[at].parent_id
            chains[pk] = tuple(chain)
        return cls(chains, {region.code: region.label for region in rows.values()})

    def first(self, region: int) -> tuple[str, str]:
        """Return code and name of the district in which a place lies, both empty for one that lies in none."""
        chain = self.of.get(region, ())
        return (chain[0], self.names[chain[0]]) if chain else ("", "")


@dataclass
class Record:
    """What contracts say of one firm."""

    done: Counter[str] = field(default_factory=Counter)
    done_in: Counter[tuple[str, str]] = field(default_factory=Counter)
    steps: int = 0
    steps_on_time: int = 0

    def facts(self, firm: int, credit: int, lacks: str = "") -> FirmFacts:
        """Return the facts that the factors take."""
        return FirmFacts(firm, lacks, self.done, self.done_in, self.steps, self.steps_on_time, credit)


def records_of(firms: Any, districts: Districts, services: Iterable[int] | None = None) -> dict[int, Record]:
    """Return the records of the firms that have one; `firms` are keys or a query of them, `services` narrow the experience.

    Two queries. Sales of rights are no services; a step counts by the result that was accepted.
    """
    found: dict[int, Record] = defaultdict(Record)
    contracts = Contract.objects.filter(supplier__in=firms, status=ContractStatus.COMPLETED)
    contracts = contracts.exclude(tender__auction_direction=AuctionDirection.UP)
    if services is not None:
        contracts = contracts.filter(tender__service__in=services)
    grouped = contracts.order_by().values_list("supplier", "tender__service__code", "tender__region")
    for firm, service, region, count in grouped.annotate(number=Count("pk")):
        found[firm].done[service] += count
        for district in districts.of.get(region, ()):
            found[firm].done_in[service, district] += count
    handed_in = Deliverable.objects.filter(
        milestone__contract__supplier__in=firms,
        milestone__status__in=[MilestoneStatus.ACCEPTED, MilestoneStatus.SETTLED],
        status=DeliverableStatus.ACCEPTED,
    )
    steps = handed_in.order_by().values_list("milestone", "milestone__contract__supplier", "milestone__due_date")
    for _step, firm, due_date, at in steps.annotate(last=Max("uploaded_at")):
        found[firm].steps += 1
        found[firm].steps_on_time += at < end_of(due_date)
    return found
