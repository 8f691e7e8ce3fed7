"""Reads for the contract's pages: who looks, what each milestone waits for, what is to be done by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from marketplace.core.money import format_yuan
from marketplace.core.refusals import Refused
from marketplace.core.workdays import add_working_days, end_of
from marketplace.parties.models import Organization

from .models import Contract, Deliverable, Milestone, Signature
from .states import ContractStatus, DeliverableStatus, MilestoneStatus
from .text import ACCEPT_DAYS, PAY_DAYS, SIGN_DAYS

KINDS = {
    MilestoneStatus.PLANNED: "neutral",
    MilestoneStatus.FUNDED: "open",
    MilestoneStatus.DELIVERED: "waiting",
    MilestoneStatus.ACCEPTED: "open",
    MilestoneStatus.SETTLED: "done",
}


@dataclass(frozen=True)
class Step:
    """One milestone as its viewer sees it: the sentence, the deadline, and the one thing to press ("" for none)."""

    milestone: Milestone
    kind: str
    words: str
    action: str
    until: datetime | None
    is_late: bool
    deliverables: list[Deliverable]


def contracts_for_page() -> QuerySet[Contract]:
    """Return contracts with all that their page shows."""
    return Contract.objects.select_related(
        "tender__process", "tender__service", "tender__region", "tender__project", "award", "buyer", "supplier"
    ).prefetch_related(
        Prefetch("milestones", Milestone.objects.order_by("number")),
        Prefetch("milestones__deliverables", Deliverable.objects.select_related("uploaded_by")),
        Prefetch("signatures", Signature.objects.select_related("organization", "by").order_by("at")),
    )


def contracts_of(organization: Organization) -> QuerySet[Contract]:
    """Return the contracts of a party, as owner or as firm, newest first."""
    return contracts_for_page().filter(Q(buyer=organization) | Q(supplier=organization))


def side_of(contract: Contract, user: Any, acting: Organization | None = None) -> str:
    """Tell on which side `user` stands: "buyer", "supplier" or "" ; somebody on both stands where they act now."""
    mine = set(user.memberships.values_list("organization_id", flat=True)) if user.is_authenticated else set()
    sides = [name for name, pk in (("buyer", contract.buyer_id), ("supplier", contract.supplier_id)) if pk in mine]
    if len(sides) == 2 and acting is not None and acting.pk == contract.supplier_id:
        return "supplier"
    return sides[0] if sides else ""


def organization_on(contract: Contract, side: str) -> Organization:
    """Return the organization on a side."""
    return contract.buyer if side == "buyer" else contract.supplier


def signed_sides(contract: Contract) -> set[str]:
    """Return the sides that signed the present text."""
    signers = {row.organization_id for row in contract.signatures.all() if row.body_hash == contract.body_hash}
    return {name for name, pk in (("buyer", contract.buyer_id), ("supplier", contract.supplier_id)) if pk in signers}


def working_days_after(moment: datetime | None, days: int) -> datetime | None:
    """Return the end of a term in working days, or None where the calendar does not know the year."""
    if moment is None:
        return None
    try:
        return add_working_days(moment, days)
    except Refused:
        return None


def sign_by(contract: Contract) -> datetime | None:
    """Return until when both sides should sign."""
    return working_days_after(contract.created_at, SIGN_DAYS)


def steps(contract: Contract, side: str, now: datetime) -> list[Step]:
    """Return the milestones with what the viewer on `side` reads and may press; only one of them waits at a time."""
    found: list[Step] = []
    since = contract.signed_at
    for milestone in contract.milestones.all():
        is_turn = contract.status == ContractStatus.ACTIVE and since is not None
        found.append(_step(milestone, side if is_turn else "", since if is_turn else None, now))
        since = milestone.accepted_at
    return found


def _step(milestone: Milestone, side: str, since: datetime | None, now: datetime) -> Step:
    results = list(milestone.deliverables.all())
    status = milestone.status
    action, words, until = "", "", None
    amount = {"amount": format_yuan(milestone.amount_fen)}
    if status == MilestoneStatus.PLANNED and since is None:
        words = _("合同生效、上一节点验收后，由业主付款。")
    elif status == MilestoneStatus.PLANNED:
        until = working_days_after(since, PAY_DAYS)
        action = "pay" if side == "buyer" else ""
        words = (
            _("请付款 %(amount)s 元。款项由平台保管，您验收后才结算给机构。") % amount
            if action
            else _("等业主付款 %(amount)s 元。款项到账后开始这一节点的工作。") % amount
        )
    elif status == MilestoneStatus.FUNDED:
        until = end_of(milestone.due_date)
        action = "deliver" if side == "supplier" else ""
        words = _("款项已由平台保管，请按期提交成果。") if action else _("款项已由平台保管，等机构提交成果。")
        if results and results[0].status == DeliverableStatus.RETURNED:
            words = _("成果已退回，请按意见修改后重新提交。") if action else _("成果已退回，等机构修改后重新提交。")
    elif status == MilestoneStatus.DELIVERED:
        until = working_days_after(results[0].uploaded_at, ACCEPT_DAYS) if results else None
        action = "accept" if side == "buyer" else ""
        words = _("请查看成果，验收，或者写明原因退回。") if action else _("成果已提交，等业主验收。")
    elif status == MilestoneStatus.ACCEPTED:
        words = _("已验收，平台正在把 %(amount)s 元结算给机构。") % amount
    else:
        words = _("已结算 %(amount)s 元给机构。") % amount
    is_late = until is not None and now >= until
    return Step(milestone, KINDS[MilestoneStatus(status)], words, action, until, is_late, results)
