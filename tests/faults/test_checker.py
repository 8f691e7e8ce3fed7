"""The history checker itself: it lets an honest history pass and names each fault that is put into one."""

from __future__ import annotations

import random
from dataclasses import replace
from math import inf

import pytest

from tests.faults.checker import FAIL, INFO, OK, Entry, Op, Terms, check

TERMS = Terms(ceiling_fen=10_000, step_fen=100, ends_at=5_000.0)
WALL = 1_000.0  # what the wall clock says when the monotonic one says 0


def play(seed: int = 1, bids: int = 60) -> tuple[list[Op], list[Entry]]:
    """Play an honest auction: overlapping bids of three firms, decided at a moment between sending and answer."""
    dice = random.Random(seed)
    decided = []
    for number in range(bids):
        sent = number * 0.4 + dice.random()
        moment = sent + dice.random()
        decided.append((moment, sent, moment + dice.random(), f"k{number}", dice.choice("abc")))
    ops, log, best, leader = [], [], None, ""
    for moment, sent, answered, key, firm in sorted(decided):
        legal = TERMS.ceiling_fen if best is None else best - TERMS.step_fen
        amount = legal + dice.choice([-50, 0, 0, 70])
        op = Op(firm, key, amount, sent, wall=WALL + sent, answered=answered)
        if amount > TERMS.ceiling_fen:
            op.kind, op.code = FAIL, "above_ceiling"
        elif amount > legal:
            op.kind, op.code = FAIL, "not_low_enough"
        elif firm == leader:
            op.kind, op.code = FAIL, "already_leading"
        else:
            best, leader = amount, firm
            op.kind, op.sequence = OK, len(log) + 1
            log.append(Entry(op.sequence, firm, key, amount, at=WALL + moment, ends_at=TERMS.ends_at))
        if dice.random() < 0.2:  # the answer is lost on the way
            op.kind, op.code, op.sequence, op.answered = INFO, "", None, inf
        ops.append(op)
    return ops, log


def some(ops, kind, code=""):
    return next(op for op in ops[len(ops) // 3 :] if op.kind == kind and op.code == code)


@pytest.mark.parametrize("seed", range(30))
def test_an_honest_history_passes(seed):
    ops, log = play(seed)
    assert len(log) > 10
    assert check(TERMS, ops, log) == []


def lose(ops, log):
    op = some(ops, OK)
    log[:] = [entry for entry in log if entry.key != op.key]
    log[:] = [replace(entry, sequence=place + 1) for place, entry in enumerate(log)]


def gap(ops, log):
    log[10:] = [replace(entry, sequence=entry.sequence + 1) for entry in log[10:]]


def twice(ops, log):
    first = log[5]
    log.append(replace(first, sequence=len(log) + 1, amount_fen=log[-1].amount_fen - 100, at=log[-1].at + 1))


def small_step(ops, log):
    log[7] = replace(log[7], amount_fen=log[6].amount_fen - 99)


def late(ops, log):
    log[-1] = replace(log[-1], at=TERMS.ends_at)


def clock_back(ops, log):
    log[6] = replace(log[6], at=log[5].at - 0.001)


def refused_but_logged(ops, log):
    op = next(op for op in ops if op.key == log[8].key)
    op.kind, op.code, op.answered = FAIL, "already_leading", op.sent + 1


def phantom(ops, log):
    log.append(Entry(len(log) + 1, "z", "nobody", log[-1].amount_fen - 100, log[-1].at + 1, TERMS.ends_at))


def other_sequence(ops, log):
    op = some(ops, OK)
    op.sequence += 1


def two_answers(ops, log):
    op = some(ops, OK)
    ops.append(replace(op, sequence=op.sequence + 1, sent=op.sent + 0.01))


def out_of_order(ops, log):
    early, later = (next(op for op in ops if op.key == log[place].key) for place in (20, 12))
    early.kind, early.sequence, early.answered = OK, 21, later.sent - 0.5
    early.sent = early.answered - 0.5


def self_outbid(ops, log):
    log[9] = replace(log[9], firm=log[8].firm)


def unjust_price(ops, log):
    """Refuse a bid that was low enough all the time."""
    op = some(ops, FAIL, "not_low_enough")
    op.amount_fen = 50


def unjust_end(ops, log):
    op = some(ops, FAIL, "not_low_enough")
    op.code = "auction_closed"


def unjust_leader(ops, log):
    op = some(ops, FAIL, "already_leading")
    op.firm = "z"


def unknown_code(ops, log):
    some(ops, FAIL, "not_low_enough").code = "server_error"


SEEDED = {
    lose: "and lost",
    gap: "has a gap",
    twice: "2 rows of one key",
    small_step: "not a step better",
    late: "after the end",
    clock_back: "earlier than the bid before",
    refused_but_logged: "and in the log",
    phantom: "nobody sent it",
    other_sequence: "logged as",
    two_answers: "two answers",
    out_of_order: "even sent",
    self_outbid: "outbids itself",
    unjust_price: "never true",
    unjust_end: "never true",
    unjust_leader: "never true",
    unknown_code: "never true",
}


@pytest.mark.parametrize("fault", SEEDED, ids=lambda fault: fault.__name__)
def test_each_seeded_fault_is_found(fault):
    ops, log = play(seed=3)
    fault(ops, log)
    assert any(SEEDED[fault] in flaw for flaw in check(TERMS, ops, log))


def test_a_stale_refusal_is_justified_only_by_a_price_of_its_own_time():
    """A refusal may come from a state that was over at the answer, but not from one that came after it."""
    ops = [Op("a", "1", 9_000, sent=10, answered=11, kind=OK, sequence=1, wall=WALL)]
    log = [Entry(1, "a", "1", 9_000, at=WALL + 10.5, ends_at=TERMS.ends_at)]
    refused = Op("b", "2", 9_000, sent=5, answered=9, kind=FAIL, code="not_low_enough", wall=WALL)
    assert len(check(TERMS, [*ops, refused], log)) == 1
    overlapping = replace(refused, answered=10.2)
    assert check(TERMS, [*ops, overlapping], log) == []


def test_an_unanswered_bid_may_be_in_the_log_once_or_not_at_all():
    lost = Op("a", "1", 9_000, sent=10, wall=WALL)
    entry = Entry(1, "a", "1", 9_000, at=WALL + 10.5, ends_at=TERMS.ends_at)
    assert check(TERMS, [lost], []) == []
    assert check(TERMS, [lost], [entry]) == []
    assert check(TERMS, [lost], [entry, replace(entry, sequence=2, amount_fen=8_000)]) != []
