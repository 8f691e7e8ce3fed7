"""What happens when somebody looks: the need is found, and what has fallen due on it is done first."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.http import Http404

from marketplace.bidding.actions import advance_auction, end_sign_up
from marketplace.bidding.models import Auction
from marketplace.bidding.states import AuctionStatus
from marketplace.core import clock
from marketplace.core.refusals import Refused
from marketplace.tenders.models import Method, Tender
from marketplace.tenders.states import TenderStatus

from ..actions import confirm_award, end_judging, lapse_award, run_selection
from ..beacon import Unreachable
from ..models import Award
from ..queries.pages import find_choice, selection_of
from ..states import AwardStatus, SelectionStatus


def looked_at(number: str) -> Tender:
    """Return a published need with its choice moved on to now; 404 for drafts and unknown numbers.

    Whoever looks first does what is due, so no page waits for the worker. A refusal (somebody was faster, a neighbor does not
    answer) leaves things as they are, and the page shows that.
    """
    tender = _found(number)
    now = clock.now()
    with suppress(Refused, Unreachable):
        if not _advance(tender, now):
            return tender
    return _found(number)


def settle(award: Award, now: datetime) -> bool:
    """End a standstill or an acceptance whose time is over; tell whether anything was tried."""
    if award.status == AwardStatus.STANDSTILL and award.standstill_ends_at <= now:
        confirm_award(award=award)
    elif award.status == AwardStatus.ACCEPTING and award.accept_ends_at is not None and award.accept_ends_at <= now:
        lapse_award(award=award)
    else:
        return False
    return True


def _found(number: str) -> Tender:
    tender = find_choice(number)
    if tender is None:
        raise Http404
    return tender


def _advance(tender: Tender, now: datetime) -> bool:
    """Do what is due; tell whether there was anything."""
    selection = selection_of(tender)
    if tender.status == TenderStatus.OPEN and tender.signup_ends_at <= now:
        end_sign_up(tender=tender)
    elif tender.status != TenderStatus.SELECTING or selection is None:
        return False
    elif selection.status == SelectionStatus.COMMITTED and tender.selection_at <= now:
        if tender.method == Method.LIVE_AUCTION:
            return _advance_auction(tender, now)
        run_selection(tender=tender)
    elif selection.status == SelectionStatus.JUDGING:
        if selection.judging_ends_at is None or now < selection.judging_ends_at:
            return False
        end_judging(tender=tender)
    else:
        standing = tender.awards.filter(status__in=[AwardStatus.STANDSTILL, AwardStatus.ACCEPTING]).first()
        return standing is not None and settle(standing, now)
    return True


def _advance_auction(tender: Tender, now: datetime) -> bool:
    auction = Auction.objects.filter(tender=tender).first()
    if auction is None:
        return False
    if auction.status == AuctionStatus.CLOSED:  # it closed, but its choice could not be held at once
        run_selection(tender=tender)
        return True
    if auction.status == AuctionStatus.SCHEDULED or (auction.status == AuctionStatus.OPEN and auction.ends_at <= now):
        advance_auction(auction=auction)
        return True
    return False
