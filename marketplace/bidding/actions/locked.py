"""An auction under its lock: its row, its process's head, the database's clock, and the state that the engine decides on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Max, Min

from marketplace.core import clock
from marketplace.core.events import record_all
from marketplace.core.models import Event, Process
from marketplace.core.rows import fetch, moment, write

from ..engine import Accepted, Direction, Mode, State, Terms, Turn, Turns, whose_turn
from ..engine.decisions import standings
from ..models import Auction, Bid, ProxyBid

# What the decision needs of the row and of the need; the rest of a need is long and stays where it is.
COLUMNS = (
    *(field.attname for field in Auction._meta.concrete_fields),
    "tender__process_id",
    "tender__number",
    "tender__rules",
    "tender__floor_fen",
)
KEY_LENGTH = 64
SAVE = """
    UPDATE bidding_auction
    SET sequence = %s, best_fen = %s, leader_id = %s, ends_at = %s, hard_ends_at = %s, extensions = %s
    WHERE id = %s
"""


class Placed(NamedTuple):
    """Be an accepted bid with whose it is: the sign-up's key, the client's key, and the person's."""

    accepted: Accepted
    bidder_id: int
    key: str
    user_id: int


@dataclass
class Locked:
    """Hold an auction while its lock is held; `now` was read from the database's clock after the lock was obtained."""

    auction: Auction
    head: Process
    now: datetime
    terms: Terms
    state: State
    proxies: dict[str, ProxyBid] | None = None  # by label, once somebody has read them

    def turns(self) -> list[Turn]:
        """Return the turns of the current round; none outside a turn-based auction or before its first round."""
        if not self.auction.round or self.auction.turns_from is None:
            return []
        return turns_of(self.auction).of_round(self.auction.round, self.auction.order, self.auction.turns_from)

    def know_standings(self, labels: Iterable[str]) -> None:
        """Read the standing bids of these firms; each betters its own each time, so its best one stands."""
        best = Min if self.terms.direction == Direction.DOWN else Max
        rows = Bid.objects.filter(auction=self.auction.pk, bidder__label__in=set(labels), voided_at=None)
        own = rows.order_by().values_list("bidder__label").annotate(amount=best("amount_fen"))
        self.state.standing.update(own)

    def write(self, placed: Sequence[Placed]) -> list[Bid]:
        """Write accepted bids, each with its event, and the row as the state says: five statements, however many bids."""
        if not placed:
            return []
        hidden = self.terms.mode == Mode.RANK
        visibility = Event.Visibility.PRIVATE if hidden else Event.Visibility.PUBLIC
        drafts = [
            Event(name="bid_placed", at=self.now, data=told(one.accepted), visibility=visibility) for one in placed
        ]
        events = record_all(self.head, drafts, subject=self.auction)
        bids = [
            Bid(
                auction_id=self.auction.pk,
                bidder_id=one.bidder_id,
                sequence=one.accepted.sequence,
                amount_fen=one.accepted.amount_fen,
                kind=one.accepted.kind,
                key=one.key,
                at=self.now,
                placed_by_id=one.user_id,
                event=event,
            )
            for one, event in zip(placed, events, strict=True)
        ]
        Bid.objects.bulk_create(bids)
        leader = next((one.bidder_id for one in reversed(placed) if one.accepted.label == self.state.leader), None)
        self.save(**({"leader_id": leader} if leader else {}))
        return bids

    def save(self, **more: Any) -> None:
        """Bring the row to the state; `more` are other columns that change with it."""
        auction, state = self.auction, self.state
        auction.leader_id = more.pop("leader_id", auction.leader_id)
        for name in ("sequence", "best_fen", "ends_at", "hard_ends_at", "extensions"):
            setattr(auction, name, getattr(state, name))
        ends = moment(state.ends_at), moment(state.hard_ends_at)
        values = [state.sequence, state.best_fen, auction.leader_id, *ends, state.extensions, auction.pk]
        write(SAVE, values)
        if more:
            for name, value in more.items():
                setattr(auction, name, value)
            Auction.objects.filter(pk=auction.pk).update(**more)


def told(accepted: Accepted) -> dict[str, Any]:
    """Return an accepted bid as its event keeps it."""
    return {
        "sequence": accepted.sequence,
        "label": accepted.label,
        "amount_fen": accepted.amount_fen,
        "kind": accepted.kind,
        "ends_at": accepted.ends_at.isoformat(),
        "extended": accepted.extended,
        "extensions": accepted.extensions,
    }


def take_lock(auction_pk: int, now: datetime | None = None) -> Locked:
    """Lock the auction and then its process, read the clock, and return what a decision needs; inside a transaction."""
    auction = Auction.objects.select_for_update(of=("self",)).select_related("tender").only(*COLUMNS).get(pk=auction_pk)
    head = Process.objects.select_for_update().get(pk=auction.tender.process_id)
    now = now or clock.database_now()
    state = State(
        sequence=auction.sequence,
        best_fen=auction.best_fen,
        leader=_label(auction.leader_id),
        ends_at=auction.ends_at,
        hard_ends_at=auction.hard_ends_at,
        extensions=auction.extensions,
    )
    locked = Locked(auction=auction, head=head, now=now, terms=auction.terms, state=state)
    state.turn = whose_turn(locked.turns(), now)
    return locked


def _label(bidder_id: int | None) -> str:
    """Return the leader's label, read after the lock.

    Not joined to the locked row: who waited for the lock gets that row as it is now, but joined to what it was before, and
    a leader that changed meanwhile would be missing.
    """
    return str(fetch("SELECT label FROM bidding_bidder WHERE id = %s", [bidder_id])[0][0]) if bidder_id else ""


def turns_of(auction: Auction) -> Turns:
    """Return the schedule of a turn-based auction from the need's frozen rules."""
    return Turns.of(auction.tender.rules["turns"])


def valid_bids(auction: Auction) -> list[tuple[str, int]]:
    """Return the bids that count, as (label, fen), in their order."""
    rows = Bid.objects.filter(auction=auction.pk, voided_at=None).order_by("sequence")
    return list(rows.values_list("bidder__label", "amount_fen"))


def standings_of(auction: Auction) -> list[tuple[str, int]]:
    """Return the firms' standing bids, the best first."""
    return standings(valid_bids(auction), auction.terms)
