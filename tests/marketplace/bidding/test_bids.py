"""Bids: what is accepted, what is refused and why, and that the log always tells the truth."""

from datetime import datetime, timedelta

import pytest

from marketplace.bidding.actions import close_auction, place_bid
from marketplace.bidding.models import Auction, Bid, Bidder
from marketplace.bidding.proofs import auctions_follow_from_their_logs
from marketplace.bidding.states import AuctionStatus
from marketplace.core.events import broken_links
from marketplace.core.models import Event
from marketplace.core.refusals import Refused
from marketplace.parties.states import OrganizationStatus
from tests.factories.accounts import make_user
from tests.factories.bidding import agent_of, bid, make_auction
from tests.factories.parties import make_firm

pytestmark = pytest.mark.django_db


@pytest.fixture
def auction() -> Auction:
    return make_auction(firms=3, ceiling_fen=10_000_000, step_fen=50_000)


@pytest.fixture
def bidders(auction: Auction) -> list[Bidder]:
    return list(auction.tender.bidders.select_related("organization").order_by("pk"))


@pytest.fixture
def start(auction: Auction) -> datetime:
    return auction.opens_at + timedelta(seconds=5)


def test_a_price_falls_and_the_log_is_dense(auction: Auction, bidders: list[Bidder], start: datetime) -> None:
    for number, amount in enumerate((10_000_000, 9_950_000, 9_000_000)):
        bid(auction, bidders[number % 3], amount, start + timedelta(seconds=number))
    auction.refresh_from_db()
    assert (auction.best_fen, auction.leader, auction.sequence) == (9_000_000, bidders[2], 3)
    assert list(auction.bids.values_list("sequence", flat=True)) == [1, 2, 3]
    assert list(auctions_follow_from_their_logs()) == []
    assert broken_links(auction.tender.process) == []


@pytest.mark.parametrize(
    ("amount", "code", "status"),
    [
        (10_000_001, "above_ceiling", 422),
        (9_950_001, "not_low_enough", 422),
        (10_000_000, "not_low_enough", 422),
        (0, "amount_invalid", 422),
        (-1, "amount_invalid", 422),
        (True, "amount_invalid", 422),
    ],
)
def test_a_wrong_amount_is_refused_and_leaves_nothing(
    auction: Auction, bidders: list[Bidder], start: datetime, amount: int, code: str, status: int
) -> None:
    bid(auction, bidders[0], 10_000_000, start)
    events = Event.objects.count()
    with pytest.raises(Refused) as refused:
        bid(auction, bidders[1], amount, start, key="wrong")
    assert (refused.value.code, refused.value.status, refused.value.field) == (code, status, "amount")
    assert Bid.objects.count() == 1
    assert Event.objects.count() == events


def test_the_leader_need_not_outbid_itself(auction: Auction, bidders: list[Bidder], start: datetime) -> None:
    bid(auction, bidders[0], 9_000_000, start)
    with pytest.raises(Refused) as refused:
        bid(auction, bidders[0], 8_000_000, start)
    assert refused.value.code == "already_leading"


def test_the_same_key_is_the_same_bid(auction: Auction, bidders: list[Bidder], start: datetime) -> None:
    first = bid(auction, bidders[0], 9_000_000, start, key="k1")
    bid(auction, bidders[1], 8_000_000, start, key="k1")  # another firm's key is its own
    assert bid(auction, bidders[0], 9_000_000, start + timedelta(hours=9), key="k1") == first
    with pytest.raises(Refused) as refused:
        bid(auction, bidders[0], 7_000_000, start, key="k1")
    assert refused.value.code == "key_reused"
    assert auction.bids.count() == 2


def test_a_bid_in_the_window_moves_the_end_once(auction: Auction, bidders: list[Bidder]) -> None:
    planned = auction.ends_at
    bid(auction, bidders[0], 9_000_000, planned - timedelta(seconds=121))
    auction.refresh_from_db()
    assert (auction.ends_at, auction.extensions) == (planned, 0)
    late = planned - timedelta(seconds=30)
    bid(auction, bidders[1], 8_900_000, late)
    auction.refresh_from_db()
    assert (auction.ends_at, auction.extensions) == (late + timedelta(seconds=120), 1)


