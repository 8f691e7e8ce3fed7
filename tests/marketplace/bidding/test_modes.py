"""Bidding by rank, in turns, after sealed offers, and upwards: through the actions, with what each viewer sees."""

from datetime import timedelta

import pytest

from marketplace.bidding.actions import outcome_of, place_bids
from marketplace.bidding.actions.bids import BidRequest
from marketplace.bidding.engine import Refusal
from marketplace.bidding.models import Bid, RefusedBid
from marketplace.bidding.room import Viewer, frame, frames_after, own_standing, snapshot
from marketplace.core.events import broken_links
from marketplace.core.models import Event
from marketplace.core.refusals import Forbidden, Refused
from tests.factories.bidding import agent_of

from .course import Course

pytestmark = pytest.mark.django_db


def refusal(call, *args, **more):
    with pytest.raises(Refused) as caught:
        call(*args, **more)
    return caught.value.code


def test_by_rank_nobody_reads_prices_before_the_close_and_everybody_after_it():
    course = Course(auction_mode="rank")
    course.place(0, 9_000_000)
    course.place(1, 9_500_000)
    assert refusal(course.place, 1, 9_460_000) == "own_not_improved"
    public, staff = snapshot(course.auction), snapshot(course.auction, Viewer.STAFF)
    assert (public["price"], public["label"], public["line"]) == (None, "", [])
    assert [set(row) for row in public["bids"]] == [{"seq", "t"}, {"seq", "t"}]
    assert staff["price"] == 9_000_000
    assert own_standing(course.auction, course.label(1)) == {"rank": 2, "of": 2, "price": 9_500_000}
    assert own_standing(course.auction, course.label(2)) == {"rank": None, "of": 2, "price": None}
    bids = [told for told in frames_after(course.tender.process_id, 0, Viewer.PARTY) if told["e"] == "bid"]
    assert [set(told) for told in bids] == [{"n", "h", "e", "seq", "ends"}] * 2
    course.now = course.auction.ends_at
    course.advance()
    (disclosed,) = course.events("bids_disclosed")
    assert [row["amount_fen"] for row in disclosed["bids"]] == [9_000_000, 9_500_000]
    assert snapshot(course.auction)["price"] == 9_000_000
    assert broken_links(course.tender.process) == []


def test_in_turns_firms_bid_one_after_the_other_the_worst_first():
    course = Course(
        firms=2, auction_mode="turns", rules={"turns": {"rounds": 2, "turn_seconds": 60, "pause_seconds": 30}}
    )
    opened = course.now
    assert course.auction.ends_at == opened + timedelta(seconds=2 * (30 + 120))
    assert refusal(course.place, 0, 9_000_000) == "not_your_turn"
    course.pass_time(seconds=30)
    course.advance()
    (begun,) = course.events("round_started")
    order = [turn["label"] for turn in begun["turns"]]
    assert order == sorted([course.label(0), course.label(1)], reverse=True)
    first = [one.label for one in course.bidders].index(order[0])
    assert refusal(course.place, 1 - first, 9_000_000) == "not_your_turn"
    course.place(first, 9_000_000)
    course.place(first, 8_900_000)
    assert refusal(course.place, first, 8_880_000) == "own_not_improved"
    course.pass_time(seconds=60)
    course.place(1 - first, 9_500_000)
    assert course.auction.leader.label == order[0]
    course.pass_time(seconds=60 + 30)
    assert refusal(course.place, first, 8_000_000) == "not_your_turn"  # the second round begins with the worse one
    course.place(1 - first, 8_800_000)
    assert [data["round"] for data in course.events("round_started")] == [1, 2]
    state = snapshot(course.auction)
    assert (state["round"], [turn["label"] for turn in state["turns"]]) == (2, [order[1], order[0]])
    course.now = course.auction.ends_at
    assert refusal(course.place, first, 8_000_000) == "auction_closed"
    assert course.auction.status == "closed"
    assert course.auction.leader.label == order[1]


def test_the_turns_of_many_firms_are_left_out_of_the_frame():
    course = Course(firms=3, auction_mode="turns")
    course.pass_time(minutes=10)
    course.advance()
    event = Event.objects.get(name="round_started")
    assert "turns" in frame(event)
    event.data["turns"] *= 10
    assert "turns" not in frame(event)


