"""The money of a milestone: paid in and held, settled after acceptance; the last settlement completes the contract."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.money import format_yuan
from marketplace.core.refusals import Forbidden, Refused
from marketplace.parties.access import is_member
from marketplace.parties.actions import notify_organization
from marketplace.parties.models import Membership
from marketplace.tenders.actions import complete_tender
from payments.actions import create_payment_intent, create_transfer
from payments.models import PaymentIntent, Transfer
from payments.queries import held_for
from payments.states import PaymentIntentStatus, RefundStatus

from ..models import Contract, Milestone
from ..states import CONTRACT, ContractStatus, MilestoneStatus
from .steps import locked, move, record_step, tell, words


@transaction.atomic
def start_payment(*, milestone: Milestone, by: User, now: datetime | None = None) -> PaymentIntent:
    """Return the payment of a milestone, asking for it once; an unfinished one is used again.

    Refuses with not_buyer, contract_not_active, milestone_paid, milestone_order.
    """
    now = now or clock.now()
    contract, milestone = locked(milestone)
    if not is_member(by, contract.buyer, power=Membership.Power.PAY):
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
            "title": contract.tender.title,
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
    contract, milestone = locked(milestone)
    if (payment_intent.pk, payment_intent.amount_fen) != (milestone.payment_intent_id, milestone.amount_fen):
        raise Refused("payment_foreign", _("这笔付款不属于这个节点，或者金额不符。"))
    if milestone.status != MilestoneStatus.PLANNED:
        return milestone
    if payment_intent.status != PaymentIntentStatus.SUCCEEDED:
        raise Refused("payment_unpaid", _("这笔款项还没有收到。"))
    move(milestone, MilestoneStatus.FUNDED, funded_at=now)
    values = {**words(milestone), "due": milestone.due_date.isoformat()}
    tell(
        milestone,
        contract.supplier,
        _("可以开始工作：%(title)s") % values,
        _("第 %(number)s 节点的款项 %(amount)s 元已由平台保管。请在 %(due)s 前提交成果。") % values,
        "funded",
        now,
    )
    record_step(milestone, "milestone_funded", now=now, amount_fen=milestone.amount_fen)
    return milestone


@transaction.atomic
def request_settlement(*, milestone: Milestone, now: datetime | None = None) -> Milestone:
    """Send what an accepted milestone's payment still holds to the firm, once; without any left it is settled so.

    Refuses with not_accepted, and with refund_open while it is not known whether all of it goes back.
    """
    now = now or clock.now()
    contract, milestone = locked(milestone)
    if milestone.status == MilestoneStatus.SETTLED or milestone.transfer_id:
        return milestone
    if milestone.status != MilestoneStatus.ACCEPTED:
        raise Refused("not_accepted", _("成果验收后才能结算。"))
    intent = PaymentIntent.objects.get(pk=milestone.payment_intent_id)
    if not held_for(intent=intent):  # the payer has all of it back
        if intent.refunds.filter(status=RefundStatus.PENDING).exists():
            raise Refused("refund_open", _("这个节点的款项正在退回，有结果后再结算。"))
        return settle_milestone(milestone=milestone, now=now)
    transfer = create_transfer(
        intent=intent,
        destination=contract.supplier,
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
    contract, milestone = locked(milestone)
    if milestone.status == MilestoneStatus.SETTLED:
        return milestone
    move(milestone, MilestoneStatus.SETTLED, settled_at=now)
    transfer = Transfer.objects.filter(key=f"milestone-{milestone.pk}").first()
    values = {**words(milestone), "amount": format_yuan(transfer.amount_fen if transfer else 0)}
    tell(
        milestone,
        contract.supplier,
        _("款项已结算：%(title)s") % values,
        _("第 %(number)s 节点的 %(amount)s 元已结算给贵机构。") % values,
        "settled",
        now,
    )
    record_step(milestone, "milestone_settled", now=now, amount_fen=milestone.amount_fen)
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
        body=_("价款已收到，权益已移交。请在 10 个工作日内评价机构的履约，评价会公开。")
        if contract.is_sale
        else _("全部节点已验收并结算。请在 10 个工作日内评价机构的服务，评价会公开。"),
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
