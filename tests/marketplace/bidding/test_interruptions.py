"""Pauses, technical failure, void bids and limits: what people and accidents do to an auction, all of it in its log."""

from datetime import timedelta

import pytest

from marketplace.bidding.actions import (
    close_auction,
    confirm_void,
    note_life,
    pause_auction,
    request_void,
    resume_auction,
    set_proxy,
)
from marketplace.bidding.models import Bid, ProxyBid, Pulse
from marketplace.bidding.room import Viewer, frames_after, snapshot
from marketplace.core import clock
from marketplace.core.events import broken_links
from marketplace.core.refusals import Forbidden, Invalid, Refused
from marketplace.parties.models import Organization
from tests.factories.accounts import make_admin, make_user
from tests.factories.bidding import agent_of

from .course import Course

pytestmark = pytest.mark.django_db


def refusal(call, *args, **more):
    with pytest.raises(Refused) as caught:
        call(*args, **more)
    return caught.value.code


def test_a_pause_stops_bids_and_gives_its_length_back():
    course, admin = Course(), make_admin()
    ends, hard = course.auction.ends_at, course.auction.hard_ends_at
    course.place(0, 9_000_000)
    pause_auction(auction=course.auction, reason="网络中断，核查中", by=admin, now=course.pass_time(minutes=5))
    assert refusal(course.place, 1, 8_000_000) == "auction_paused"
    assert snapshot(course.auction)["status"] == "paused"
    course.pass_time(hours=2)
    assert course.advance().status == "paused"
    resume_auction(auction=course.auction, reason="网络已恢复", by=admin, now=course.now)
    assert (course.auction.ends_at, course.auction.hard_ends_at) == (
        ends + timedelta(hours=2),
        hard + timedelta(hours=2),
    )
    course.place(1, 8_000_000)
    told = [one["e"] for one in frames_after(course.tender.process_id, 0)]
    assert [kind for kind in told if kind in {"bid", "pause", "resume"}] == ["bid", "pause", "resume", "bid"]
    assert broken_links(course.tender.process) == []


def test_pausing_is_for_operators_with_a_reason_and_in_time():
    course, admin = Course(), make_admin()
    with pytest.raises(Forbidden):
        pause_auction(auction=course.auction, reason="我想暂停一下", by=make_user(), now=course.now)
    with pytest.raises(Invalid):
        pause_auction(auction=course.auction, reason=" ", by=admin, now=course.now)
    assert (
        refusal(resume_auction, auction=course.auction, reason="没有暂停过", by=admin, now=course.now)
        == "state_conflict"
    )
    at_end = course.auction.ends_at
    assert (
        refusal(pause_auction, auction=course.auction, reason="太晚了的暂停", by=admin, now=at_end) == "auction_closed"
    )


def test_turns_move_with_a_pause():
    rules = {"turns": {"rounds": 1, "turn_seconds": 60, "pause_seconds": 30}}
    course, admin = Course(firms=2, auction_mode="turns", rules=rules), make_admin()
    course.pass_time(seconds=40)
    course.advance()
    first = [bidder.label for bidder in course.bidders].index(course.auction.order[0])
    pause_auction(auction=course.auction, reason="核查报价人身份", by=admin, now=course.now)
    course.pass_time(minutes=30)
    resume_auction(auction=course.auction, reason="核查完毕", by=admin, now=course.now)
    assert course.place(first, 9_000_000).sequence == 1
    course.pass_time(seconds=50)
    assert course.place(1 - first, 8_000_000).sequence == 2


def test_the_silence_of_the_platform_gives_its_length_back():
    course = Course()
    ends = course.auction.ends_at
    course.place(0, 9_000_000)
    last = ends - timedelta(minutes=3)
    note_life(last)
    back = ends + timedelta(minutes=7)
    assert note_life(back) == 1
    auction = course.auction
    assert auction.ends_at == ends + timedelta(minutes=10)
    assert course.events("auction_prolonged")[0]["ends_at"] == auction.ends_at.isoformat()
    course.now = back
    assert course.place(1, 8_000_000).sequence == 2
    assert note_life(back + timedelta(seconds=2)) == 0


def test_a_short_silence_changes_nothing():
    course = Course(rules={"outage_seconds": 60})
    note_life(course.now)
    assert note_life(course.now + timedelta(seconds=59)) == 0
    note_life(course.now + timedelta(seconds=60))
    assert note_life(course.now + timedelta(seconds=200)) == 1


def test_who_closes_looks_for_an_outage_first():
    """Nobody could bid in the last minutes: whoever notices the end first prolongs instead of closing."""
    course = Course()
    course.place(0, 9_000_000)
    auction = course.auction
    ends = clock.now() - timedelta(seconds=10)
    type(auction).objects.filter(pk=auction.pk).update(
        opens_at=ends - timedelta(hours=1), ends_at=ends, hard_ends_at=ends
    )
    Bid.objects.update(at=ends - timedelta(minutes=50))
    Pulse.objects.create(pk=1, at=ends - timedelta(seconds=100))
    assert refusal(close_auction, auction=auction) == "too_early"
    assert course.auction.ends_at > clock.now() + timedelta(seconds=90)


