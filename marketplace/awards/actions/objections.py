"""Objections: contest an award while it stands still, and decide that."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.bidding.states import BidderStatus
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.moments import until as until_words
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.parties.access import is_member
from marketplace.parties.actions import notify_organization
from marketplace.parties.models import Membership, Organization
from marketplace.tenders.actions import fail_tender
from marketplace.tenders.models import Tender

from ..models import Award, Objection
from ..queries import rest_of_standstill
from ..states import AWARD, OBJECTION, AwardStatus, ObjectionStatus
from .awards import follow, revoke_award

MIN_REASON, MAX_REASON = 10, 2000


@transaction.atomic
def object_to_award(
    *, award: Award, organization: Organization, text: str, by: User, now: datetime | None = None
) -> Objection:
    """Contest an award during its standstill, with a reason; the clock stops until it is decided.

    The same firm's open objection is returned when it sends again. Refuses with not_member, not_bidder,
    own_award, reason_required, reason_too_long, standstill_ended, state_conflict.
    """
    now = now or clock.now()
    if not is_member(by, organization, power=Membership.Power.BID):
        raise Forbidden("not_member", _("您不能代表这家机构提出异议。"))
    text = text.strip()
    if len(text) < MIN_REASON:
        raise Invalid(
            "reason_required", _("请写明异议理由，至少 %(count)s 个字。") % {"count": MIN_REASON}, field="text"
        )
    if len(text) > MAX_REASON:
        raise Invalid("reason_too_long", _("异议理由最多 %(count)s 个字。") % {"count": MAX_REASON}, field="text")
    tender = lock(award.tender)
    award = lock(award)
    if not tender.bidders.filter(organization=organization, status=BidderStatus.ACTIVE).exists():
        raise Forbidden("not_bidder", _("只有参加这次选取的机构可以提出异议。"))
    if award.organization_id == organization.pk:
        raise Forbidden("own_award", _("贵机构已被选中，不能对自己的中选结果提出异议。"))
    earlier = award.objections.filter(organization=organization, status=ObjectionStatus.OPEN).first()
    if earlier is not None:
        return earlier
    if award.status != AwardStatus.OBJECTED:
        AWARD.check(award.status, AwardStatus.OBJECTED)
        if now >= award.standstill_ends_at:
            until = until_words(award.standstill_ends_at)
            raise Refused("standstill_ended", _("公示已于 %(until)s 结束，不能再提出异议。") % {"until": until})
        award.status, award.clock_stopped_at = AwardStatus.OBJECTED, now
        award.save(update_fields=["status", "clock_stopped_at"])
    objection = Objection.objects.create(award=award, organization=organization, by=by, text=text, at=now)
    for told in (tender.buyer, award.organization):
        notify_organization(
            organization=told,
            title=_("有机构对结果提出异议：%(title)s") % {"title": tender.title},
            body=_("公示期暂停，由平台管理机构处理；处理完后会通知您。"),
            url=award.get_absolute_url(),
            key=f"objection-{objection.pk}-open",
            now=now,
        )
    record(tender.process, "award_objected", now=now, by=by, subject=award, data={"objection": objection.pk})
    return objection


@transaction.atomic
def decide_objection(
    *,
    objection: Objection,
    upheld: bool,
    decision: str,
    next_follows: bool = False,
    by: User,
    now: datetime | None = None,
) -> Objection:
    """Decide an objection: dismissed lets the rest of the clock run; upheld overturns the award.

    After an upheld one the next in rank is proposed when the fault is the winner's alone (`next_follows`), else the need
    fails. Deciding it twice the same way changes nothing. Refuses with staff_only, decision_required, state_conflict.
    """
    now = now or clock.now()
    if not by.is_staff:
        raise Forbidden("staff_only", _("异议由平台管理机构处理。"))
    decision = decision.strip()
    if not decision:
        raise Invalid("decision_required", _("请写明处理意见，它会公开。"), field="decision")
    tender = lock(objection.award.tender)
    award = lock(objection.award)
    objection = lock(objection)
    outcome = ObjectionStatus.UPHELD if upheld else ObjectionStatus.DISMISSED
    if objection.status == outcome:
        return objection
    OBJECTION.check(objection.status, outcome)
    objection.status, objection.decision, objection.decided_at = outcome, decision, now
    objection.save(update_fields=["status", "decision", "decided_at"])
    data: dict[str, Any] = {"objection": objection.pk, "outcome": str(outcome), "decision": decision}
    if not upheld and not award.objections.filter(status=ObjectionStatus.OPEN).exists():
        AWARD.check(award.status, AwardStatus.STANDSTILL)
        award.status, award.standstill_ends_at = AwardStatus.STANDSTILL, now + rest_of_standstill(award)
        award.clock_stopped_at = None
        award.save(update_fields=["status", "standstill_ends_at", "clock_stopped_at"])
        data["standstill_ends_at"] = award.standstill_ends_at.isoformat()
    _tell_decision(objection, award, tender, now)
    record(tender.process, "objection_decided", now=now, by=by, subject=award, data=data)
    if upheld:
        _overturn(award, tender, next_follows=next_follows, by=by, now=now)
    return objection


def _overturn(award: Award, tender: Tender, *, next_follows: bool, by: User, now: datetime) -> None:
    for other in award.objections.filter(status=ObjectionStatus.OPEN):
        OBJECTION.check(other.status, ObjectionStatus.UPHELD)
        other.status, other.decided_at = ObjectionStatus.UPHELD, now
        other.decision = "另一项异议成立，结果已撤销。"
        other.save(update_fields=["status", "decision", "decided_at"])
    award = revoke_award(award=award, reason="异议成立，中选结果撤销", now=now)
    if next_follows:
        follow(award=award, tender=tender, reason="异议成立，且没有可以递补的机构", now=now)
    else:
        fail_tender(tender=tender, reason="异议成立，中选结果撤销", by=by, now=now)


def _tell_decision(objection: Objection, award: Award, tender: Tender, now: datetime) -> None:
    if objection.status == ObjectionStatus.UPHELD:
        title = _("异议成立，结果撤销：%(title)s") % {"title": tender.title}
    else:
        title = _("异议不成立：%(title)s") % {"title": tender.title}
    for organization in (objection.organization, tender.buyer, award.organization):
        notify_organization(
            organization=organization,
            title=title,
            body=_("处理意见：%(decision)s") % {"decision": objection.decision},
            url=award.get_absolute_url(),
            key=f"objection-{objection.pk}-decided",
            now=now,
        )
