"""Carry a milestone through: paid in and held, delivered, accepted, settled; the last one completes the contract."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.files import check_upload, sha256_of
from marketplace.core.locks import lock
from marketplace.core.money import format_yuan
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.parties.access import is_member
from marketplace.parties.actions import notify_organization
from marketplace.parties.models import Organization
from marketplace.tenders.actions import complete_tender
from payments.actions import create_payment_intent, create_transfer
from payments.models import PaymentIntent
from payments.states import PaymentIntentStatus

from ..models import Contract, Deliverable, Milestone
from ..states import CONTRACT, DELIVERABLE, MILESTONE, ContractStatus, DeliverableStatus, MilestoneStatus

KINDS = ("pdf", "ofd", "docx", "xlsx", "jpg", "png")
MAX_BYTES = 20 * 1024 * 1024


def _locked(milestone: Milestone) -> tuple[Contract, Milestone]:
    """Lock the contract, then its milestone: the one order in this chapter."""
    contract = lock(milestone.contract)
    milestone = lock(milestone)
    milestone.contract = contract
    return contract, milestone


def _move(milestone: Milestone, target: MilestoneStatus, **changes: Any) -> None:
    MILESTONE.check(milestone.status, target)
    milestone.status = target
    for name, value in changes.items():
        setattr(milestone, name, value)
    milestone.save(update_fields=["status", *changes])


def _tell(milestone: Milestone, organization: Organization, title: str, body: str, key: str, now: datetime) -> None:
    notify_organization(
        organization=organization,
        title=title,
        body=body,
        url=milestone.contract.get_absolute_url(),
        key=f"milestone-{milestone.pk}-{key}",
        now=now,
    )


def _record(milestone: Milestone, event: str, /, *, now: datetime, by: User | None = None, **data: Any) -> None:
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


def _words(milestone: Milestone) -> dict[str, object]:
    return {
        "title": milestone.contract.tender.title,
        "number": milestone.number,
        "amount": format_yuan(milestone.amount_fen),
    }


@transaction.atomic
def start_payment(*, milestone: Milestone, by: User, now: datetime | None = None) -> PaymentIntent:
    """Return the payment of a milestone, asking for it once; an unfinished one is used again.

    Refuses with not_buyer, contract_not_active, milestone_paid, milestone_order.
    """
    now = now or clock.now()
    contract, milestone = _locked(milestone)
    if not is_member(by, contract.buyer):
        raise Forbidden("not_buyer", _("只有业主的经办人可以付款。"))
    earlier = PaymentIntent.objects.filter(pk=milestone.payment_intent_id).first()
    if earlier is not None and earlier.status != PaymentIntentStatus.CANCELED:
        return earlier
    if contract.status != ContractStatus.ACTIVE:
        raise Refused("contract_not_active", _("合同双方签署生效后才能付款。"))
    if milestone.status != MilestoneStatus.PLANNED:
        raise Refused("milestone_paid", _("这个节点的款项已经付清。"))
    before = contract.milestones.filter(number__lt=milestone.number)
    if before.exclude(status__in=[MilestoneStatus.ACCEPTED, MilestoneStatus.SETTLED]).exists():
        raise Refused("milestone_order", _("上一节点验收后，才能付这个节点的款项。"))
    intent = create_payment_intent(
        process=contract.tender.process,
        payer=contract.buyer,
        payee=contract.supplier,
        amount_fen=milestone.amount_fen,
        description=f"{contract.number} 第 {milestone.number} 节点：{milestone.title}",
        metadata={
            "milestone": str(milestone.pk),
            "contract": contract.number,
            "url": contract.get_absolute_url(),
        },
        transfer_group=contract.number,
        held_until=f"验收第 {milestone.number} 节点的成果后结算给{contract.supplier.name}",
        by=by,
        now=now,
    )
    milestone.payment_intent_id = intent.pk
    milestone.save(update_fields=["payment_intent_id"])
    return intent


@transaction.atomic
def fund_milestone(*, milestone: Milestone, payment_intent: PaymentIntent, now: datetime | None = None) -> Milestone:
    """Note that a milestone's money is in and held. The same payment again changes nothing.

    Refuses with payment_foreign, payment_unpaid, state_conflict.
    """
    now = now or clock.now()
    contract, milestone = _locked(milestone)
    if (payment_intent.pk, payment_intent.amount_fen) != (milestone.payment_intent_id, milestone.amount_fen):
        raise Refused("payment_foreign", _("这笔付款不属于这个节点，或者金额不符。"))
    if milestone.status != MilestoneStatus.PLANNED:
        return milestone
    if payment_intent.status != PaymentIntentStatus.SUCCEEDED:
        raise Refused("payment_unpaid", _("这笔款项还没有收到。"))
    _move(milestone, MilestoneStatus.FUNDED, funded_at=now)
    values = {**_words(milestone), "due": milestone.due_date.isoformat()}
    _tell(
        milestone,
        contract.supplier,
        _("可以开始工作：%(title)s") % values,
        _("第 %(number)s 节点的款项 %(amount)s 元已由平台保管。请在 %(due)s 前提交成果。") % values,
        "funded",
        now,
    )
    _record(milestone, "milestone_funded", now=now, amount_fen=milestone.amount_fen)
    return milestone


@transaction.atomic
def deliver_milestone(
    *, milestone: Milestone, file: File[bytes], note: str = "", by: User, now: datetime | None = None
) -> Milestone:
    """Hand in the result of a milestone; its SHA-256 goes into the record. The same file again changes nothing.

    Takes pdf, ofd, docx, xlsx, jpg and png up to 20 MB. Refuses with not_supplier, state_conflict, note_too_long, and
    file_kind, file_empty, file_too_large, file_content.
    """
    now = now or clock.now()
    contract, milestone = _locked(milestone)
    if not is_member(by, contract.supplier):
        raise Forbidden("not_supplier", _("只有机构的经办人可以提交成果。"))
    kind = check_upload(file, kinds=KINDS, max_bytes=MAX_BYTES)
    if len(note) > 300:
        raise Invalid("note_too_long", _("说明最多 300 个字。"), field="note")
    sha256 = sha256_of(file)
    newest = milestone.deliverables.order_by("-uploaded_at", "-pk").first()
    if milestone.status == MilestoneStatus.DELIVERED and newest is not None and newest.sha256 == sha256:
        return milestone
    MILESTONE.check(milestone.status, MilestoneStatus.DELIVERED)
    name = PurePath(str(file.name)).name[-200:]
    size = file.size
    deliverable = Deliverable(
        milestone=milestone, name=name, sha256=sha256, size=size, note=note.strip(), uploaded_by=by, uploaded_at=now
    )
    deliverable.file.save(f"{sha256[:40]}.{kind}", file, save=False)
    deliverable.save()
    _move(milestone, MilestoneStatus.DELIVERED)
    values = _words(milestone)
    _tell(
        milestone,
        contract.buyer,
        _("请验收成果：%(title)s") % values,
        _("第 %(number)s 节点的成果已提交。请查看后验收，或者写明原因退回。") % values,
        f"delivered-{deliverable.pk}",
        now,
    )
    _record(milestone, "milestone_delivered", now=now, by=by, sha256=sha256, name=name, size=size)
    return milestone


@transaction.atomic
def return_deliverable(*, milestone: Milestone, reason: str, by: User, now: datetime | None = None) -> Milestone:
    """Give a result back to be mended, with the reason. Refuses with not_buyer, reason_required, state_conflict."""
    now = now or clock.now()
    contract, milestone = _locked(milestone)
    if not is_member(by, contract.buyer):
        raise Forbidden("not_buyer", _("只有业主的经办人可以验收或退回成果。"))
    reason = reason.strip()
    if not 5 <= len(reason) <= 300:
        raise Invalid("reason_required", _("请写明退回原因，5 到 300 个字。"), field="reason")
    deliverable = _submitted(milestone)
    DELIVERABLE.check(deliverable.status, DeliverableStatus.RETURNED)
    deliverable.status, deliverable.reason = DeliverableStatus.RETURNED, reason
    deliverable.save(update_fields=["status", "reason"])
    _move(milestone, MilestoneStatus.FUNDED)
    values = {**_words(milestone), "reason": reason}
    _tell(
        milestone,
        contract.supplier,
        _("成果已退回：%(title)s") % values,
        _("第 %(number)s 节点的成果需要修改：%(reason)s") % values,
        f"returned-{deliverable.pk}",
        now,
    )
    _record(milestone, "deliverable_returned", now=now, by=by, sha256=deliverable.sha256)
    return milestone


@transaction.atomic
def accept_milestone(*, milestone: Milestone, by: User, now: datetime | None = None) -> Milestone:
    """Accept the result; its money goes to the firm. Accepting twice changes nothing.

    Refuses with not_buyer, state_conflict.
    """
    now = now or clock.now()
    contract, milestone = _locked(milestone)
    if not is_member(by, contract.buyer):
        raise Forbidden("not_buyer", _("只有业主的经办人可以验收或退回成果。"))
    if milestone.status in {MilestoneStatus.ACCEPTED, MilestoneStatus.SETTLED}:
        return milestone
    deliverable = _submitted(milestone)
    DELIVERABLE.check(deliverable.status, DeliverableStatus.ACCEPTED)
    deliverable.status = DeliverableStatus.ACCEPTED
    deliverable.save(update_fields=["status"])
    _move(milestone, MilestoneStatus.ACCEPTED, accepted_at=now)
    values = _words(milestone)
    _tell(
        milestone,
        contract.supplier,
        _("成果已验收：%(title)s") % values,
        _("第 %(number)s 节点已验收，平台正在结算 %(amount)s 元，到账后会通知您。") % values,
        "accepted",
        now,
    )
    _record(
        milestone,
        "milestone_accepted",
        now=now,
        by=by,
        amount_fen=milestone.amount_fen,
        sha256=deliverable.sha256,
        name=deliverable.name,
    )
    return milestone


def _submitted(milestone: Milestone) -> Deliverable:
    found = milestone.deliverables.filter(status=DeliverableStatus.SUBMITTED).order_by("-uploaded_at", "-pk").first()
    if found is None or milestone.status != MilestoneStatus.DELIVERED:
        raise Refused("state_conflict", _("这个节点现在没有待验收的成果。请刷新页面查看最新情况。"))
    return found


@transaction.atomic
def request_settlement(*, milestone: Milestone, now: datetime | None = None) -> Milestone:
    """Send an accepted milestone's held money to the firm, once. Refuses with not_accepted."""
    now = now or clock.now()
    contract, milestone = _locked(milestone)
    if milestone.status == MilestoneStatus.SETTLED or milestone.transfer_id:
        return milestone
    if milestone.status != MilestoneStatus.ACCEPTED:
        raise Refused("not_accepted", _("成果验收后才能结算。"))
    transfer = create_transfer(
        intent=PaymentIntent.objects.get(pk=milestone.payment_intent_id),
        destination=contract.supplier,
        amount_fen=milestone.amount_fen,
        key=f"milestone-{milestone.pk}",
        now=now,
    )
    Milestone.objects.filter(pk=milestone.pk).update(transfer_id=transfer.pk)
    milestone.refresh_from_db()
    return milestone


