"""The result of a milestone: handed in, returned, accepted."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.files import check_upload, sha256_of
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.parties.access import is_member
from marketplace.parties.models import Membership

from ..models import Deliverable, Milestone
from ..states import DELIVERABLE, MILESTONE, DeliverableStatus, MilestoneStatus
from .steps import locked, move, record_step, tell, words

KINDS = ("pdf", "ofd", "docx", "xlsx", "jpg", "png")
MAX_BYTES = 20 * 1024 * 1024


@transaction.atomic
def deliver_milestone(
    *, milestone: Milestone, file: File[bytes], note: str = "", by: User, now: datetime | None = None
) -> Milestone:
    """Hand in the result of a milestone; its SHA-256 goes into the record. The same file again changes nothing.

    Takes pdf, ofd, docx, xlsx, jpg and png up to 20 MB. Refuses with not_supplier, state_conflict, note_too_long, and
    file_kind, file_empty, file_too_large, file_content.
    """
    now = now or clock.now()
    contract, milestone = locked(milestone)
    if not is_member(by, contract.supplier, power=Membership.Power.DELIVER):
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
    move(milestone, MilestoneStatus.DELIVERED)
    values = words(milestone)
    tell(
        milestone,
        contract.buyer,
        _("请验收成果：%(title)s") % values,
        _("第 %(number)s 节点的成果已提交。请查看后验收，或者写明原因退回。") % values,
        f"delivered-{deliverable.pk}",
        now,
    )
    record_step(milestone, "milestone_delivered", now=now, by=by, sha256=sha256, name=name, size=size)
    return milestone


@transaction.atomic
def return_deliverable(*, milestone: Milestone, reason: str, by: User, now: datetime | None = None) -> Milestone:
    """Give a result back to be mended, with the reason. Refuses with not_buyer, reason_required, state_conflict."""
    now = now or clock.now()
    contract, milestone = locked(milestone)
    if not is_member(by, contract.buyer, power=Membership.Power.DELIVER):
        raise Forbidden("not_buyer", _("只有业主的经办人可以验收或退回成果。"))
    reason = reason.strip()
    if not 5 <= len(reason) <= 300:
        raise Invalid("reason_required", _("请写明退回原因，5 到 300 个字。"), field="reason")
    deliverable = _submitted(milestone)
    DELIVERABLE.check(deliverable.status, DeliverableStatus.RETURNED)
    deliverable.status, deliverable.reason = DeliverableStatus.RETURNED, reason
    deliverable.save(update_fields=["status", "reason"])
    move(milestone, MilestoneStatus.FUNDED)
    values = {**words(milestone), "reason": reason}
    tell(
        milestone,
        contract.supplier,
        _("成果已退回：%(title)s") % values,
        _("第 %(number)s 节点的成果需要修改：%(reason)s") % values,
        f"returned-{deliverable.pk}",
        now,
    )
    record_step(milestone, "deliverable_returned", now=now, by=by, sha256=deliverable.sha256)
    return milestone


@transaction.atomic
def accept_milestone(*, milestone: Milestone, by: User, now: datetime | None = None) -> Milestone:
    """Accept the result; its money goes to the firm. Accepting twice changes nothing.

    Refuses with not_buyer, state_conflict.
    """
    now = now or clock.now()
    contract, milestone = locked(milestone)
    if not is_member(by, contract.buyer, power=Membership.Power.DELIVER):
        raise Forbidden("not_buyer", _("只有业主的经办人可以验收或退回成果。"))
    if milestone.status in {MilestoneStatus.ACCEPTED, MilestoneStatus.SETTLED}:
        return milestone
    deliverable = _submitted(milestone)
    DELIVERABLE.check(deliverable.status, DeliverableStatus.ACCEPTED)
    deliverable.status = DeliverableStatus.ACCEPTED
    deliverable.save(update_fields=["status"])
    move(milestone, MilestoneStatus.ACCEPTED, accepted_at=now)
    values = words(milestone)
    tell(
        milestone,
        contract.supplier,
        _("成果已验收：%(title)s") % values,
        _("第 %(number)s 节点已验收，平台正在结算 %(amount)s 元，到账后会通知您。") % values,
        "accepted",
        now,
    )
    record_step(
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
