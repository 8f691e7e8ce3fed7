"""What is owed by when: each running milestone's next duty by the contract, and the legal payment date behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from marketplace.core.workdays import SHANGHAI, end_of, table_between
from marketplace.parties.models import Organization

from .models import Contract, Deliverable, Milestone
from .payment_terms import Stage, Term
from .queries import term_of, working_days_after
from .states import ContractStatus, MilestoneStatus
from .text import ACCEPT_DAYS, PAY_DAYS

OPEN = (MilestoneStatus.PLANNED, MilestoneStatus.DELIVERED, MilestoneStatus.ACCEPTED)


@dataclass(frozen=True)
class Due:
    """One milestone that waits for money: what is to be done, by when by the contract, by when by law.

    `until` is the moment at which the contract's own period ends, None where it has none; `left` the days to the legal date.
    """

    milestone: Milestone
    contract: Contract
    words: str
    until: datetime | None
    is_late: bool
    term: Term | None
    left: int
    stage: Stage

    @property
    def is_overdue(self) -> bool:
        """Tell whether the contract's period or the legal date is past."""
        return self.is_late or self.stage == Stage.OVERDUE

    @property
    def days_over(self) -> int:
        return -self.left

    @property
    def date(self) -> date:
        """Give the day that counts: the legal one, else the contract's."""
        if self.term is not None:
            return self.term.due_on
        return (self.until - timedelta(seconds=1)).astimezone(SHANGHAI).date() if self.until else date.max


def due_contracts(organization: Organization | None = None) -> QuerySet[Contract]:
    """Return running contracts of an organization (of all for None) with what `dues` needs."""
    rows = Contract.objects.filter(status=ContractStatus.ACTIVE, milestones__status__in=OPEN).distinct()
    if organization is not None:
        rows = rows.filter(Q(buyer=organization) | Q(supplier=organization))
    results = Deliverable.objects.order_by("-uploaded_at", "-pk")
    return (
        rows.select_related("buyer", "supplier", "tender")
        .prefetch_related(
            Prefetch("milestones", Milestone.objects.order_by("number")), Prefetch("milestones__deliverables", results)
        )
        .order_by("pk")
    )


def dues(contracts: Iterable[Contract], now: datetime) -> list[Due]:
    """Return what these contracts owe, the most urgent first; the calendar is read once."""
    contracts = list(contracts)
    known = _calendar(contracts)
    found: list[Due] = []
    for contract in contracts:
        since = contract.signed_at
        for milestone in contract.milestones.all():
            if milestone.status in OPEN and since is not None:
                milestone.contract = contract
                found.append(_due(milestone, since, now, known))
            since = milestone.accepted_at
    return sorted(found, key=lambda one: (not one.is_overdue, one.date, one.milestone.pk))


def _calendar(contracts: list[Contract]) -> dict[date, bool]:
    moments = [contract.signed_at for contract in contracts]
    for contract in contracts:
        for milestone in contract.milestones.all():
            moments += [milestone.accepted_at, *(row.uploaded_at for row in milestone.deliverables.all())]
    days = [moment.astimezone(SHANGHAI).date() for moment in moments if moment is not None]
    return table_between(min(days), max(days) + timedelta(days=40)) if days else {}


def _due(milestone: Milestone, since: datetime, now: datetime, known: Mapping[date, bool]) -> Due:
    results = list(milestone.deliverables.all())
    until = None
    if milestone.status == MilestoneStatus.PLANNED:
        words, until = _("等业主付款，由平台保管"), working_days_after(since, PAY_DAYS, known)
    elif milestone.status == MilestoneStatus.DELIVERED:
        words = _("成果已交付，等业主验收；验收后马上结算")
        until = working_days_after(results[0].uploaded_at, ACCEPT_DAYS, known) if results else None
    else:
        words = _("已验收，结算还没有到账")
    term = term_of(milestone, milestone.contract.buyer.kind, known)
    today = now.astimezone(SHANGHAI).date()
    return Due(
        milestone,
        milestone.contract,
        words,
        until,
        until is not None and now >= until,
        term,
        term.days_left(today) if term else 0,
        term.stage(today) if term else Stage.LATER,
    )


def near(now: datetime) -> list[Due]:
    """Return the milestones whose legal date is near or past. None is near before the twentieth day after delivery."""
    before = end_of(now.astimezone(SHANGHAI).date() - timedelta(days=20))
    waiting = (MilestoneStatus.DELIVERED, MilestoneStatus.ACCEPTED)
    rows = due_contracts().filter(milestones__status__in=waiting, milestones__deliverables__uploaded_at__lt=before)
    return [one for one in dues(rows, now) if one.stage != Stage.LATER]
