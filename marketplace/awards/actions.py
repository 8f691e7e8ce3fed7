"""Awards: propose by the frozen method, hold still, hear objections, confirm."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.bidding.models import Auction, Bid, Bidder
from marketplace.bidding.states import AuctionStatus, BidderStatus
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.moments import until as until_words
from marketplace.core.money import format_yuan
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.core.workdays import deadline
from marketplace.parties.access import is_member
from marketplace.parties.actions import notify_organization
from marketplace.parties.models import Organization
from marketplace.tenders.actions import award_tender, fail_tender
from marketplace.tenders.models import Tender
from marketplace.tenders.states import TenderStatus

from .methods import Offer, lowest_bid
from .models import Award, Objection
from .queries import rest_of_standstill
from .states import AWARD, OBJECTION, AwardStatus, ObjectionStatus

MIN_REASON, MAX_REASON = 10, 2000


def standstill_end(tender: Tender, since: datetime) -> datetime:
    """Return when the standstill that begins at `since` ends by the rules frozen in the tender."""
    return deadline(since, int(tender.rules["standstill_working_days"]), tender.rules)


@transaction.atomic
def propose_award(*, auction: Auction, now: datetime | None = None) -> Award:
    """Name the winner of a closed auction by its tender's method and begin the standstill.

    Asked again it returns the award that there is. Refuses with auction_not_closed, tender_not_selecting, no_offer.
    """
    now = now or clock.now()
    tender = lock(auction.tender)
    auction = lock(auction)
    existing = Award.objects.filter(tender=tender).order_by("-pk").first()
    if existing is not None:
        return existing
    if auction.status != AuctionStatus.CLOSED:
        raise Refused("auction_not_closed", _("竞价还没有结束，不能产生中选结果。"))
    if tender.status != TenderStatus.SELECTING:
        raise Refused("tender_not_selecting", _("这项需求不在选取中，不能产生中选结果。"))
    bidders = {row.label: row for row in tender.bidders.select_related("organization__process")}
    active = [label for label, row in bidders.items() if row.status == BidderStatus.ACTIVE]
    bids = Bid.objects.filter(auction=auction).values_list("bidder__label", "amount_fen", "sequence")
    ranking, explanation = lowest_bid([Offer(*row) for row in bids], tender.rules, active)
    if not ranking:
        raise Refused("no_offer", _("没有有效报价，不能产生中选结果。"))
    winner = bidders[ranking[0].firm]
    award = Award.objects.create(
        tender=tender,
        bidder=winner,
        organization=winner.organization,
        amount_fen=ranking[0].amount_fen,
        explanation=explanation.as_data(),
        status=AwardStatus.STANDSTILL,
        proposed_at=now,
        standstill_ends_at=standstill_end(tender, now),
    )
    _tell_proposal(award, tender, [row for label, row in bidders.items() if label in active], now)
    record(
        tender.process,
        "award_proposed",
        now=now,
        organization=winner.organization,
        subject=award,
        data={
            "award": award.pk,
            "label": winner.label,
            "firm": winner.organization.name,
            "amount_fen": award.amount_fen,
            "standstill_ends_at": award.standstill_ends_at.isoformat(),
        },
    )
    return award


def _tell_proposal(award: Award, tender: Tender, bidders: list[Bidder], now: datetime) -> None:
    until = until_words(award.standstill_ends_at)
    values = {
        "title": tender.title,
        "until": until,
        "amount": format_yuan(award.amount_fen),
        "firm": award.organization,
    }
    url = award.get_absolute_url()
    for bidder in bidders:
        if bidder.pk == award.bidder_id:
            title = _("您被选中：%(title)s") % values
            body = _("中选金额 %(amount)s 元。结果公示到 %(until)s，期满没有异议即确认中选，并起草合同。") % values
        else:
            title = _("结果已公示：%(title)s") % values
            body = _("%(firm)s 以 %(amount)s 元被选中。如有异议，请在 %(until)s 前提出并说明理由。") % values
        key = f"award-{award.pk}-proposed"
        notify_organization(organization=bidder.organization, title=title, body=body, url=url, key=key, now=now)
    notify_organization(
        organization=tender.buyer,
        title=_("选取结果已公示：%(title)s") % values,
        body=_("%(firm)s 以 %(amount)s 元被选中，公示到 %(until)s。期满没有异议，平台会自动确认并起草合同。") % values,
        url=url,
        key=f"award-{award.pk}-proposed",
        now=now,
    )


@transaction.atomic
def confirm_award(*, award: Award, now: datetime | None = None, by: User | None = None) -> Award:
    """Confirm an award whose standstill is over and which nobody contests; the tender becomes awarded.

    Asked again it changes nothing. Refuses with objection_open, standstill_running, state_conflict.
    """
    now = now or clock.now()
    tender = lock(award.tender)
    award = lock(award)
    if award.status == AwardStatus.CONFIRMED:
        return award
    if award.status == AwardStatus.OBJECTED:
        raise Refused("objection_open", _("还有异议没有处理完，公示期暂停，不能确认结果。"))
    AWARD.check(award.status, AwardStatus.CONFIRMED)
    if now < award.standstill_ends_at:
        until = until_words(award.standstill_ends_at)
        raise Refused("standstill_running", _("公示到 %(until)s 结束，在那之前不能确认结果。") % {"until": until})
    award.status, award.confirmed_at = AwardStatus.CONFIRMED, now
    award.save(update_fields=["status", "confirmed_at"])
    award_tender(tender=tender, now=now)
    values = {"title": tender.title, "amount": format_yuan(award.amount_fen)}
    for organization in (tender.buyer, award.organization):
        notify_organization(
            organization=organization,
            title=_("中选结果已确认：%(title)s") % values,
            body=_("公示期满，中选金额 %(amount)s 元。下一步由业主核对合同并发出签订。") % values,
            url=award.get_absolute_url(),
            key=f"award-{award.pk}-confirmed",
            now=now,
        )
    record(
        tender.process,
        "award_confirmed",
        now=now,
        by=by,
        organization=award.organization,
        subject=award,
        data={"award": award.pk, "firm": award.organization.name, "amount_fen": award.amount_fen},
    )
    return award


@transaction.atomic
def object_to_award(
    *, award: Award, organization: Organization, text: str, by: User, now: datetime | None = None
) -> Objection:
    """Contest an award during its standstill, with a reason; the clock stops until it is decided.

    The same firm's open objection is returned when it sends again. Refuses with not_member, not_bidder,
    own_award, reason_required, reason_too_long, standstill_ended, state_conflict.
    """
    now = now or clock.now()
    if not is_member(by, organization):
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
    *, objection: Objection, upheld: bool, decision: str, by: User, now: datetime | None = None
) -> Objection:
    """Decide an objection: upheld revokes the award and fails the tender; dismissed lets the rest of the clock run.

    Deciding it twice the same way changes nothing. Refuses with staff_only, decision_required, state_conflict.
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
    data: dict[str, str | int] = {"objection": objection.pk, "outcome": str(outcome), "decision": decision}
    if upheld:
        AWARD.check(award.status, AwardStatus.REVOKED)
        award.status = AwardStatus.REVOKED
        award.save(update_fields=["status"])
        for other in award.objections.filter(status=ObjectionStatus.OPEN):
            OBJECTION.check(other.status, ObjectionStatus.UPHELD)
            other.status, other.decided_at = ObjectionStatus.UPHELD, now
            other.decision = _("另一项异议成立，结果已撤销。")
            other.save(update_fields=["status", "decision", "decided_at"])
        fail_tender(tender=tender, reason=_("异议成立，中选结果撤销"), by=by, now=now)
    elif not award.objections.filter(status=ObjectionStatus.OPEN).exists():
        AWARD.check(award.status, AwardStatus.STANDSTILL)
        award.status, award.standstill_ends_at = AwardStatus.STANDSTILL, now + rest_of_standstill(award)
        award.clock_stopped_at = None
        award.save(update_fields=["status", "standstill_ends_at", "clock_stopped_at"])
        data["standstill_ends_at"] = award.standstill_ends_at.isoformat()
    _tell_decision(objection, award, tender, now)
    record(tender.process, "objection_decided", now=now, by=by, subject=award, data=data)
    return objection


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
