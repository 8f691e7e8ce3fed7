"""Reads for the contract's pages: who looks, what each milestone waits for, what is to be done by when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Prefetch, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from marketplace.core.money import format_yuan
from marketplace.core.refusals import Refused
from marketplace.core.workdays import SHANGHAI, add_working_days, end_of
from marketplace.parties.models import Organization
from payments.models import Refund
from payments.states import RefundStatus

from .models import Contract, Deliverable, Milestone, Signature
from .payment_terms import Term, payment_term
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
    """One milestone as its viewer sees it: the sentence, the deadline, and the one thing to press ("" for none).

    `term` is the legal payment period while the firm waits for its money, `left` the days that are left of it.
    """

    milestone: Milestone
    kind: str
    words: str
    action: str
    until: datetime | None
    is_late: bool
    deliverables: list[Deliverable]
    term: Term | None = None
    left: int = 0
    refunded_fen: int = 0

    @property
    def is_overdue(self) -> bool:
        return self.term is not None and self.left < 0

    @property
    def days_over(self) -> int:
        return -self.left


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
    mine = set(user.memberships.current().values_list("organization_id", flat=True)) if user.is_authenticated else set()
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


def working_days_after(moment: datetime | None, days: int, known: Mapping[date, bool] | None = None) -> datetime | None:
    """Return the end of a term in working days, or None where the calendar does not know the year."""
    if moment is None:
        return None
    try:
        return add_working_days(moment, days, known)
    except Refused:
        return None


def sign_by(contract: Contract) -> datetime | None:
    """Return until when both sides should sign."""
    return working_days_after(contract.created_at, SIGN_DAYS)


def steps(contract: Contract, side: str, now: datetime) -> list[Step]:
    """Return the milestones with what the viewer on `side` reads and may press; only one of them waits at a time."""
    found: list[Step] = []
    since = contract.signed_at
    refunded = refunded_of(contract)
    for milestone in contract.milestones.all():
        is_turn = contract.status == ContractStatus.ACTIVE and since is not None
        back = refunded.get(milestone.payment_intent_id, 0)
        step = _step(milestone, side if is_turn else "", since if is_turn else None, now, back)
        term = term_of(milestone, contract.buyer.kind)
        left = term.days_left(now.astimezone(SHANGHAI).date()) if term else 0
        found.append(replace(step, term=term, left=left, refunded_fen=back))
        since = milestone.accepted_at
    return found


def refunded_of(contract: Contract) -> dict[str, int]:
    """Return what the owner got back or gets back of each payment of a contract, in fen."""
    payments = [row.payment_intent_id for row in contract.milestones.all() if row.payment_intent_id]
    rows = Refund.objects.filter(intent__in=payments, is_automatic=False).exclude(status=RefundStatus.FAILED)
    sums = rows.order_by().values_list("intent").annotate(total=Sum("amount_fen"))
    return {str(intent): int(total) for intent, total in sums} if payments else {}


def term_of(milestone: Milestone, payer_kind: str, known: Mapping[date, bool] | None = None) -> Term | None:
    """Return the legal payment period of a milestone whose result is delivered and whose money is not with the firm."""
    results = list(milestone.deliverables.all())
    if milestone.status not in {MilestoneStatus.DELIVERED, MilestoneStatus.ACCEPTED} or not results:
        return None
    end = working_days_after(results[0].uploaded_at, ACCEPT_DAYS, known)
    if end is None:
        return None
    accept_by = (end - timedelta(seconds=1)).astimezone(SHANGHAI).date()
    accepted = milestone.accepted_at.astimezone(SHANGHAI).date() if milestone.accepted_at else None
    return payment_term(payer_kind=payer_kind, accept_by=accept_by, accepted_on=accepted)


def _step(milestone: Milestone, side: str, since: datetime | None, now: datetime, refunded_fen: int) -> Step:
    results = list(milestone.deliverables.all())
    status = milestone.status
    action, words, until = "", "", None
    is_moved = status in {MilestoneStatus.ACCEPTED, MilestoneStatus.SETTLED}
    amount = {"amount": format_yuan(milestone.amount_fen - (refunded_fen if is_moved else 0))}
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
