"""Awards: propose a rank, hold still, let the firm accept or decline, confirm, or let the next in rank follow."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.bidding.models import Bidder
from marketplace.bidding.states import BidderStatus
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.moments import until as until_words
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.core.workdays import deadline
from marketplace.parties.access import is_member
from marketplace.parties.models import Membership
from marketplace.parties.states import OrganizationStatus
from marketplace.tenders.actions import award_tender, fail_tender
from marketplace.tenders.models import Tender

from ..models import Award, Selection
from ..states import AWARD, AwardStatus, SelectionStatus
from .words import tell_accepting, tell_confirmed, tell_ended, tell_proposal

MAX_REASON = 200


def propose_award(*, selection: Selection, rank: int = 1, now: datetime | None = None) -> Award:
    """Propose the firm of a rank and begin the standstill; names and all prices are public from here on.

    Asked again for the same rank it returns the award that there is. Refuses with selection_undecided, no_such_rank. A
    standstill of no days (emergency) is over at once.
    """
    now = now or clock.now()
    with transaction.atomic():
        tender = lock(selection.tender)
        known = Award.objects.filter(tender=tender, rank=rank).first()
        if known is not None:
            return known
        if selection.status != SelectionStatus.DECIDED:
            raise Refused("selection_undecided", _("还没有选取结果，不能公示。"))
        place = next((one for one in selection.result["ranking"] if one["rank"] == rank), None)
        if place is None:
            raise Refused("no_such_rank", _("结果里没有这个名次。"))
        bidders = list(tender.bidders.filter(status=BidderStatus.ACTIVE).select_related("organization__process"))
        winner = next(row for row in bidders if row.label == place["firm"])
        award = Award.objects.create(
            tender=tender,
            selection=selection,
            rank=rank,
            bidder=winner,
            organization=winner.organization,
            amount_fen=place["amount_fen"],
            status=AwardStatus.STANDSTILL,
            proposed_at=now,
            standstill_ends_at=deadline(now, int(tender.rules["standstill_working_days"]), tender.rules),
        )
        if tender.disclosed_at is None:
            tender.disclosed_at = now
            tender.save(update_fields=["disclosed_at"])
        tell_proposal(award, tender, bidders, now)
        record(
            tender.process,
            "award_proposed",
            now=now,
            organization=winner.organization,
            subject=award,
            data={
                "award": award.pk,
                "rank": rank,
                "label": winner.label,
                "firm": winner.organization.name,
                "amount_fen": award.amount_fen,
                "standstill_ends_at": award.standstill_ends_at.isoformat(),
            },
        )
        if award.standstill_ends_at <= now:
            award = confirm_award(award=award, now=now)
    return award


@transaction.atomic
def confirm_award(*, award: Award, now: datetime | None = None, by: User | None = None) -> Award:
    """End the standstill of an award that nobody contests: confirm it, or wait for the firm's word where the rules ask for it.

    Asked again it changes nothing. Refuses with objection_open, standstill_running, state_conflict.
    """
    now = now or clock.now()
    tender = lock(award.tender)
    award = lock(award)
    if award.status in {AwardStatus.CONFIRMED, AwardStatus.ACCEPTING}:
        return award
    if award.status == AwardStatus.OBJECTED:
        raise Refused("objection_open", _("还有异议没有处理完，公示期暂停，不能确认结果。"))
    AWARD.check(award.status, AwardStatus.CONFIRMED)
    if now < award.standstill_ends_at:
        until = until_words(award.standstill_ends_at)
        raise Refused("standstill_running", _("公示到 %(until)s 结束，在那之前不能确认结果。") % {"until": until})
    days = int(tender.rules.get("acceptance_working_days", 0))
    if not days or award.accepted_at is not None:
        return _confirm(award, tender, by, now)
    AWARD.check(award.status, AwardStatus.ACCEPTING)
    award.status, award.accept_ends_at = AwardStatus.ACCEPTING, deadline(now, days, tender.rules)
    award.save(update_fields=["status", "accept_ends_at"])
    tell_accepting(award, tender, now)
    data = {
        "award": award.pk,
        "firm": award.organization.name,
        "accept_ends_at": award.accept_ends_at.isoformat(),
    }
    record(
        tender.process, "standstill_ended", now=now, by=by, organization=award.organization, subject=award, data=data
    )
    return award


def _confirm(award: Award, tender: Tender, by: User | None, now: datetime) -> Award:
    award.status, award.confirmed_at = AwardStatus.CONFIRMED, now
    award.save(update_fields=["status", "confirmed_at"])
    award_tender(tender=tender, now=now)
    tell_confirmed(award, tender, now)
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
def accept_award(*, award: Award, by: User, now: datetime | None = None) -> Award:
    """Let the chosen firm say that it takes the work on, during the standstill or after it; twice is once.

    Refuses with not_member (403), acceptance_ended, state_conflict.
    """
    now = now or clock.now()
    tender = lock(award.tender)
    award = lock(award)
    _check_firm(award, by)
    if award.status == AwardStatus.CONFIRMED or award.accepted_at is not None:
        return award
    if award.status not in {AwardStatus.STANDSTILL, AwardStatus.OBJECTED}:
        AWARD.check(award.status, AwardStatus.CONFIRMED)
        _check_acceptance_time(award, now)
    award.accepted_at = now
    award.save(update_fields=["accepted_at"])
    record(
        tender.process,
        "award_accepted",
        now=now,
        by=by,
        organization=award.organization,
        subject=award,
        data={"award": award.pk, "firm": award.organization.name},
    )
    return _confirm(award, tender, by, now) if award.status == AwardStatus.ACCEPTING else award


@transaction.atomic
def decline_award(*, award: Award, reason: str, by: User, now: datetime | None = None) -> Award:
    """Let the chosen firm give the work up, with a public reason; the next in rank follows, and its record keeps it.

    Refuses with not_member (403), reason_required, acceptance_ended, state_conflict (also while an objection is open).
    """
    now = now or clock.now()
    tender = lock(award.tender)
    award = lock(award)
    _check_firm(award, by)
    if award.status == AwardStatus.DECLINED:
        return award
    AWARD.check(award.status, AwardStatus.DECLINED)
    if award.status == AwardStatus.ACCEPTING:
        _check_acceptance_time(award, now)
    reason = reason.strip()[:MAX_REASON]
    if not reason:
        raise Invalid("reason_required", _("请写明放弃的原因，它会公开。"), field="reason")
    return _end(award, tender, AwardStatus.DECLINED, "award_declined", reason, by, now)


@transaction.atomic
def lapse_award(*, award: Award, now: datetime | None = None) -> Award:
    """End an award whose firm did not answer in time; counts as giving up. Idempotent; refuses with too_early."""
    now = now or clock.now()
    tender = lock(award.tender)
    award = lock(award)
    if award.status != AwardStatus.ACCEPTING:
        return award
    if award.accept_ends_at is None or now < award.accept_ends_at:
        raise Refused("too_early", _("确认期限还没有到。"))
    return _end(award, tender, AwardStatus.LAPSED, "award_lapsed", "机构逾期没有确认", None, now)


@transaction.atomic
def revoke_award(*, award: Award, reason: str, now: datetime | None = None) -> Award:
    """Take an award back: an objection was upheld, or the need was taken back. Final; what follows decides the caller."""
    now = now or clock.now()
    tender = lock(award.tender)
    award = lock(award)
    AWARD.check(award.status, AwardStatus.REVOKED)
    award.status, award.end_reason = AwardStatus.REVOKED, reason
    award.save(update_fields=["status", "end_reason"])
    data = {"award": award.pk, "firm": award.organization.name, "reason": reason}
    record(tender.process, "award_revoked", now=now, organization=award.organization, subject=award, data=data)
    return award


def follow(*, award: Award, tender: Tender, reason: str, now: datetime) -> Award | None:
    """Propose the next in rank after an award that ended, as far as the rules' `reserves` go; else fail the need."""
    selection = award.selection
    last = 1 + int(tender.rules.get("reserves", 0))
    for place in selection.result.get("ranking", []):
        if award.rank < place["rank"] <= last and _is_active(tender, place["firm"]):
            return propose_award(selection=selection, rank=place["rank"], now=now)
    fail_tender(tender=tender, reason=reason, now=now)
    return None