@transaction.atomic
def settle_milestone(*, milestone: Milestone, now: datetime | None = None) -> Milestone:
    """Note that the firm has its money; the last one completes the contract. Twice changes nothing."""
    now = now or clock.now()
    contract, milestone = _locked(milestone)
    if milestone.status == MilestoneStatus.SETTLED:
        return milestone
    _move(milestone, MilestoneStatus.SETTLED, settled_at=now)
    values = _words(milestone)
    _tell(
        milestone,
        contract.supplier,
        _("款项已结算：%(title)s") % values,
        _("第 %(number)s 节点的 %(amount)s 元已结算给贵机构。") % values,
        "settled",
        now,
    )
    _record(milestone, "milestone_settled", now=now, amount_fen=milestone.amount_fen)
    if not contract.milestones.exclude(status=MilestoneStatus.SETTLED).exists():
        complete_contract(contract=contract, now=now)
    return milestone


@transaction.atomic
def complete_contract(*, contract: Contract, now: datetime | None = None) -> Contract:
    """Close a contract of which every milestone is settled. Twice changes nothing. Refuses with milestones_open."""
    now = now or clock.now()
    contract = lock(contract)
    if contract.status == ContractStatus.COMPLETED:
        return contract
    if contract.milestones.exclude(status=MilestoneStatus.SETTLED).exists():
        raise Refused("milestones_open", _("还有节点没有结算，合同不能完成。"))
    CONTRACT.check(contract.status, ContractStatus.COMPLETED)
    contract.status, contract.completed_at = ContractStatus.COMPLETED, now
    contract.save(update_fields=["status", "completed_at"])
    values = {"title": contract.tender.title}
    notify_organization(
        organization=contract.buyer,
        title=_("合同已完成，请评价：%(title)s") % values,
        body=_("全部节点已验收并结算。请在 10 个工作日内评价机构的服务，评价会公开。"),
        url=contract.get_absolute_url(),
        key=f"contract-{contract.pk}-completed",
        now=now,
    )
    complete_tender(tender=contract.tender, now=now)
    record(
        contract.tender.process,
        "contract_completed",
        now=now,
        organization=contract.supplier,
        subject=contract,
        data={"contract": contract.number, "amount_fen": contract.amount_fen},
    )
    return contract
