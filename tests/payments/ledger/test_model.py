"""Random entries beside a dict: the ledger takes what the dict takes, refuses what it refuses, and holds the same fen."""

from collections import defaultdict

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from marketplace.core import clock
from marketplace.core.proofs import PROOFS
from marketplace.core.refusals import Refused
from payments.actions import post_entry
from payments.actions.ledger import (
    CLAIMS,
    CLEARING,
    MAY_BE_NEGATIVE,
    PLATFORM_FUNDS,
    Posting,
    debt,
    escrow,
    held_on,
    payable,
    post_entries,
    suspense,
)
from payments.models import Account, Balance, Entry, Line

PURSES = [
    CLEARING,
    PLATFORM_FUNDS,
    CLAIMS,
    escrow("pi_1"),
    escrow("pi_2"),
    payable(1),
    payable(2),
    debt(1),
    suspense("py"),
]
FEN = st.one_of(st.integers(-50, 50), st.integers(-(10**10), 10**10))
PARTS = st.dictionaries(st.sampled_from(PURSES), FEN, min_size=1, max_size=5)


class Books(RuleBasedStateMachine):
    """The ledger and a dict of purses, an entry at a time and several at once."""

    @initialize()
    def begin(self):
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.fen = defaultdict(int)
        self.booked = {}

    def teardown(self):
        if hasattr(self, "transaction"):
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    def taken(self, postings):
        """Return the purses after the postings, or None when one that must not would fall below zero."""
        after = self.fen.copy()
        fresh = {}
        for posting in postings:
            if posting.key not in self.booked:
                fresh.setdefault(posting.key, posting.lines)
        for lines in fresh.values():
            for purse, fen in lines.items():
                after[purse] += fen
        if any(fen < 0 for purse, fen in after.items() if purse.kind not in MAY_BE_NEGATIVE):
            return None
        self.booked |= fresh
        return after

    @rule(
        parts=st.lists(st.tuples(st.integers(0, 30), PARTS, st.sampled_from(PURSES)), min_size=1, max_size=4),
        is_one_by_one=st.booleans(),
    )
    def post(self, parts, is_one_by_one):
        """Post entries made even by one purse more; a key used before changes nothing."""
        postings = []
        for number, some, last in parts:
            lines = {purse: fen for purse, fen in some.items() if fen and purse != last}
            if rest := -sum(lines.values()):
                postings.append(Posting(f"k{number}", "test", {**lines, last: rest}))
        for group in [[one] for one in postings] if is_one_by_one else [postings] if postings else []:
            before = dict(self.booked)
            after = self.taken(group)
            if after is None:
                with pytest.raises(Refused) as refused, transaction.atomic():
                    post_entries(group, now=clock.now())
                assert refused.value.code == "balance_insufficient"
                continue
            entries = post_entries(group, now=clock.now())
            self.fen = after
            assert [entry.key for entry in entries] == [posting.key for posting in group]
            for posting in group:
                if posting.key in before:
                    assert self.lines(posting.key) == before[posting.key]

    @rule(lines=PARTS)
    def post_what_is_uneven(self, lines):
        if sum(lines.values()) == 0 and len(lines) > 1 and all(lines.values()):
            return
        with pytest.raises(Refused) as refused:
            post_entry(key="uneven", kind="test", lines=lines, process=None, now=clock.now())
        assert refused.value.code == "ledger_unbalanced"

    @rule(statement=st.sampled_from(["UPDATE payments_line SET amount_fen = 1", "DELETE FROM payments_entry"]))
    def change_the_past(self, statement):
        if not self.booked:
            return
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    @rule(purses=st.sets(st.sampled_from(PURSES), min_size=1))
    def look(self, purses):
        assert held_on(purses) == {purse: self.fen[purse] for purse in purses}

    def lines(self, key):
        rows = Line.objects.filter(entry__key=key).select_related("account")
        return {(row.account.kind, row.account.owner): row.amount_fen for row in rows}

    @invariant()
    def the_same_as_the_dict(self):
        if not hasattr(self, "transaction"):
            return
        rows = Balance.objects.values_list("account__kind", "account__owner", "amount_fen")
        assert {(kind, owner): fen for kind, owner, fen in rows if fen} == {
            tuple(purse): fen for purse, fen in self.fen.items() if fen
        }
        assert Entry.objects.count() == len(self.booked)
        assert Account.objects.count() == Balance.objects.count()
        assert [said for said in PROOFS["ledger"]() if "the payments say" not in said] == []


@pytest.mark.django_db
def test_the_ledger_is_a_dict_that_stays_even():
    run_state_machine_as_test(
        Books,
        settings=settings(max_examples=40, stateful_step_count=25, suppress_health_check=list(HealthCheck)),
    )
    connection.check_constraints()
