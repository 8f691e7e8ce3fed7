"""Matching is pure: random alterations of a correct bill are found exactly, and every line and object is counted once."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from payments.bills.matching import Class, Ours, Theirs, key_of, match
from payments.bills.pairing import fee_fen, fee_rule, match_fees, other_keys, refund_keys
from tests.factories.bills import at

DAY = date(2026, 11, 25)
NOON = at(DAY, "12:00:00")


def line(number, order, fen, type="payment", request="", fee=None, trade="T"):  # noqa: A002
    fee = fee_fen(fen, 60) if fee is None else fee
    return Theirs(number, f"S{number}", f"{trade}{order}", order, type, request, fen, fee)


def ours_of(lines):
    return {key_of(one): Ours(f"o{one.number}", one.amount_fen, NOON, trade_no=one.trade_no) for one in lines}


ALTERATIONS = ("none", "drop_line", "drop_ours", "amount", "state", "trade_no", "fee", "twice", "neighbour", "far")
EXPECTED = {
    "none": None,
    "drop_line": Class.MISSING_THERE,
    "drop_ours": Class.MISSING_HERE,
    "amount": Class.AMOUNT,
    "state": Class.STATE,
    "trade_no": Class.STATE,
    "fee": Class.FEE,
    "twice": Class.DUPLICATE,
    "neighbour": Class.CUT_OFF,
    "far": Class.CUT_OFF,
}


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(st.integers(1, 10**10), st.booleans(), st.sampled_from(ALTERATIONS), st.integers(1, 10_000)),
        max_size=60,
    )
)
def test_random_alterations_are_found_exactly(plan):
    lines, ours, wanted = [], {}, {}
    for number, (fen, is_refund, alteration, delta) in enumerate(plan):
        one = (
            line(number, f"o{number % 7}", -fen, "refund", f"re{number}")
            if is_refund
            else line(number, f"p{number}", fen)
        )
        key = key_of(one)
        mine = Ours(f"id{number}", one.amount_fen, NOON, trade_no=one.trade_no)
        altered = [one]
        if alteration == "drop_line":
            altered = []
        elif alteration == "amount":
            altered = [one._replace(amount_fen=one.amount_fen + delta)]
        elif alteration == "trade_no":
            altered = [one._replace(trade_no="another")]
        elif alteration == "fee":
            altered = [one._replace(fee_fen=one.fee_fen + delta + 1)]
        elif alteration == "twice":
            altered = [one, one._replace(number=number + 1_000)]
        elif alteration == "state":
            mine = mine._replace(is_done=False, at=None)
        elif alteration in {"neighbour", "far"}:
            mine = mine._replace(at=NOON - timedelta(days=1 if alteration == "neighbour" else 5))
        lines += altered
        if alteration != "drop_ours":
            ours[key] = mine
        if EXPECTED[alteration]:
            wanted[key] = EXPECTED[alteration]
    result = match(lines, ours, day=DAY, fee=fee_rule(60))
    assert {one.key: one.cls for one in result.found} == wanted
    assert len(result.found) == len(wanted)
    far = sum(1 for _fen, _refund, alteration, _delta in plan if alteration == "far")
    near = sum(1 for _fen, _refund, alteration, _delta in plan if alteration == "neighbour")
    assert [bool(one.settled) for one in result.found if one.cls == Class.CUT_OFF].count(True) == near
    assert [bool(one.settled) for one in result.found if one.cls == Class.CUT_OFF].count(False) == far
    assert sum(result.counts.values()) == len(lines) + sum(1 for one in wanted.values() if one == Class.MISSING_THERE)
    assert result.theirs["payment"] == sum(one.amount_fen for one in lines if one.type == "payment")


def missing(clock, **options):
    ours = {("a", "payment", ""): Ours("x", 5, at(DAY, clock))}
    (one,) = match([], ours, day=DAY, **options).found
    return one.cls, bool(one.settled)


def test_what_is_missing_near_midnight_waits_for_the_neighbouring_bill():
    tomorrow, yesterday = DAY + timedelta(days=1), DAY - timedelta(days=1)
    assert missing("12:00:00") == (Class.MISSING_THERE, False)
    assert missing("22:59:59") == (Class.MISSING_THERE, False)
    assert missing("23:00:00") == (Class.CUT_OFF, False)
    assert missing("23:59:59", covered={yesterday}) == (Class.CUT_OFF, False)
    assert missing("23:59:59", covered={tomorrow}) == (Class.MISSING_THERE, False)
    assert missing("00:59:59") == (Class.CUT_OFF, False)
    assert missing("00:00:00", covered={yesterday}) == (Class.MISSING_THERE, False)
    there = {"elsewhere": lambda _missing: {("a", "payment", ""): tomorrow}}
    assert missing("12:00:00", **there) == (Class.CUT_OFF, True)
    assert missing("23:59:59", covered={tomorrow}, **there) == (Class.CUT_OFF, True)


def test_fees_follow_the_contract_half_up_and_a_refund_may_give_its_share_or_nothing():
    assert [fee_fen(fen, 60) for fen in (83, 84, 250, 10_000, -10_000)] == [0, 1, 2, 60, 60]
    wrong = fee_rule(60)
    assert not wrong(line(1, "a", 250, fee=2))
    assert wrong(line(1, "a", 250, fee=1)) == "服务费按约定是 0.02 元，账单收 0.01 元。"
    assert [bool(wrong(line(1, "a", -10_000, "refund", "r", fee=fee))) for fee in (0, 59, 60, 61, 62)] == [
        0,
        0,
        0,
        0,
        1,
    ]
    assert fee_rule(None) is None


@settings(max_examples=100)
@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 500)), st.sets(st.sampled_from("abcdefgh")))
def test_fees_of_the_two_bills_differ_only_where_they_were_altered(fees, altered):
    taken = {order: fen + (1 if order in altered else 0) for order, fen in fees.items()}
    assert {one.key[0] for one in match_fees(fees, taken)} == altered & fees.keys()
    total = sum(fees.values())
    if total:
        assert not match_fees(fees, {"": total})  # taken together, without orders
        assert [one.their_fen for one in match_fees(fees, {"": total + 3})] == [-total - 3]


def test_unnumbered_refunds_take_their_amount_first_and_then_what_is_left():
    ours = {
        ("a", "refund", f"re{number}"): Ours(f"re{number}", -fen, NOON) for number, fen in enumerate((100, 200, 200))
    }
    ours["a", "refund", "old"] = Ours("old", -200, NOON - timedelta(days=9))
    lines = [line(number, "a", -fen, "refund") for number, fen in ((1, 200), (2, 101), (3, 200), (4, 200), (5, 999))]
    keys = refund_keys(lines, ours, day=DAY)
    assert {number: key[2] for number, key in keys.items()} == {1: "re1", 2: "re0", 3: "re2", 4: "old"}
    named = [line(9, "a", -1, "refund", "re1")]
    assert refund_keys(named, ours, day=DAY) == {9: ("a", "refund", "re1")}


def test_movements_without_an_order_are_known_by_their_amount():
    ours = {
        ("#top_up:1", "other", ""): Ours("top_up:1", 500, NOON),
        ("#old", "other", ""): Ours("old", 700, at(date(2026, 1, 1))),
    }
    lines = [line(1, "", 500, "other"), line(2, "", 500, "other"), line(3, "", 700, "other")]
    assert other_keys(lines, ours, day=DAY) == {1: ("#top_up:1", "other", "")}
