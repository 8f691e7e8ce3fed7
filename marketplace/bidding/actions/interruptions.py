"""Interruptions: an operator pauses and resumes; and what happens when the platform itself was away (rule R8)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.events import record_all
from marketplace.core.models import Event
from marketplace.core.refusals import Forbidden, Refused
from marketplace.tenders.actions import reason_given

from ..models import Auction, Pulse
from ..states import AUCTION, AuctionStatus
from .locked import Locked, take_lock

OUTAGE_SECONDS = 30  # where the rules of a need say nothing: those from before the setting


def pause_auction(*, auction: Auction, reason: str, by: User, now: datetime | None = None) -> Auction:
    """Stop an open auction: no bid is taken until it is resumed, and its clock stands still.

    For operators. Refuses: `not_allowed` (403), `reason_missing`, `reason_long` (422), `state_conflict`, `auction_closed` when
    its time is over.
    """
    reason = reason_given(reason, _("请写明理由，它会在竞价室公开。"))
    with transaction.atomic():
        locked = take_lock(auction.pk, now)
        auction = locked.auction
        if not by.has_perm("bidding.operate_auction", auction):
            raise Forbidden("not_allowed", _("只有平台管理人员可以暂停竞价。"))
        AUCTION.check(auction.status, AuctionStatus.PAUSED)
        if locked.now >= auction.ends_at:
            raise Refused("auction_closed", _("竞价时间已到，不能再暂停。"))
        auction.status, auction.paused_at = AuctionStatus.PAUSED, locked.now
        Auction.objects.filter(pk=auction.pk).update(status=auction.status, paused_at=auction.paused_at)
        event = Event(name="auction_paused", at=locked.now, actor=by, data={"reason": reason})
        record_all(locked.head, [event], subject=auction)
    return auction


def resume_auction(*, auction: Auction, reason: str, by: User, now: datetime | None = None) -> Auction:
    """Let a paused auction go on; its end, its latest end and its turns move by the length of the pause.

    For operators. Refuses: `not_allowed` (403), `reason_missing`, `reason_long` (422), `state_conflict`.
    """
    reason = reason_given(reason, _("请写明理由，它会在竞价室公开。"))
    with transaction.atomic():
        locked = take_lock(auction.pk, now)
        auction = locked.auction
        if not by.has_perm("bidding.operate_auction", auction):
            raise Forbidden("not_allowed", _("只有平台管理人员可以恢复竞价。"))
        AUCTION.check(auction.status, AuctionStatus.OPEN)
        assert auction.paused_at is not None
        away = locked.now - auction.paused_at
        auction.status, auction.paused_at = AuctionStatus.OPEN, None
        _move(locked, away, "auction_resumed", reason, by)
    return auction


def _move(locked: Locked, away: timedelta, name: str, reason: str, by: User | None = None) -> None:
    """Move an auction's remaining time by `away` and say so in its log."""
    auction, state = locked.auction, locked.state
    state.ends_at, state.hard_ends_at = state.ends_at + away, state.hard_ends_at + away
    moved = {name: getattr(auction, name) for name in ("turns_from", "next_round_at")}
    moved = {name: moment + away for name, moment in moved.items() if moment is not None}
    locked.save(status=auction.status, paused_at=auction.paused_at, **moved)
    data: dict[str, object] = {
        "reason": reason,
        "ends_at": state.ends_at.isoformat(),
        "hard_ends_at": state.hard_ends_at.isoformat(),
    }
    if turns := locked.turns():
        data["turns"] = [turn.as_data() for turn in turns]
    record_all(locked.head, [Event(name=name, at=locked.now, actor=by, data=data)], subject=auction)


def note_life(now: datetime | None = None) -> int:
    """Note that the platform is alive; after a silence longer than the rules bear, prolong what was open by its length.

    The worker and every server with watchers call this every other second, and whoever closes an auction calls it first: firms
    that could not bid because the database or all servers were away get their time back. Returns how many were prolonged.
    """
    now = now or clock.database_now()
    with transaction.atomic():
        pulse = Pulse.objects.select_for_update().first()
        if pulse is None:
            Pulse.objects.get_or_create(pk=1, defaults={"at": now})
            return 0
        silence = now - pulse.at
        if silence.total_seconds() < 1:
            return 0
        since, pulse.at = pulse.at, now
        pulse.save(update_fields=["at"])
        if silence < timedelta(seconds=1 + OUTAGE_SECONDS // 10):
            return 0
        rows = Auction.objects.filter(status=AuctionStatus.OPEN, ends_at__gt=since, opens_at__lt=now)
        return sum(_prolong(auction.pk, since, now) for auction in rows.order_by("pk"))


def _prolong(auction_pk: int, since: datetime, now: datetime) -> bool:
    locked = take_lock(auction_pk, now)
    auction = locked.auction
    allowed = int(auction.tender.rules.get("outage_seconds", OUTAGE_SECONDS))
    bids = auction.bids.order_by("-sequence").values_list("at", flat=True)[:1]
    away = now - max(since, auction.opens_at, *bids)  # a bid that was taken is a sign of life too
    if auction.status != AuctionStatus.OPEN or not allowed or away < timedelta(seconds=allowed):
        return False
    _move(locked, away, "auction_prolonged", "平台服务中断，按技术故障条款顺延竞价时间")
    return True