def test_sealed_offers_become_the_first_bids_when_the_auction_opens():
    course = Course(rules={"sealed_first": True}, offers=(9_000_000, 8_000_000, 8_000_000))
    bids = list(Bid.objects.order_by("sequence").values_list("bidder", "amount_fen", "kind"))
    assert bids == [
        (course.bidders[0].pk, 9_000_000, "initial"),
        (course.bidders[1].pk, 8_000_000, "initial"),
        (course.bidders[2].pk, 8_000_000, "initial"),
    ]
    assert course.auction.leader == course.bidders[1]  # of equal offers the earlier one leads
    names = list(course.tender.process.events.order_by("number").values_list("name", flat=True))
    assert names.index("offers_opened") < names.index("auction_opened") < names.index("bid_placed")
    assert course.place(2, 7_900_000).sequence == 4
    assert broken_links(course.tender.process) == []


def test_who_handed_in_no_offer_may_not_bid_on():
    course = Course(rules={"sealed_first": True}, offers=(9_000_000, 8_000_000, None))
    with pytest.raises(Forbidden) as caught:
        course.place(2, 7_000_000)
    assert caught.value.code == "no_first_offer"


def test_with_too_few_offers_there_is_no_auction():
    course = Course(rules={"sealed_first": True}, offers=(9_000_000, None, None))
    assert course.auction.status == "failed"
    assert course.status() == "failed"


def test_rights_are_sold_to_the_highest():
    course = Course(rules={"directions": ["down", "up"]}, auction_direction="up")
    assert refusal(course.place, 0, 9_999_999) == "below_start"
    course.place(0, 10_000_000)
    assert refusal(course.place, 1, 10_049_999) == "not_high_enough"
    course.place(1, 10_050_000)
    assert snapshot(course.auction)["next"] == 10_100_000
    course.now = course.auction.ends_at
    course.advance()
    assert (course.auction.leader, course.auction.best_fen) == (course.bidders[1], 10_050_000)


def test_a_refused_bid_keeps_its_answer_and_is_on_record():
    course = Course()
    course.place(0, 9_000_000, key="one")
    assert refusal(course.place, 1, 9_000_000, key="two") == "not_low_enough"
    assert refusal(course.place, 0, 8_000_000, key="three") == "already_leading"
    course.place(1, 8_000_000, key="four")
    assert refusal(course.place, 0, 8_000_000, key="three") == "already_leading"  # though it does not lead any more
    assert refusal(course.place, 0, 7_000_000, key="three") == "key_reused"
    assert course.place(0, 9_000_000, key="one").sequence == 1
    assert list(RefusedBid.objects.order_by("pk").values_list("key", "code")) == [
        ("two", "not_low_enough"),
        ("three", "already_leading"),
    ]
    firm = course.bidders[1].organization
    assert outcome_of(auction_pk=course.auction.pk, organization=firm, key="two").data["legal"] == 8_950_000
    assert outcome_of(auction_pk=course.auction.pk, organization=firm, key="four").sequence == 2
    assert outcome_of(auction_pk=course.auction.pk, organization=firm, key="five") is None


def test_a_question_is_no_outcome():
    course = Course()
    assert refusal(course.place, 0, 5_000_000, key="one", confirmed=False) == "confirm_drop"
    assert course.place(0, 5_000_000, key="one", confirmed=True).amount_fen == 5_000_000


def test_bids_that_wait_together_share_a_transaction_and_keep_their_order(django_assert_max_num_queries):
    course = Course()
    firms = [(bidder.organization_id, agent_of(bidder.organization).pk) for bidder in course.bidders]
    amounts = (9_000_000, 8_900_000, 8_950_000, 8_800_000, 8_900_000, 8_700_000)
    requests = [BidRequest(*firms[place % 3], amount, f"key-{place}") for place, amount in enumerate(amounts)]
    with django_assert_max_num_queries(16):
        answers = place_bids(auction_pk=course.auction.pk, requests=requests, now=course.now)
    told = [answer.code if isinstance(answer, Refusal) else answer.sequence for answer in answers]
    assert told == [1, 2, "not_low_enough", 3, "not_low_enough", 4]
    assert list(Bid.objects.order_by("sequence").values_list("amount_fen", flat=True)) == [
        9_000_000,
        8_900_000,
        8_800_000,
        8_700_000,
    ]
    again = place_bids(auction_pk=course.auction.pk, requests=requests, now=course.now)
    assert [answer.code if isinstance(answer, Refusal) else answer.sequence for answer in again] == told
    assert Bid.objects.count() == 4
    assert broken_links(course.tender.process) == []


def test_the_same_key_twice_in_one_group_is_one_bid():
    course = Course()
    firm = course.bidders[0].organization
    one = BidRequest(firm.pk, agent_of(firm).pk, 9_000_000, "same")
    first, second = place_bids(auction_pk=course.auction.pk, requests=[one, one], now=course.now)
    assert (first.pk, Bid.objects.count()) == (second.pk, 1)
