"""React to awards, payments and acceptances: draw up, fund, settle; tell of refunds and of legal payment dates."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from marketplace.accounts.models import Message
from marketplace.awards.models import Award
from marketplace.core.events import on
from marketplace.core.models import Event
from marketplace.core.money import format_yuan
from marketplace.core.worker import due
from marketplace.parties.actions import notify_organization
from payments.models import PaymentIntent, Refund, Transfer

from .actions import draft_contract, fund_milestone, request_settlement, settle_milestone
from .due import Due, near
from .models import Milestone
from .payment_terms import Stage
from .states import MilestoneStatus


@on("award_confirmed")
def draft(event: Event) -> None:
    """Draw up the contract of a confirmed award."""
    draft_contract(award=Award.objects.select_related("tender").get(pk=event.data["award"]), now=event.at)


def _milestone(event: Event) -> Milestone | None:
    """Return the milestone that a payment's metadata names, within the event's own process."""
    wanted = str(event.data.get("metadata", {}).get("milestone", ""))
    if not wanted.isdecimal():
        return None
    return (
        Milestone.objects.select_related("contract__tender")
        .filter(pk=int(wanted), contract__tender__process=event.process)
        .first()
    )


@on("payment_intent_succeeded")
def fund(event: Event) -> None:
    """Note that a milestone's money is held; payments for other things are not ours."""
    milestone = _milestone(event)
    if milestone is not None:
        intent = PaymentIntent.objects.get(pk=event.data["payment_intent"])
        fund_milestone(milestone=milestone, payment_intent=intent, now=event.at)


@on("milestone_accepted")
def pay_out(event: Event) -> None:
    """Send the accepted milestone's money to the firm."""
    milestone = Milestone.objects.select_related("contract").get(pk=int(event.subject_id))
    request_settlement(milestone=milestone, now=event.at)


@on("transfer_paid")
def settle(event: Event) -> None:
    """Note that the firm has its money."""
    milestone = _milestone(event)
    if (
        milestone is not None
        and Transfer.objects.filter(pk=event.data["transfer"], key=f"milestone-{milestone.pk}").exists()
    ):
        settle_milestone(milestone=milestone, now=event.at)


@on("refund_created")
def tell_of_refund(event: Event) -> None:
    """Tell the firm that the owner takes a part of the held money back, and why."""
    milestone = _milestone(event)
    refund = Refund.objects.filter(pk=event.data["refund"], is_automatic=False).first()
    if milestone is None or refund is None:
        return
    values = {
        "title": milestone.contract.tender.title,
        "number": milestone.number,
        "amount": format_yuan(refund.amount_fen),
        "note": refund.metadata.get("note") or refund.get_reason_display(),
    }
    notify_organization(
        organization=milestone.contract.supplier,
        title=_("保管的款项退回业主一部分：%(title)s") % values,
        body=_(
            "第 %(number)s 节点的款项中，%(amount)s 元退回业主，原因：%(note)s。不同意的，请与业主联系或向平台管理机构反映。"
        )
        % values,
        url=milestone.contract.get_absolute_url(),
        key=f"refund-{refund.pk}",
        now=event.at,
    )


@due("contracts: payment dates")
def remind_of_payment_dates(now: datetime) -> int:
    """Tell once per stage that a legal payment date comes near or is past: the side that can do something about it."""
    rows = {f"milestone-{one.milestone.pk}-legal-{one.stage}": one for one in near(now)}
    told = set(Message.objects.filter(key__in=rows).values_list("key", flat=True)) if rows else set()
    fresh = {key: one for key, one in rows.items() if key not in told}
    for key, one in fresh.items():
        _remind(one, key, now)
    return len(fresh)


def _remind(one: Due, key: str, now: datetime) -> None:
    assert one.term is not None
    values = {"title": one.contract.tender.title, "number": one.milestone.number, "date": one.term.due_on.isoformat()}
    if one.milestone.status == MilestoneStatus.ACCEPTED:
        body = (
            _("第 %(number)s 节点已验收，法定付款期限是 %(date)s，结算还没有到账。请核对收款账号，款项在平台保管。")
            % values
        )
        sides = [one.contract.supplier]
    elif one.stage == Stage.OVERDUE:
        body = _("第 %(number)s 节点的成果已交付，法定付款期限 %(date)s 已过，业主还没有验收。") % values
        sides = [one.contract.buyer, one.contract.supplier]
    else:
        body = _("第 %(number)s 节点的成果已交付，请在 %(date)s 前验收，验收后款项马上结算给机构。") % values
        sides = [one.contract.buyer]
    is_past = one.stage == Stage.OVERDUE
    title = _("已过法定付款期限：%(title)s") if is_past else _("法定付款期限将至：%(title)s")
    for organization in sides:
        notify_organization(
            organization=organization,
            title=title % values,
            body=body,
            url=one.contract.get_absolute_url(),
            key=key,
            now=now,
        )
