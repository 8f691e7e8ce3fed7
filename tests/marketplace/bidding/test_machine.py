"""An auction walked at random beside a small model; the invariants of the auction's facts hold after every step.

I1 dense sequence, I2 steps, I3 every answer as it was given, I4 nothing at or after the end, I5 the close is last and once, I6 the end never
comes earlier, I7 the row equals the fold, I8 the winner, I9 the chain and the heads in frames, I10 who comes back misses nothing, I12 no
frame tells who it was, I13 rights at each bid, I14 amounts as they were, I15 a wrong clock of ours decides nothing (`now` is given here as the
database's). I11 is in tests/realtime, I16 in tests/marketplace/awards.
"""

import json
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from marketplace.bidding.actions import close_auction, pause_auction, place_bids, request_void, resume_auction
from marketplace.bidding.actions.bids import BidRequest
from marketplace.bidding.disclosure import names_are_public
from marketplace.bidding.engine import Refusal
from marketplace.bidding.models import Bid
from marketplace.bidding.room import Viewer, encode, frames_after, snapshot
from marketplace.bidding.states import AuctionStatus
from marketplace.core.events import broken_links
from marketplace.core.refusals import Refused
from marketplace.parties.models import Organization
from marketplace.tenders.models import Tender
from tests.factories.accounts import make_admin
from tests.factories.bidding import agent_of

from .auction_model import Model
from .course import Course

FIRMS = 3
START, STEP = 10_000_000, 50_000


class Rollback(Exception):
    """Ends a walk without a trace."""


