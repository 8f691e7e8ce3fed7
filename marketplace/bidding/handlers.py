"""What bidding does by itself: schedule auctions, make boxes for offers, move them when their time comes."""

from __future__ import annotations

from datetime import datetime

from marketplace.core.events import on
from marketplace.core.models import Event
from marketplace.core.worker import due, in_own_order
from marketplace.tenders.models import Method, Tender
from marketplace.tenders.states import TenderStatus

from . import proofs, queries  # noqa: F401 - proofs register themselves
from .actions import (
    advance_auction,
    call_bidders,
    create_box,
    end_sign_up,
    fail_auction,
    note_life,
    postpone_box,
    schedule_auction,
)
from .models import Auction


@on("tender_published")
def schedule(event: Event) -> None:
    """Schedule the auction of a need that is selected by live bidding."""
    tender = Tender.objects.get(pk=event.subject_id)
    if tender.method == Method.LIVE_AUCTION:
        schedule_auction(tender=tender, now=event.at)


@on("tender_published")
def make_box(event: Event) -> None:
    """Make the box of a need to which firms hand in sealed offers."""
    tender = Tender.objects.get(pk=event.subject_id)
    if tender.is_sealed:
        create_box(tender=tender, now=event.at)


@on("signup_extended", "tender_amended")
def keep_shut(event: Event) -> None:
    """Keep the key of the box shut until the new hour of the opening."""
    postpone_box(tender=Tender.objects.get(pk=event.subject_id), now=event.at)


@on("tender_amended")
def reschedule(event: Event) -> None:
    """Bring an auction that has not begun to the amended terms."""
    tender = Tender.objects.get(pk=event.subject_id)
    if Auction.objects.filter(tender=tender).exists():
        schedule_auction(tender=tender, now=event.at)


@on("tender_cancelled", "tender_voided")
def stop(event: Event) -> None:
    """End the auction of a need that was taken back."""
    auction = Auction.objects.filter(tender_id=int(event.subject_id)).first()
    if auction is not None:
        fail_auction(auction=auction, reason="需求已取消", now=event.at)


@due("sign-ups")
def end_sign_ups(now: datetime) -> int:
    """End the sign-ups whose time has come."""
    rows = list(
        Tender.objects.filter(status=TenderStatus.OPEN, signup_ends_at__lte=now).order_by("signup_ends_at")[:500]
    )
    for tender in in_own_order(rows):
        end_sign_up(tender=tender)
    return len(rows)


@due("life")
def live(now: datetime) -> int:
    """Note that the platform is alive; before what is due, so that an outage gives time back before anything closes."""
    return note_life()


@due("previews")
def call(now: datetime) -> int:
    """Tell firms that the minutes before their auction have begun."""
    rows = list(queries.previews(now))
    for auction in rows:
        call_bidders(auction=auction, now=now)
    return len(rows)


@due("auctions")
def advance(now: datetime) -> int:
    """Open and close what is due; the bids' own tests of the time do not depend on it."""
    rows = list(queries.due_auctions(now))
    for auction in rows:
        advance_auction(auction=auction)
    return len(rows)
