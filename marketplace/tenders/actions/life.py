"""The course of a published need: extended, selecting, failed, awarded, contracted, completed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.locks import lock
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.core.workdays import deadline
from marketplace.tenders.models import Tender
from marketplace.tenders.states import TENDER, TenderStatus


def _move(tender: Tender, target: TenderStatus) -> None:
    TENDER.check(tender.status, target)
    tender.status = target


@transaction.atomic
def extend_sign_up(*, tender: Tender, reason: str, by: User | None = None, now: datetime | None = None) -> Tender:
    """Give firms more time to sign up because too few did; all later times move by as much (rules: `too_few`)."""
    now = now or clock.now()
    tender = lock(tender)
    _authorize(tender, by)
    if tender.status != TenderStatus.OPEN:
        raise Refused("state_conflict", _("这份需求已经不在报名阶段，不能延长报名。"))
    ends_at = deadline(now, int(tender.rules["too_few"]["working_days"]), tender.rules)
    move = ends_at - tender.signup_ends_at
    tender.signup_ends_at += move
    tender.selection_at += move
    if tender.auction_ends_at is not None:
        tender.auction_ends_at += move
    tender.extensions += 1
    tender.save(update_fields=["signup_ends_at", "selection_at", "auction_ends_at", "extensions"])
    record(
        tender.process,
        "signup_extended",
        by=by,
        organization=tender.buyer,
        now=now,
        subject=tender,
        data={
            "reason": str(reason),
            "extensions": tender.extensions,
            "signup_ends_at": tender.signup_ends_at.isoformat(),
            "selection_at": tender.selection_at.isoformat(),
        },
    )
    return tender


@transaction.atomic
def start_selection(*, tender: Tender, by: User | None = None, now: datetime | None = None) -> Tender:
    """Close sign-ups and begin to select."""
    now = now or clock.now()
    tender = lock(tender)
    _authorize(tender, by)
    _move(tender, TenderStatus.SELECTING)
    tender.save(update_fields=["status"])
    record(
        tender.process,
        "selection_started",
        by=by,
        organization=tender.buyer,
        now=now,
        subject=tender,
        data={"number": tender.number},
    )
    return tender


@transaction.atomic
def fail_tender(*, tender: Tender, reason: str, by: User | None = None, now: datetime | None = None) -> Tender:
    """End a need without a result, with a public reason."""
    now = now or clock.now()
    tender = lock(tender)
    _authorize(tender, by)
    if not reason.strip():
        raise Invalid("reason_missing", _("请写明未成交的原因，它会向公众公开。"), field="reason")
    _move(tender, TenderStatus.FAILED)
    tender.failure_reason = str(reason).strip()[:200]
    tender.save(update_fields=["status", "failure_reason"])
    record(
        tender.process,
        "tender_failed",
        by=by,
        organization=tender.buyer,
        now=now,
        subject=tender,
        data={"number": tender.number, "reason": tender.failure_reason},
    )
    return tender


@transaction.atomic
def award_tender(*, tender: Tender, now: datetime | None = None) -> Tender:
    """Note that a firm was chosen; the awards chapter records the event."""
    del now
    tender = lock(tender)
    _move(tender, TenderStatus.AWARDED)
    tender.save(update_fields=["status"])
    return tender


@transaction.atomic
def mark_contracted(*, tender: Tender, now: datetime | None = None) -> Tender:
    """Note that both sides signed; the contracts chapter records the event."""
    del now
    tender = lock(tender)
    _move(tender, TenderStatus.CONTRACTED)
    tender.save(update_fields=["status"])
    return tender


@transaction.atomic
def complete_tender(*, tender: Tender, now: datetime | None = None) -> Tender:
    """Note that everything agreed was delivered and settled."""
    now = now or clock.now()
    tender = lock(tender)
    _move(tender, TenderStatus.COMPLETED)
    tender.save(update_fields=["status"])
    record(
        tender.process,
        "tender_completed",
        organization=tender.buyer,
        now=now,
        subject=tender,
        data={"number": tender.number},
    )
    return tender


def _authorize(tender: Tender, by: User | None) -> None:
    """Refuse people who have nothing to decide here; the system itself (`by` is None) acts on time and results."""
    if by is not None and not by.has_perm("tenders.decide_tender", tender):
        raise Forbidden("not_allowed", _("您不能改变别人的采购需求。"))