class Walk(RuleBasedStateMachine):
    """What the model answers must be what the actions answer, and what it holds what the rows say."""

    @initialize(
        mode=st.sampled_from(["open", "open", "rank"]),
        direction=st.sampled_from(["down", "down", "up"]),
        most=st.integers(0, 3),
    )
    def begin(self, mode, direction, most):
        self.ground = transaction.atomic()
        self.ground.__enter__()
        rules = {
            "directions": ["down", "up"],
            "proxy": False,
            "max_extensions": most,
            "hard_end_seconds": 600,
            "void_by_two": False,
        }
        self.course = Course(firms=FIRMS, rules=rules, auction_mode=mode, auction_direction=direction)
        self.firms = [(one.organization_id, agent_of(one.organization).pk) for one in self.course.bidders]
        self.admin = make_admin()
        auction = self.course.auction
        self.model = Model(
            mode,
            1 if direction == "down" else -1,
            START,
            STEP,
            timedelta(seconds=120),
            most,
            auction.ends_at,
            auction.hard_ends_at,
        )
        self.keys, self.suspended = 0, set()
        self.ends_before = auction.ends_at
        self.watcher = snapshot(auction)
        self.names = [one.organization.name for one in self.course.bidders]

    def teardown(self):
        if hasattr(self, "ground"):
            self.ground.__exit__(Rollback, Rollback(), None)

    def ask(self, *asked):
        """Send bids together; each answer must be the model's."""
        requests = [BidRequest(*self.firms[who], amount, key) for who, amount, key in asked]
        answers = place_bids(auction_pk=self.course.auction.pk, requests=requests, now=self.course.now)
        for (who, amount, key), answer in zip(asked, answers, strict=True):
            expected = "suspended" if who in self.suspended else self.model.bid(who, amount, key, self.course.now)
            assert (answer.code if isinstance(answer, Refusal) else answer.sequence) == expected

    def amount(self, steps, off):
        best = self.model.best[0]
        return max((START if best is None else best) - self.model.sign * (steps * STEP + off), 1)

    def new_key(self):
        self.keys += 1
        return f"key-{self.keys}"

    @rule(who=st.integers(0, FIRMS - 1), steps=st.integers(-1, 3), off=st.sampled_from([0, 0, 0, 1, -1]))
    def bid(self, who, steps, off):
        self.ask((who, self.amount(steps, off), self.new_key()))

    @rule(several=st.lists(st.tuples(st.integers(0, FIRMS - 1), st.integers(0, 4)), min_size=2, max_size=5))
    def bid_together(self, several):
        self.ask(*((who, self.amount(steps, 0), self.new_key()) for who, steps in several))

    @precondition(lambda self: self.model.answers)
    @rule(data=st.data(), other=st.booleans())
    def repeat(self, data, other):
        (who, key), (amount, _answer) = data.draw(st.sampled_from(sorted(self.model.answers.items(), key=str)))
        self.ask((who, amount + int(other), key))

    @rule(seconds=st.integers(1, 400))
    def tick(self, seconds):
        self.course.pass_time(seconds=seconds)

    @rule(before=st.sampled_from([0, 1, 60, 119]))
    def come_to_the_end(self, before):
        self.course.now = max(self.course.now, self.model.ends - timedelta(seconds=before))

    def attempt(self, is_allowed, action, **arguments):
        code = ""
        try:
            with transaction.atomic():
                action(**arguments, now=self.course.now)
        except Refused as refused:
            code = refused.code
        assert bool(code) != is_allowed, (action.__name__, code)

    @rule()
    def close(self):
        self.attempt(self.model.close(self.course.now), close_auction, auction=self.course.auction)

    @rule()
    def pause(self):
        allowed = self.model.pause(self.course.now)
        self.attempt(allowed, pause_auction, auction=self.course.auction, reason="演练暂停", by=self.admin)

    @rule()
    def resume(self):
        allowed = self.model.resume(self.course.now)
        self.attempt(allowed, resume_auction, auction=self.course.auction, reason="演练恢复", by=self.admin)

    @precondition(lambda self: self.model.log)
    @rule(data=st.data())
    def void(self, data):
        number = data.draw(st.integers(1, len(self.model.log)))
        bid = Bid.objects.get(auction=self.course.auction, sequence=number)
        self.attempt(self.model.void(number, self.course.now), request_void, bid=bid, reason="演练作废", by=self.admin)

    @rule(who=st.integers(0, FIRMS - 1))
    def suspend_or_restore(self, who):
        self.suspended ^= {who}
        status = "suspended" if who in self.suspended else "active"
        Organization.objects.filter(pk=self.firms[who][0]).update(status=status)

    @rule()
    def reconnect(self):
        """Come back to the room: what was missed has no gap and leads to what a newcomer sees."""
        head = snapshot(self.course.auction)
        frames = frames_after(self.course.tender.process_id, self.watcher["n"], limit=1_000)
        assert [one["n"] for one in frames] == list(range(self.watcher["n"] + 1, head["n"] + 1))
        for told in frames:
            if told["e"] in {"bid", "void"} and "price" in told:
                self.watcher |= {"price": told["price"], "label": told["label"]}
            if told["e"] == "bid":
                self.watcher["seq"] = told["seq"]
            if "ends" in told:
                self.watcher["ends"] = told["ends"]
            self.watcher |= {"n": told["n"], "h": told["h"]}
            assert len(encode(told).encode()) <= 350
        parts = ("n", "h", "seq", "ends") if self.model.mode == "rank" else ("n", "h", "seq", "ends", "price", "label")
        assert {part: self.watcher[part] for part in parts} == {part: head[part] for part in parts}

    @invariant()
    def rows_say_what_the_model_says(self):
        if not hasattr(self, "model"):
            return
        auction, model, course = self.course.auction, self.model, self.course
        rows = list(Bid.objects.filter(auction=auction).order_by("sequence").select_related("bidder", "event"))
        assert [row.sequence for row in rows] == list(range(1, len(model.log) + 1))  # I1, I3
        who = [bidder.pk for bidder in course.bidders]
        assert [(who.index(row.bidder_id), row.amount_fen, row.voided_at is not None) for row in rows] == [
            (row["who"], row["amount"], row["void"]) for row in model.log
        ]
        assert [row.event.data["amount_fen"] for row in rows] == [row["amount"] for row in model.log]  # I14
        assert all(row["at"] < row["end"] for row in model.log)  # I4
        best, leader = model.best
        assert (auction.best_fen, auction.leader_id) == (best, None if leader is None else who[leader])  # I7, I8
        assert (auction.ends_at, auction.hard_ends_at, auction.extensions) == (model.ends, model.hard, model.extended)
        assert self.ends_before <= auction.ends_at <= auction.hard_ends_at  # I6
        self.ends_before = auction.ends_at
        if auction.status in {AuctionStatus.CLOSED, AuctionStatus.FAILED}:
            model.close(course.now)
        assert auction.status == model.status
        names = [event.name for event in course.tender.process.events.order_by("number")]
        market = [name for name in names if name in {"bid_placed", "auction_closed", "bids_disclosed"}]
        assert market.count("auction_closed") == int(model.status == "closed")
        assert "auction_closed" not in market[:-1]  # I5
        assert broken_links(course.tender.process) == []  # I9

    @invariant()
    def no_frame_tells_who_it_was(self):
        """I12, until the award is proposed and names are public."""
        if not hasattr(self, "model") or names_are_public(Tender.objects.get(pk=self.course.tender.pk)):
            return
        seen = json.dumps(
            [
                snapshot(self.course.auction, Viewer.PARTY),
                *frames_after(self.course.tender.process_id, 0, Viewer.PARTY),
            ],
            ensure_ascii=False,
        )
        assert not any(name in seen for name in self.names)


@pytest.mark.django_db
def test_an_auction_walked_at_random_keeps_to_the_model():
    quick = settings(
        max_examples=25,
        stateful_step_count=30,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(Walk, settings=quick)
