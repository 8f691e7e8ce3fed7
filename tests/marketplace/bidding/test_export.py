"""The log of an auction as the public downloads it, and the program beside it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from marketplace.bidding import export, verify_auction
from marketplace.bidding.actions import fail_auction
from marketplace.bidding.verify_auction import check
from marketplace.core.events import digest
from marketplace.core.models import Event
from tests.marketplace.bidding.played import PLAYS, by_rank, finish, in_the_open, log_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("play", PLAYS)
def test_a_finished_auction_is_checked_by_outsiders_and_by_ourselves(play):
    course = play()
    finish(course)
    assert check(log_of(course)) == []
    assert check(log_of(course, public=False)) == []


def test_hashes_of_a_public_log_are_recomputed_from_the_file_alone():
    course = in_the_open()
    finish(course)
    log = log_of(course)
    events = {event.number: event for event in Event.objects.filter(process=course.tender.process)}
    in_full = [row for row in log["events"] if "actor" in row]
    assert {row["name"] for row in in_full} >= {"auction_opened", "bid_placed", "bid_voided", "auction_closed"}
    for row in in_full:
        assert row["hash"] == digest(events[row["number"]]) == verify_auction.digest(log["process"], row)
    assert log["events"][-1]["name"] == "auction_closed"
    assert [row["number"] for row in log["events"]] == list(range(1, len(log["events"]) + 1))


def test_a_public_log_names_nobody():
    course = in_the_open()
    finish(course)
    log = log_of(course)
    masked = {row["name"] for row in log["events"] if "masked" in row}
    assert masked == {"auction_paused", "auction_resumed"}  # the operator's name is left out
    assert {row["actor"] for row in log["events"] if "actor" in row} == {None}
    text = json.dumps(log, ensure_ascii=False)
    for bidder in course.bidders:
        assert bidder.organization.name not in text
    names = {row.get("name") for row in log["events"]}
    assert not names & {"tender_published", "bidder_signed_up", "proxy_set", "void_requested"}


def test_bids_by_rank_stay_secret_until_the_close_and_for_good_when_it_fails():
    course = by_rank()
    running = log_of(course)
    assert "bid_placed" not in {row.get("name") for row in running["events"]}
    assert "9500000" not in json.dumps(running)
    fail_auction(auction=course.auction, reason="需求已取消", now=course.now)
    log = log_of(course)
    assert "9500000" not in json.dumps(log)
    assert log["result"] == {"status": "failed"}
    assert check(log) == []
    other = by_rank()
    finish(other)
    bids = [row["data"]["amount_fen"] for row in log_of(other)["events"] if row.get("name") == "bid_placed"]
    assert bids == [9_500_000, 9_600_000, 9_000_000, 9_400_000, 8_900_000]


def test_a_storm_of_bids_is_read_under_the_lock(monkeypatch):
    monkeypatch.setattr(export, "TRIES", 0)
    course = in_the_open()
    assert check(log_of(course, public=False)) == []


def test_the_file_is_public_when_the_auction_is_over(client):
    course = in_the_open()
    address = f"/auctions/{course.tender.number}/log.json"
    early = client.get(address)
    assert (early.status_code, early.json()["code"]) == (409, "auction_not_over")
    assert early.json()["message"].endswith("。")
    finish(course)
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert f"auction-{course.tender.number}.json" in answer["Content-Disposition"]
    assert answer.json() == log_of(course)
    unknown = client.get("/auctions/YT2026-999999/log.json")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "auction_unknown")
    assert Client().post(address).status_code == 405


def test_the_program_lies_beside_it(client):
    answer = client.get("/auctions/verify_auction.py")
    assert answer["Content-Type"].startswith("text/x-python")
    assert b"".join(answer.streaming_content) == Path(verify_auction.__file__).read_bytes()


def test_the_command_prints_the_same():
    course = in_the_open()
    with pytest.raises(CommandError, match="not over"):
        call_command("auction_log", course.tender.number)
    finish(course)
    out = io.StringIO()
    call_command("auction_log", course.tender.number, stdout=out)
    assert json.loads(out.getvalue()) == log_of(course)
    with pytest.raises(CommandError, match="No auction"):
        call_command("auction_log", "YT2026-999999")
