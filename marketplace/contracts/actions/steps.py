"""What every step of a milestone does: lock in order, move by the table, tell, record."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marketplace.accounts.models import User
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.money import format_yuan
from marketplace.parties.actions import notify_organization
from marketplace.parties.models import Organization

from ..models import Contract, Milestone
from ..states import MILESTONE, MilestoneStatus


def locked(milestone: Milestone) -> tuple[Contract, Milestone]:
    """Lock the contract, then its milestone: the one order in this chapter."""
    contract = lock(milestone.contract)
    milestone = lock(milestone)
    milestone.contract = contract
    return contract, milestone


def move(milestone: Milestone, target: MilestoneStatus, **changes: Any) -> None:
    """Move a milestone to `target` when the table allows it, and save `changes` with it."""
    MILESTONE.check(milestone.status, target)
    milestone.status = target
    for name, value in changes.items():
        setattr(milestone, name, value)
    milestone.save(update_fields=["status", *changes])


def tell(milestone: Milestone, organization: Organization, title: str, body: str, key: str, now: datetime) -> None:
    """Tell a side about a milestone once per `key`."""
    notify_organization(
        organization=organization,
        title=title,
        body=body,
        url=milestone.contract.get_absolute_url(),
        key=f"milestone-{milestone.pk}-{key}",
        now=now,
    )


def record_step(milestone: Milestone, event: str, /, *, now: datetime, by: User | None = None, **data: Any) -> None:
    """Record a step of a milestone on its process."""
    contract = milestone.contract
    record(
        contract.tender.process,
        event,
        now=now,
        by=by,
        organization=contract.supplier,
        subject=milestone,
        data={"contract": contract.number, "number": milestone.number, "title": milestone.title, **data},
    )


def words(milestone: Milestone) -> dict[str, object]:
    """Return what messages about a milestone are filled with."""
    return {
        "title": milestone.contract.tender.title,
        "number": milestone.number,
        "amount": format_yuan(milestone.amount_fen),
    }
