"""The proof that `manage.py verify` makes of every auction: rows, bids and events say the same, by the rules."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from marketplace.bidding import export
from marketplace.bidding.actions import fail_auction
from marketplace.bidding.models import Auction, Bid, RefusedBid
from marketplace.bidding.proofs import auctions_follow_from_their_logs
from marketplace.bidding.states import AuctionStatus
from marketplace.bidding.verify_auction import check
from marketplace.core.models import Event
from marketplace.core.proofs import PROOFS
from tests.factories.tenders import make_tender
from tests.marketplace.bidding.course import Course
from tests.marketplace.bidding.played import PLAYS, as_of_old, finish, in_the_open, log_of, until

pytestmark = pytest.mark.django_db


@pytest.fixture
def faults(db):
    """Give what the proof of auctions says."""
    return lambda: list(auctions_follow_from_their_logs())


@pytest.mark.parametrize("play", PLAYS)
def test_an_auction_that_runs_and_one_that_is_over(faults, play):
    course = play()
    assert faults() == []
    finish(course)
    assert faults() == []
    assert "auctions" in PROOFS


def test_an_auction_from_before_is_judged_by_the_terms_of_its_row(faults):
    course = Course()
    course.pass_time(seconds=10)
    course.place(0, 9_500_000)
    until(course, 10)
    course.place(1, 9_400_000)
    as_of_old(course)
    assert faults() == []
    finish(course)
    log = log_of(course)
    assert log["terms"]["step_fen"] == course.auction.step_fen
    assert all("masked" in row and "actor" not in row for row in log["events"] if row.get("name") == "bid_placed")
    assert check(log) == []
    assert faults() == []
    Auction.objects.update(step_fen=200_000)
    assert any("less than a step" in fault for fault in faults())


def test_an_auction_that_nobody_opened_or_nobody_bid_in(faults):
    tender = make_tender()
    assert faults() == []
    fail_auction(auction=tender.auction, reason="需求已取消", now=tender.signup_ends_at)
    course = Course()
    assert faults() == []
    finish(course)
    assert course.auction.status == AuctionStatus.FAILED
    assert check(log_of(course)) == []
    assert faults() == []


TAMPERINGS = [
    (lambda course: Auction.objects.update(best_fen=8_800_000), "result best_fen"),
    (lambda course: Auction.objects.update(leader=course.bidders[1]), "result label"),
    (lambda course: Auction.objects.update(sequence=F("sequence") + 1), "result sequence"),
    (lambda course: Auction.objects.update(ends_at=F("ends_at") - timedelta(seconds=1)), "result ends_at"),
    (lambda course: Auction.objects.update(extensions=9), "result extensions"),
    (lambda course: Auction.objects.update(status="failed"), "result status"),
    (lambda course: Bid.objects.filter(sequence=1).update(amount_fen=9_499_999), "bid 1 has a row that differs"),
    (lambda course: Bid.objects.filter(sequence=1).update(bidder=course.bidders[2]), "bid 1 has a row that differs"),
    (lambda course: Bid.objects.filter(sequence=2).update(at=F("at") - timedelta(seconds=1)), "bid 2 has a row"),
    (lambda course: Bid.objects.filter(sequence=1).update(voided_at=course.now), "bid 1 is void in its row alone"),
    (lambda course: Bid.objects.update(voided_at=None), "is void in its event alone"),
    (lambda course: Bid.objects.filter(sequence=2).delete(), "bid 2 has no row"),
    (lambda course: Event.objects.filter(name="bid_placed", data__sequence=1).update(name="bid_removed"), "#"),
    (lambda course: Event.objects.filter(name="auction_opened").update(data={"mode": "open"}), "cannot be read"),
]


@pytest.mark.parametrize(("tamper", "words"), TAMPERINGS, ids=[words for _tamper, words in TAMPERINGS])
def test_a_row_that_somebody_changed_is_found(faults, tamper, words):
    course = in_the_open()
    finish(course)
    assert faults() == []
    tamper(course)
    found = faults()
    assert any(words in fault for fault in found), found
    assert all(fault.startswith(f"auction {course.tender.number}: ") for fault in found)


def test_a_submit_with_two_answers_is_found(faults):
    in_the_open()
    first = Bid.objects.get(sequence=1)
    values = {"bidder": first.bidder, "key": first.key, "amount_fen": 1, "code": "above_ceiling", "at": first.at}
    RefusedBid.objects.create(placed_by=first.placed_by, **values)
    assert any("was accepted and refused" in fault for fault in faults())


def test_bids_that_come_in_while_the_proof_reads_are_no_fault(faults, monkeypatch):
    course = in_the_open()
    until(course, 9)
    told = export._in_full

    def busy(event):
        if event.name == "auction_opened":
            course.place(0, 8_700_000)
        return told(event)

    monkeypatch.setattr(export, "_in_full", busy)
    before = Bid.objects.count()
    assert faults() == []
    assert Bid.objects.count() > before
