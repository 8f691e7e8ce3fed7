"""Void bids: an obvious mistake or a fraud is taken out of the standing by people, by an event, never by deleting (rule R8)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.core.events import record_all
from marketplace.core.models import Event
from marketplace.core.refusals import Forbidden, Refused
from marketplace.tenders.actions import reason_given

from ..engine import Mode
from ..engine.decisions import best_of
from ..models import Bid, Bidder, BidVoid
from .locked import Locked, take_lock, valid_bids
from .proxies import let_proxies_answer


def needs_two(bid: Bid) -> bool:
    """Tell whether a second person has to confirm: by the need's rules, wherever public money is spent."""
    return bool(bid.auction.tender.rules.get("void_by_two", True))


def request_void(*, bid: Bid, reason: str, by: User, now: datetime | None = None) -> BidVoid:
    """Ask that a bid be declared void; done at once where the rules do not want a second person.

    For operators, while the auction is open or paused. Refuses: `not_allowed` (403), `reason_missing`, `reason_long` (422),
    `auction_not_running`, `void_already`.
    """
    reason = reason_given(reason, _("请写明作废的理由，它会向公众公开。"))
    with transaction.atomic():
        locked, bid = _locked(bid, by, now)
        if BidVoid.objects.filter(bid=bid).exists():
            raise Refused("void_already", _("这次报价已经有人提出作废。"))
        void = BidVoid.objects.create(bid=bid, reason=reason, requested_at=locked.now, requested_by=by)
        data = {"sequence": bid.sequence, "label": bid.bidder.label, "reason": reason}
        private = Event.Visibility.PRIVATE
        event = Event(name="void_requested", at=locked.now, actor=by, data=data, visibility=private)
        record_all(locked.head, [event], subject=locked.auction)
        if not needs_two(bid):
            _void(locked, bid, void, by)
    return void


def confirm_void(*, void: BidVoid, by: User, now: datetime | None = None) -> BidVoid:
    """Declare a bid void that another person asked for; the standing falls back to the best bid that still counts.

    For operators. Refuses: `not_allowed` (403), `same_person`, `auction_not_running`, `void_already`.
    """
    with transaction.atomic():
        locked, bid = _locked(void.bid, by, now)
        void = BidVoid.objects.select_for_update().get(pk=void.pk)
        if void.confirmed_at is not None:
            raise Refused("void_already", _("这次报价已经作废。"))
        if needs_two(bid) and void.requested_by_id == by.pk:
            raise Refused("same_person", _("报价作废须由另一位管理人员确认。"))
        _void(locked, bid, void, by)
    return void


def _locked(bid: Bid, by: User, now: datetime | None) -> tuple[Locked, Bid]:
    locked = take_lock(bid.auction_id, now)
    if not by.has_perm("bidding.operate_auction", locked.auction):
        raise Forbidden("not_allowed", _("只有平台管理人员可以作废报价。"))
    if not locked.auction.is_running or (not locked.auction.paused_at and locked.now >= locked.state.ends_at):
        raise Refused("auction_not_running", _("竞价已经结束，报价不能再作废；对结果有异议请走异议程序。"))
    return locked, Bid.objects.select_related("bidder", "auction__tender").get(pk=bid.pk)


def _void(locked: Locked, bid: Bid, void: BidVoid, by: User) -> None:
    void.confirmed_at, void.confirmed_by = locked.now, by
    void.save(update_fields=["confirmed_at", "confirmed_by"])
    Bid.objects.filter(pk=bid.pk).update(voided_at=locked.now)
    state, auction = locked.state, locked.auction
    state.best_fen, state.leader = best_of(valid_bids(auction), locked.terms)
    leader = Bidder.objects.filter(tender=auction.tender_id, label=state.leader).first() if state.leader else None
    locked.save(leader_id=leader.pk if leader else None)
    hidden = locked.terms.mode == Mode.RANK
    data = {
        "sequence": bid.sequence,
        "label": bid.bidder.label,
        "reason": void.reason,
        "best_fen": state.best_fen,
        "leader": state.leader,
    }
    visibility = Event.Visibility.PRIVATE if hidden else Event.Visibility.PUBLIC
    event = Event(name="bid_voided", at=locked.now, data=data, visibility=visibility)
    record_all(locked.head, [event], subject=auction)
    if not auction.paused_at:
        locked.write(let_proxies_answer(locked))