def test_a_void_bid_stays_on_record_and_the_one_before_it_stands_again():
    course, admin, other = Course(rules={"void_by_two": True}), make_admin(), make_admin()
    course.place(0, 9_000_000)
    slip = course.place(1, 90_000)
    void = request_void(bid=slip, reason="少打了三个零，机构来电", by=admin, now=course.now)
    assert course.auction.best_fen == 90_000
    assert refusal(confirm_void, void=void, by=admin, now=course.now) == "same_person"
    confirm_void(void=void, by=other, now=course.now)
    assert (course.auction.best_fen, course.auction.leader, course.auction.sequence) == (
        9_000_000,
        course.bidders[0],
        2,
    )
    assert refusal(confirm_void, void=void, by=other, now=course.now) == "void_already"
    assert refusal(request_void, bid=slip, reason="再作废一次试试", by=admin, now=course.now) == "void_already"
    state = snapshot(course.auction)
    assert [row.get("voided", False) for row in state["bids"]] == [True, False]
    assert course.place(1, 8_950_000).sequence == 3
    assert [data["best_fen"] for data in course.events("bid_voided")] == [9_000_000]
    public = [one["e"] for one in frames_after(course.tender.process_id, 0)]
    assert public.count("void") == 1
    assert broken_links(course.tender.process) == []


def test_the_only_bid_may_be_void_and_one_person_is_enough_where_the_rules_say_so():
    course, admin = Course(rules={"void_by_two": False}), make_admin()
    only = course.place(0, 9_000_000)
    request_void(bid=only, reason="机构填错了金额", by=admin, now=course.now)
    assert (course.auction.best_fen, course.auction.leader) == (None, None)
    assert Bid.objects.get(pk=only.pk).voided_at == course.now
    course.place(1, 10_000_000)
    course.now = course.auction.ends_at
    course.advance()
    assert refusal(request_void, bid=only, reason="已经结束的竞价", by=admin, now=course.now) == "auction_not_running"


def leave(course, place, limit, key):
    firm = course.bidders[place].organization
    return set_proxy(
        auction=course.auction, organization=firm, limit_fen=limit, key=key, by=agent_of(firm), now=course.now
    )


def test_a_limit_answers_for_its_firm_and_nobody_else_reads_it():
    course = Course(rules={"proxy": True})
    left = leave(course, 0, 8_000_000, "a")
    assert course.auction.best_fen == 10_000_000  # the first legal bid
    course.place(1, 9_000_000)
    assert [(bid.amount_fen, bid.kind) for bid in Bid.objects.order_by("sequence")] == [
        (10_000_000, "auto"),
        (9_000_000, "manual"),
        (8_950_000, "auto"),
    ]
    assert leave(course, 0, 8_000_000, "a").pk == left.pk
    course.place(1, 8_000_000)
    assert course.auction.leader == course.bidders[1]
    for data in course.events():
        assert 8_000_000 not in data.values() or data.get("label") == course.label(1)
    assert len(left.commitment) == 64
    hidden = frames_after(course.tender.process_id, 0, Viewer.PARTY)
    assert all("commitment" not in one for one in hidden)


def test_two_limits_meet_and_the_earlier_of_equal_ones_wins():
    course = Course(rules={"proxy": True}, is_open=False)
    leave(course, 1, 8_000_000, "a")
    leave(course, 0, 8_000_000, "b")
    course.advance()
    assert course.auction.status == "open"
    assert (course.auction.leader, course.auction.best_fen) == (course.bidders[1], 8_049_999)


def test_a_limit_can_be_taken_back_and_is_checked():
    course = Course(rules={"proxy": True})
    assert refusal(leave, course, 0, 10_000_001, "a") == "above_ceiling"
    leave(course, 0, 9_000_000, "b")
    leave(course, 0, None, "c")
    assert ProxyBid.objects.get().limit_fen is None
    course.place(1, 9_500_000)
    assert course.auction.leader == course.bidders[1]
    assert refusal(leave, course, 0, 9_460_000, "d") == "limit_invalid"
    Organization.objects.filter(pk=course.bidders[0].organization_id).update(status="suspended")
    assert refusal(leave, course, 0, 9_000_000, "e") == "suspended"


def test_where_the_rules_have_no_proxies_there_are_none():
    assert refusal(leave, Course(rules={"proxy": False}), 0, 9_000_000, "a") == "proxy_not_allowed"
    assert refusal(leave, Course(auction_mode="rank"), 0, 9_000_000, "a") == "proxy_not_allowed"


def test_everybody_in_the_room_reads_why_it_stands_still(client):
    course, admin = Course(), make_admin()
    pause_auction(auction=course.auction, reason="核实一家机构反映的故障", by=admin, now=course.now)
    assert snapshot(course.auction)["reason"] == "核实一家机构反映的故障"
    (told,) = [one for one in frames_after(course.tender.process_id, 0) if one["e"] == "pause"]
    assert told["reason"] == "核实一家机构反映的故障"
    assert "原因：核实一家机构反映的故障" in client.get(f"/auctions/{course.tender.number}/").content.decode()
    resume_auction(auction=course.auction, reason="故障已排除", by=admin, now=course.now)
    assert snapshot(course.auction)["reason"] == ""