def _end(
    award: Award, tender: Tender, status: AwardStatus, event: str, reason: str, by: User | None, now: datetime
) -> Award:
    AWARD.check(award.status, status)
    award.status, award.end_reason = status, reason
    award.save(update_fields=["status", "end_reason"])
    tell_ended(award, tender, now)
    data = {"award": award.pk, "rank": award.rank, "firm": award.organization.name, "reason": reason}
    record(tender.process, event, now=now, by=by, organization=award.organization, subject=award, data=data)
    follow(award=award, tender=tender, reason="中选机构放弃，且没有可以递补的机构", now=now)
    return award


def _check_firm(award: Award, by: User) -> None:
    if not is_member(by, award.organization, power=Membership.Power.BID):
        raise Forbidden("not_member", _("只有中选机构可以这样做。"))


def _check_acceptance_time(award: Award, now: datetime) -> None:
    if award.accept_ends_at is not None and now >= award.accept_ends_at:
        until = until_words(award.accept_ends_at)
        raise Refused("acceptance_ended", _("确认期限已于 %(until)s 截止。") % {"until": until})


def _is_active(tender: Tender, label: str) -> bool:
    row = Bidder.objects.filter(tender=tender, label=label, status=BidderStatus.ACTIVE).select_related("organization")
    found = row.first()
    return found is not None and found.organization.status == OrganizationStatus.ACTIVE
