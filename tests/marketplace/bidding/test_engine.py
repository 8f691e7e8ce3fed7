"""The rules of live bidding as functions: what is accepted, what is refused, what moves the end, how limits answer."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.bidding.engine import (
    Mode,
    Proxy,
    Refusal,
    State,
    Terms,
    Turns,
    answer,
    order_of_round,
    take,
    whose_turn,
)
from marketplace.bidding.engine.decisions import standings

START = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
END = START + timedelta(minutes=30)
DOWN = Terms(ceiling_fen=10_000, step_fen=100, window_seconds=120, max_extensions=3)
UP = Terms(ceiling_fen=10_000, step_fen=100, window_seconds=120, max_extensions=3, direction="up")


def state(**values):
    begun = {"sequence": 0, "best_fen": None, "leader": "", "ends_at": END, "extensions": 0}
    return State(**{**begun, "hard_ends_at": END + timedelta(minutes=5), **values})


def refused(code, now, terms=DOWN, label="甲", amount=9_900, at=START, **more):
    with pytest.raises(Refusal) as caught:
        take(now, terms, label=label, amount_fen=amount, at=at, **more)
    assert caught.value.code == code
    return caught.value.data


def test_the_first_bid_may_equal_the_start_and_the_next_is_a_step_better():
    now = state()
    assert take(now, DOWN, label="甲", amount_fen=10_000, at=START).sequence == 1
    assert refused("not_low_enough", now, label="乙", amount=9_901) == {"best": 10_000, "legal": 9_900}
    assert take(now, DOWN, label="乙", amount_fen=9_900, at=START).sequence == 2
    assert (now.best_fen, now.leader, now.sequence) == (9_900, "乙", 2)


def test_upwards_the_same_rules_hold_the_other_way_round():
    now = state()
    assert refused("below_start", now, UP, amount=9_999) == {"ceiling": 10_000}
    take(now, UP, label="甲", amount_fen=10_000, at=START)
    assert refused("not_high_enough", now, UP, label="乙", amount=10_099) == {"best": 10_000, "legal": 10_100}
    take(now, UP, label="乙", amount_fen=10_100, at=START)
    assert (now.best_fen, now.leader) == (10_100, "乙")


def test_who_leads_waits_unless_the_rules_say_otherwise():
    now = state(best_fen=9_000, leader="甲", sequence=1)
    refused("already_leading", now, amount=8_000)
    may = Terms(**{**{name: getattr(DOWN, name) for name in DOWN.__slots__}, "leader_may_improve": True})
    assert take(now, may, label="甲", amount_fen=8_000, at=START).amount_fen == 8_000


@pytest.mark.parametrize("amount", [0, -1, True, 10.5, "9000", None, 10**15 + 1])
def test_an_amount_is_a_whole_number_of_fen(amount):
    refused("amount_invalid", state(), amount=amount)


def test_ceiling_floor_and_the_bottom():
    refused("above_ceiling", state(), amount=10_001)
    low = Terms(ceiling_fen=10_000, step_fen=100, window_seconds=1, max_extensions=0, floor_fen=5_000)
    assert refused("below_floor", state(), low, amount=4_999) == {"floor": 5_000}
    refused("no_lower_bid", state(best_fen=100, leader="乙", sequence=1), amount=1)


def test_a_large_drop_is_asked_about_and_taken_when_confirmed():
    now = state()
    assert refused("confirm_drop", now, amount=8_999, confirmed=False) == {"amount": 8_999, "price": 10_000}
    assert take(now, DOWN, label="甲", amount_fen=9_000, at=START, confirmed=False)
    assert take(now, DOWN, label="乙", amount_fen=1_000, at=START, confirmed=True)


def test_nothing_is_taken_at_the_end_or_after_it():
    refused("auction_closed", state(), at=END)
    assert take(state(), DOWN, label="甲", amount_fen=9_000, at=END - timedelta(microseconds=1))


def test_the_soft_close_is_capped_by_number_and_by_the_hard_end():
    now, at = state(), END - timedelta(seconds=10)
    for number, amount in enumerate((9_900, 9_800, 9_700), 1):
        accepted = take(now, DOWN, label=f"{amount}", amount_fen=amount, at=at)
        assert accepted.extended
        assert now.extensions == number
        at = now.ends_at - timedelta(seconds=1)
    before = now.ends_at
    assert not take(now, DOWN, label="丁", amount_fen=9_600, at=at).extended
    assert now.ends_at == before
    tight = state(hard_ends_at=END + timedelta(seconds=5))
    take(tight, DOWN, label="甲", amount_fen=9_900, at=END - timedelta(seconds=1))
    assert tight.ends_at == tight.hard_ends_at


def test_by_rank_a_firm_betters_itself_and_only_the_best_price_moves_the_end():
    terms = Terms(ceiling_fen=10_000, step_fen=100, window_seconds=120, max_extensions=3, mode=Mode.RANK)
    now, late = state(), END - timedelta(seconds=5)
    take(now, terms, label="甲", amount_fen=9_000, at=START)
    accepted = take(now, terms, label="乙", amount_fen=9_500, at=late)
    assert (now.leader, now.best_fen, accepted.extended) == ("甲", 9_000, False)
    assert refused("own_not_improved", now, terms, label="乙", amount=9_401) == {"own": 9_500, "legal": 9_400}
    assert not take(now, terms, label="丙", amount_fen=9_000, at=late).extended
    assert now.leader == "甲"  # of equal amounts the earlier stays first
    assert take(now, terms, label="乙", amount_fen=8_900, at=late).extended
    assert now.leader == "乙"


def test_in_turns_only_the_firm_whose_turn_it_is_bids():
    terms = Terms(ceiling_fen=10_000, step_fen=100, window_seconds=120, max_extensions=3, mode=Mode.TURNS)
    now = state(turn="甲")
    assert refused("not_your_turn", now, terms, label="乙") == {"turn": "甲"}
    take(now, terms, label="甲", amount_fen=9_000, at=END - timedelta(seconds=1))
    accepted = take(now, terms, label="甲", amount_fen=8_900, at=END - timedelta(seconds=1))
    assert not accepted.extended


def test_rounds_follow_one_another_and_the_worst_begins():
    turns = Turns(rounds=3, turn_seconds=120, pause_seconds=60)
    assert turns.starts_at(1, START, 2) == START + timedelta(seconds=60)
    assert turns.starts_at(2, START, 2) == START + timedelta(seconds=60 + 240 + 60)
    assert turns.ends_at(START, 2) == START + timedelta(seconds=3 * (60 + 240))
    assert [turns.round_at(START + timedelta(seconds=after), START, 2) for after in (0, 60, 359, 360, 9_999)] == [
        0,
        1,
        1,
        2,
        3,
    ]
    ranked = standings([("甲", 9_000), ("乙", 9_500), ("丙", 9_500)], DOWN)
    order = order_of_round(["甲", "乙", "丙", "丁", "戊"], ranked)
    assert order == ["戊", "丁", "丙", "乙", "甲"]
    first = turns.of_round(1, order, START)
    assert whose_turn(first, START) == ""
    assert whose_turn(first, START + timedelta(seconds=60)) == order[0]
    assert whose_turn(first, START + timedelta(seconds=180)) == order[1]


def settle(now, proxies, terms=DOWN):
    """Let limits answer until they are done; return the automatic bids."""
    made = []
    while (found := answer(now, terms, proxies)) is not None:
        label, amount = found
        made.append((label, amount))
        take(now, terms, label=label, amount_fen=amount, at=START, kind="auto")
        assert len(made) <= 3
    return made


def test_one_limit_bids_the_least_step():
    now = state(best_fen=9_000, leader="乙", sequence=1)
    assert settle(now, [Proxy("甲", 5_000, 1)]) == [("甲", 8_900)]


def test_of_two_limits_the_lower_wins_at_what_the_other_cannot_answer():
    now = state(best_fen=9_000, leader="丙", sequence=1)
    assert settle(now, [Proxy("甲", 5_000, 2), Proxy("乙", 6_000, 1)]) == [("甲", 6_099)]


def test_of_equal_limits_the_earlier_wins():
    now = state(best_fen=9_000, leader="丙", sequence=1)
    assert settle(now, [Proxy("甲", 6_000, 2), Proxy("乙", 6_000, 1)]) == [("乙", 6_099)]


def test_a_leader_with_the_lower_limit_answers_and_stays():
    now = state(best_fen=9_000, leader="甲", sequence=1)
    made = settle(now, [Proxy("甲", 5_000, 1), Proxy("乙", 7_000, 2)])
    assert [label for label, _amount in made] == ["乙", "甲"]
    assert now.leader == "甲"
    assert 7_000 - 100 <= now.best_fen < 7_100


def test_a_limit_that_allows_no_legal_bid_is_silent():
    assert settle(state(best_fen=9_000, leader="乙", sequence=1), [Proxy("甲", 8_901, 1)]) == []
    assert settle(state(best_fen=9_000, leader="甲", sequence=1), [Proxy("甲", 5_000, 1)]) == []


@given(
    limits=st.lists(st.integers(1_000, 10_000), min_size=1, max_size=5),
    best=st.none() | st.integers(1_000, 10_000),
    leader=st.integers(0, 5),
    direction=st.sampled_from(["down", "up"]),
)
def test_limits_settle_on_the_strongest_and_never_go_beyond_themselves(limits, best, leader, direction):
    """Afterwards nobody's limit allows another legal bid, no bid is beyond its limit, and each is a full step better."""
    if direction == "up":
        limits, best = [20_000 - one for one in limits], None if best is None else 20_000 - best
    terms = DOWN if direction == "down" else UP
    labels = [f"{number}" for number in range(len(limits))]
    now = state(best_fen=best, leader=f"{leader}" if best is not None else "", sequence=int(best is not None))
    proxies = [Proxy(label, limit, number) for number, (label, limit) in enumerate(zip(labels, limits, strict=True))]
    of = dict(zip(labels, limits, strict=True))
    for label, amount in settle(now, proxies, terms):
        assert terms.keeps(of[label], amount)
    legal = terms.next_legal(now.best_fen)
    for proxy in proxies:
        assert proxy.label == now.leader or not terms.keeps(proxy.limit_fen, legal)
