"""A need by draw, walked at random beside a small model: sign-up, deadline, draw, standstill, objections, answers, clock."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from marketplace.awards.actions import (
    accept_award,
    confirm_award,
    decide_objection,
    decline_award,
    lapse_award,
    object_to_award,
    run_selection,
)
from marketplace.awards.models import Award, Objection, Selection
from marketplace.awards.queries import replay
from marketplace.bidding.actions import end_sign_up, set_nonce, sign_up, withdraw_sign_up
from marketplace.core.events import broken_links
from marketplace.core.refusals import Refused
from marketplace.core.workdays import deadline
from marketplace.tenders.models import Method, Tender
from tests.factories.accounts import make_admin
from tests.factories.bidding import agent_of, make_stranger
from tests.factories.tenders import make_tender

FIRMS, RESERVES = 4, 2
HELD = ("standstill", "objected", "accepting", "confirmed")


class Rollback(Exception):
    """Ends a walk without a trace."""


class Walk(RuleBasedStateMachine):
    """What the model says of the need must be what the rows say after every step; what it forbids must be refused."""

    @initialize(early=st.integers(0, FIRMS), is_drawn=st.sampled_from([True, True, True, False]))
    def begin(self, early, is_drawn):
        self.ground = transaction.atomic()
        self.ground.__enter__()
        self.tender = make_tender(method=Method.DRAW)
        self.now = self.tender.published_at
        self.firms = [make_stranger(self.tender) for _number in range(FIRMS)]
        self.admin = make_admin()
        # The model.
        self.status, self.signup_ends, self.extended = "open", self.tender.signup_ends_at, 0
        self.signed: set[int] = set()
        self.award, self.rank, self.ends, self.accepted = "", 0, None, False
        self.open_objections: set[int] = set()  # places in the result
        self.order: list[int] = []
        for number in range(early):
            self.come(number)
        if is_drawn:  # most walks begin where the paths are many
            for step in (self.wait_for_what_is_next, self.close, self.wait_for_what_is_next, self.draw):
                step()

    def teardown(self):
        if hasattr(self, "ground"):
            self.ground.__exit__(Rollback, Rollback(), None)

    def attempt(self, is_allowed, action, **arguments):
        """Do it; what the model forbids has to be refused, and what it allows has to work."""
        code = ""
        try:
            with transaction.atomic():
                action(**arguments)
        except Refused as refused:
            code = refused.code
        assert bool(code) != is_allowed, (action.__name__, code, arguments)

    @property
    def newest(self):
        rows = Award.objects.select_related("tender__process", "organization", "selection")
        return rows.filter(tender=self.tender).order_by("-rank").first()

    @rule(minutes=st.integers(1, 25))
    def wait(self, minutes):
        self.now += timedelta(minutes=minutes)

    @rule()
    def wait_for_what_is_next(self):
        """Let the time come at which the next step falls due."""
        if self.status == "open":
            self.now = max(self.now, self.signup_ends)
        elif not self.rank:
            self.now = max(self.now, Tender.objects.get(pk=self.tender.pk).selection_at)
        elif self.award in {"standstill", "accepting"}:
            self.now = max(self.now, self.ends)

    @rule(number=st.integers(0, FIRMS - 1))
    def come(self, number):
        allowed = self.status == "open" and self.now < self.signup_ends and number not in self.signed
        firm = self.firms[number]
        self.attempt(allowed, sign_up, tender=self.tender, organization=firm, by=agent_of(firm), now=self.now)
        if allowed:
            self.signed.add(number)

    @precondition(lambda self: self.signed)
    @rule(data=st.data())
    def leave(self, data):
        number = data.draw(st.sampled_from(sorted(self.signed)))
        allowed = self.status == "open" and self.now < self.signup_ends
        bidder = self.tender.bidders.get(organization=self.firms[number])
        self.attempt(allowed, withdraw_sign_up, bidder=bidder, by=agent_of(self.firms[number]), now=self.now)
        if allowed:
            self.signed.discard(number)

    @precondition(lambda self: self.signed)
    @rule(data=st.data())
    def add_a_number(self, data):
        number = data.draw(st.sampled_from(sorted(self.signed)))
        allowed = self.status == "open" and self.now < self.signup_ends
        bidder = self.tender.bidders.get(organization=self.firms[number])
        self.attempt(allowed, set_nonce, bidder=bidder, nonce="7", by=agent_of(self.firms[number]), now=self.now)

    @precondition(lambda self: self.status == "open")
    @rule()
    def close(self):
        allowed = self.now >= self.signup_ends
        self.attempt(allowed, end_sign_up, tender=self.tender, now=self.now)
        if not allowed:
            return
        if len(self.signed) >= 2:
            self.status = "selecting"
            self.hold_if_due()
        elif self.extended < 1:
            self.extended += 1
            self.signup_ends = deadline(self.now, 2, {})
        else:
            self.status = "failed"

    @rule()
    def draw(self):
        allowed = bool(self.rank) or (self.status == "selecting" and self.is_due())
        self.attempt(allowed, run_selection, tender=self.tender, now=self.now)
        if allowed:
            self.hold_if_due()

    def is_due(self):
        return self.now >= Tender.objects.get(pk=self.tender.pk).selection_at

    def hold_if_due(self):
        """Let the model follow a draw: its order is taken from the row once, everything after must keep to it."""
        if self.status != "selecting" or self.rank or not self.is_due():
            return
        result = Selection.objects.get(tender=self.tender).result
        labels = {bidder.label: bidder.organization for bidder in self.tender.bidders.select_related("organization")}
        self.order = [self.firms.index(labels[place["firm"]]) for place in result["ranking"]]
        assert set(self.order) == self.signed
        self.propose(1)

    def propose(self, rank):
        self.rank, self.award, self.accepted = rank, "standstill", False
        self.ends = deadline(self.now, 1, {})

    def follow(self, ended):
        """Let the next in rank be proposed, or the need fail."""
        self.award, self.open_objections = ended, set()
        if self.rank < min(1 + RESERVES, len(self.order)):
            self.propose(self.rank + 1)
        else:
            self.status = "failed"

    def winner(self):
        return self.firms[self.order[self.rank - 1]]

    @precondition(lambda self: self.rank)
    @rule()
    def confirm(self):
        allowed = self.award in {"confirmed", "accepting"} or (self.award == "standstill" and self.now >= self.ends)
        self.attempt(allowed, confirm_award, award=self.newest, now=self.now)
        if allowed and self.award == "standstill":
            if self.accepted:
                self.award, self.status = "confirmed", "awarded"
            else:
                self.award, self.ends = "accepting", deadline(self.now, 2, {})

    @precondition(lambda self: self.rank)
    @rule()
    def accept(self):
        allowed = self.award in {"standstill", "objected", "confirmed"} or (
            self.award == "accepting" and self.now < self.ends
        )
        allowed = allowed or self.accepted
        self.attempt(allowed, accept_award, award=self.newest, by=agent_of(self.winner()), now=self.now)
        if allowed and self.award in HELD:
            self.accepted = True
            if self.award == "accepting":
                self.award, self.status = "confirmed", "awarded"

    @precondition(lambda self: self.rank and self.award != "declined")
    @rule()
    def decline(self):
        allowed = self.award == "standstill" or (self.award == "accepting" and self.now < self.ends)
        by = agent_of(self.winner())
        self.attempt(allowed, decline_award, award=self.newest, reason="人手不足", by=by, now=self.now)
        if allowed:
            self.follow("declined")

    @precondition(lambda self: self.award == "accepting")
    @rule()
    def lapse(self):
        allowed = self.now >= self.ends
        self.attempt(allowed, lapse_award, award=self.newest, now=self.now)
        if allowed:
            self.follow("lapsed")

    @precondition(lambda self: self.rank)
    @rule(place=st.integers(0, FIRMS - 1))
    def object_to(self, place):
        """Let the firm at a place of the result object, or one that did not take part: who that is, chance decides."""
        number = [*self.order, *sorted(set(range(FIRMS)) - self.signed)][place]
        firm = self.firms[number]
        takes_part = number in self.signed and firm != self.winner()
        runs = self.award == "objected" or (self.award == "standstill" and self.now < self.ends)
        allowed = takes_part and (runs or place in self.open_objections)
        text = "中选机构的人员不符合公告要求，请核实。"
        self.attempt(
            allowed, object_to_award, award=self.newest, organization=firm, text=text, by=agent_of(firm), now=self.now
        )
        if allowed:
            if self.award == "standstill":
                self.award, self.rest = "objected", self.ends - self.now
            self.open_objections.add(place)

    @precondition(lambda self: self.open_objections)
    @rule(data=st.data(), upheld=st.booleans(), next_follows=st.booleans())
    def decide(self, data, upheld, next_follows):
        place = data.draw(st.sampled_from(sorted(self.open_objections)))
        firm = self.firms[self.order[place]]
        objection = Objection.objects.get(organization=firm, award__tender=self.tender, status="open")
        self.attempt(
            True,
            decide_objection,
            objection=objection,
            upheld=upheld,
            decision="经核实，依规处理。",
            next_follows=next_follows,
            by=self.admin,
            now=self.now,
        )
        self.open_objections.discard(place)
        if upheld and next_follows:
            self.follow("revoked")
        elif upheld:
            self.award, self.status, self.open_objections = "revoked", "failed", set()
        elif not self.open_objections:
            self.award, self.ends = "standstill", self.now + self.rest

    @invariant()
    def rows_say_what_the_model_says(self):
        if not hasattr(self, "tender"):
            return
        tender = Tender.objects.select_related("process").get(pk=self.tender.pk)
        assert tender.status == self.status
        assert tender.bidders.filter(status="active").count() == len(self.signed)
        newest = self.newest
        assert (newest.rank if newest else 0) == self.rank
        if newest:
            assert newest.status == self.award
            assert newest.organization == self.winner()
            assert Award.objects.filter(tender=tender, status__in=HELD).count() <= 1
            assert list(Award.objects.filter(tender=tender).order_by("rank").values_list("rank", flat=True)) == list(
                range(1, self.rank + 1)
            )
            assert list(replay(newest.selection)) == []
        assert (tender.disclosed_at is not None) == bool(self.rank)
        assert broken_links(tender.process) == []


@pytest.mark.django_db
def test_a_need_walked_at_random_keeps_to_the_model():
    quick = settings(max_examples=30, stateful_step_count=40, suppress_health_check=list(HealthCheck), database=None)
    run_state_machine_as_test(Walk, settings=quick)
