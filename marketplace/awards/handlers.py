"""What the choice does by itself: commit at publication, freeze, hold the choice, end standstills, answer for the replay."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db.models import QuerySet

from marketplace.bidding.actions import end_sign_up
from marketplace.core.events import on
from marketplace.core.models import Event
from marketplace.core.proofs import proof
from marketplace.core.refusals import Refused
from marketplace.core.worker import due, in_own_order
from marketplace.tenders.models import NAMED, Tender

from . import queries
from .actions import (
    commit_selection,
    confirm_award,
    end_judging,
    freeze_pool,
    lapse_award,
    postpone_reveal,
    revoke_award,
    run_selection,
    stop_selection,
)
from .models import Award
from .states import AWARD, AwardStatus

logger = logging.getLogger(__name__)
BATCH = 500


@on("tender_published")
def commit(event: Event) -> None:
    """Commit to the seed of a published need; where the owner named the firm, there is nothing to wait for."""
    tender = Tender.objects.select_related("process").get(pk=event.subject_id)
    commit_selection(tender=tender, now=event.at)
    if tender.method in NAMED:
        end_sign_up(tender=tender, now=event.at)


@on("signup_extended", "tender_amended")
def postpone(event: Event) -> None:
    """Move the hour of the secret with the need's times."""
    postpone_reveal(tender=Tender.objects.get(pk=event.subject_id))


@on("selection_started")
def freeze(event: Event) -> None:
    """Freeze the list of firms; hold the choice at once when its hour has come already."""
    tender = Tender.objects.select_related("process").get(pk=event.subject_id)
    freeze_pool(tender=tender, now=event.at)
    if tender.selection_at <= event.at:
        try:
            run_selection(tender=tender, now=event.at)
        except Refused as refused:  # an auction runs first
            logger.info("selection of %s: %s", tender.number, refused.code)


@on("auction_closed")
def choose(event: Event) -> None:
    """Hold the choice when the auction is over."""
    tender = Tender.objects.select_related("process").get(process=event.process)
    run_selection(tender=tender, now=event.at)


@on("tender_cancelled", "tender_voided")
def stop(event: Event) -> None:
    """End the choice of a need that was taken back, and an award that is not confirmed yet."""
    tender = Tender.objects.select_related("process").get(pk=event.subject_id)
    stop_selection(tender=tender, reason="需求已取消", now=event.at)
    for award in tender.awards.all():
        if AWARD.allows(award.status, AwardStatus.REVOKED):
            revoke_award(award=award, reason="需求已取消", now=event.at)


@due("selections")
def choose_due(now: datetime) -> int:
    """Hold the choices whose hour has come."""
    return _each(queries.due_selections(now), lambda tender: run_selection(tender=tender))


@due("judging")
def end_due_judging(now: datetime) -> int:
    """End the judging whose deadline has passed."""
    return _each(queries.due_judging(now), lambda tender: end_judging(tender=tender, now=now))


@due("standstill")
def confirm_due(now: datetime) -> int:
    """End the standstills that are over; return how many."""
    return _each(queries.due_awards(now), lambda award: confirm_award(award=award, now=now))


@due("acceptance")
def lapse_due(now: datetime) -> int:
    """End the awards whose firm did not answer."""
    return _each(queries.due_acceptances(now), lambda award: lapse_award(award=award, now=now))


def _each(rows: QuerySet[Award] | QuerySet[Tender], act: Callable[..., object]) -> int:
    done = 0
    for row in in_own_order(rows[:BATCH]):
        try:
            act(row)
        except Refused as refused:  # somebody was faster, or a neighbour does not answer: the next round tries again
            logger.info("%s: %s", row, refused.code)
        else:
            done += 1
    return done


@proof("replay")
def every_choice_comes_out_again() -> Iterable[str]:
    """Recompute every finished choice from its inputs, its rules and its seed."""
    for selection in queries.finished_selections().iterator():
        yield from queries.replay(selection)