def test_extensions_are_capped_by_number_and_by_the_hard_end(auction: Auction, bidders: list[Bidder]) -> None:
    Auction.objects.filter(pk=auction.pk).update(
        max_extensions=2, hard_ends_at=auction.ends_at + timedelta(seconds=150)
    )
    amount = 9_000_000
    for turn in range(4):
        auction.refresh_from_db()
        bid(auction, bidders[turn % 2], amount - turn * 50_000, auction.ends_at - timedelta(seconds=1))
    auction.refresh_from_db()
    assert auction.extensions == 2
    assert auction.ends_at <= auction.hard_ends_at


def test_a_bid_at_the_end_is_too_late_and_closes_the_auction(auction: Auction, bidders: list[Bidder]) -> None:
    bid(auction, bidders[0], 9_000_000, auction.ends_at - timedelta(minutes=10))
    with pytest.raises(Refused) as refused:
        bid(auction, bidders[1], 8_000_000, auction.ends_at)
    assert refused.value.code == "auction_closed"
    assert "结束" in str(refused.value)
    auction.refresh_from_db()
    assert (auction.status, auction.best_fen) == (AuctionStatus.CLOSED, 9_000_000)
    last = Event.objects.filter(process=auction.tender.process, name__in=("bid_placed", "auction_closed")).last()
    assert last is not None
    assert last.name == "auction_closed"


def test_a_bid_a_microsecond_before_the_end_counts(auction: Auction, bidders: list[Bidder]) -> None:
    bid(auction, bidders[0], 9_000_000, auction.ends_at - timedelta(microseconds=1))
    auction.refresh_from_db()
    assert auction.sequence == 1


def test_before_the_start_nothing_is_taken(bidders: list[Bidder]) -> None:
    early = make_auction(firms=3, status="scheduled")
    with pytest.raises(Refused) as refused:
        bid(early, early.tender.bidders.first(), 9_000_000, early.opens_at - timedelta(seconds=1))
    assert refused.value.code == "auction_not_open"


def test_a_bid_at_the_start_opens_the_auction(bidders: list[Bidder]) -> None:
    waiting = make_auction(firms=3, status="scheduled")
    bid(waiting, waiting.tender.bidders.first(), 9_000_000, waiting.opens_at)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.sequence) == (AuctionStatus.OPEN, 1)


def test_who_did_not_sign_up_may_not_bid(auction: Auction, start: datetime) -> None:
    stranger = make_firm(services=[auction.tender.service])
    with pytest.raises(Refused) as refused:
        place_bid(
            auction=auction, organization=stranger, amount_fen=9_000_000, key="k", by=agent_of(stranger), now=start
        )
    assert (refused.value.code, refused.value.status) == ("not_signed_up", 403)


def test_nobody_bids_for_somebody_elses_firm(auction: Auction, bidders: list[Bidder], start: datetime) -> None:
    firm = bidders[0].organization
    for by in (make_user(), agent_of(bidders[1].organization), agent_of(auction.tender.buyer)):
        with pytest.raises(Refused) as refused:
            place_bid(auction=auction, organization=firm, amount_fen=9_000_000, key="k", by=by, now=start)
        assert refused.value.status == 403


def test_a_suspended_firm_is_cut_off_at_once(auction: Auction, bidders: list[Bidder], start: datetime) -> None:
    firm = bidders[0].organization
    firm.status = OrganizationStatus.SUSPENDED
    firm.save()
    with pytest.raises(Refused) as refused:
        bid(auction, bidders[0], 9_000_000, start)
    assert (refused.value.code, refused.value.status) == ("suspended", 403)


def test_closing_twice_closes_once(auction: Auction, bidders: list[Bidder], start: datetime) -> None:
    bid(auction, bidders[0], 9_000_000, start)
    for _time in range(2):
        assert close_auction(auction=auction, now=auction.ends_at).status == AuctionStatus.CLOSED
    assert Event.objects.filter(process=auction.tender.process, name="auction_closed").count() == 1


def test_closing_too_early_is_refused(auction: Auction, start: datetime) -> None:
    with pytest.raises(Refused) as refused:
        close_auction(auction=auction, now=start)
    assert refused.value.code == "too_early"


def test_the_proof_finds_a_row_that_lies(auction: Auction, bidders: list[Bidder], start: datetime) -> None:
    bid(auction, bidders[0], 9_000_000, start)
    Auction.objects.filter(pk=auction.pk).update(best_fen=1)
    assert any("result best_fen" in sentence for sentence in auctions_follow_from_their_logs())
