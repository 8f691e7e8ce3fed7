"""The draw is the same for everybody, fair in its frequencies, and a proof in which anything is changed does not hold."""

import copy
import hashlib
import json
from collections import Counter
from fractions import Fraction
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.awards import draw

VECTORS = json.loads((Path(__file__).parent / "vectors" / "draw.json").read_text(encoding="utf-8"))
quick = settings(max_examples=100)
DRAWS = 10_000
# The 99.9 % points of chi-square by degrees of freedom.
BOUNDS = {3: 16.27, 4: 18.47, 5: 20.52, 23: 49.73}


def entry(code, tickets=1, nonce=""):
    return {"code": code, "firm": f"{code}号", "tickets": tickets, "nonce": nonce}


def seeds():
    return (hashlib.sha256(f"draw {number}".encode()).hexdigest() for number in range(DRAWS))


def chi_square(found, shares):
    return sum((found[what] - DRAWS * share) ** 2 / (DRAWS * share) for what, share in shares.items())


pools = st.dictionaries(
    st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=1, max_size=18),
    st.tuples(st.integers(1, 20), st.text(st.characters(exclude_categories=["Cs"]), max_size=20)),
    max_size=8,
).map(lambda rows: [entry(code, tickets, nonce) for code, (tickets, nonce) in rows.items()])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["note"])
def test_pinned_vectors(vector):
    pinned = vector["proof"]
    again = draw.proof(
        tender=pinned["tender"],
        secret=bytes.fromhex(pinned["secret"]),
        salt=pinned["salt"],
        pool=pinned["pool"][::-1],
        beacon=pinned["beacon"],
    )
    assert again == pinned
    assert draw.check(pinned) == []
    single = [{**row, "tickets": 1} for row in pinned["pool"]]
    assert draw.order(pinned["seed"], pinned["tender"], single, "tie") == vector["tie_order"]
    assert draw.pick(pinned["seed"], pinned["tender"], "factor", [98, 97, 95, 96]) == vector["factor"]


def test_canonical_text():
    assert draw.canonical({"b": [1, None], "a": "鹰潭"}) == '{"a":"鹰潭","b":[1,null]}'


def test_the_hash_of_a_pool_does_not_ask_for_its_order():
    pool = [entry("B"), entry("A", 3, "信江"), entry("C")]
    assert draw.pool_hash("T", "ab", pool) == draw.pool_hash("T", "ab", pool[::-1])
    assert draw.pool_hash("T", "ab", pool) != draw.pool_hash("T", "ac", pool)


def test_the_parts_of_a_seed_cannot_run_into_each_other():
    beacon = {"source": "a", "round": 1, "value": "bc"}
    assert draw.seed("T1", b"s", "h", beacon) != draw.seed("T", b"1s", "h", beacon)
    assert draw.seed("T", b"s", "h", {"source": "a1", "round": 1, "value": ""}) != draw.seed(
        "T", b"s", "h", {"source": "a", "round": 11, "value": ""}
    )
    assert draw.seed("T", b"s", "h") == draw.seed("T", b"s", "h", {"source": "", "round": 0, "value": ""})


@quick
@given(pools, st.binary(min_size=32, max_size=64), st.randoms(use_true_random=False))
def test_every_proof_holds_and_the_order_of_the_pool_means_nothing(pool, secret, random):
    shuffled = list(pool)
    random.shuffle(shuffled)
    terms = {"tender": "YT2026-000001", "secret": secret, "salt": "ab" * 16}
    document = draw.proof(pool=pool, **terms)
    assert document == draw.proof(pool=shuffled, **terms)
    assert sorted(document["order"]) == sorted(row["code"] for row in pool)
    assert draw.check(document) == draw.check(json.loads(json.dumps(document))) == []


@quick
@given(pools, st.data())
def test_leaving_firms_out_keeps_the_order_of_the_rest(pool, data):
    seed = next(seeds())
    kept = [row for row in pool if data.draw(st.booleans())]
    codes = {row["code"] for row in kept}
    whole = draw.order(seed, "T", pool)
    assert draw.order(seed, "T", kept) == [code for code in whole if code in codes]


@quick
@given(pools, st.data())
def test_more_tickets_never_put_a_firm_back(pool, data):
    seed = next(seeds())
    for row in pool:
        more = [
            {**other, "tickets": other["tickets"] + data.draw(st.integers(0, 5)) * (other is row)} for other in pool
        ]
        assert draw.order(seed, "T", more).index(row["code"]) <= draw.order(seed, "T", pool).index(row["code"])


def test_every_order_is_as_likely_as_every_other():
    pool = [entry(code) for code in "ABC"]
    found = Counter("".join(draw.order(seed, "T", pool)) for seed in seeds())
    assert chi_square(found, {"".join(row): Fraction(1, 6) for row in permutations("ABC")}) < BOUNDS[5]


def test_every_firm_is_first_as_often_as_every_other():
    pool = [entry(code) for code in "ABCDE"]
    found = Counter(draw.order(seed, "T", pool)[0] for seed in seeds())
    assert chi_square(found, dict.fromkeys("ABCDE", Fraction(1, 5))) < BOUNDS[4]


def test_chances_are_in_proportion_to_tickets_in_every_place():
    tickets = {"A": 1, "B": 2, "C": 3, "D": 4}
    pool = [entry(code, count) for code, count in tickets.items()]
    found = Counter("".join(draw.order(seed, "T", pool)) for seed in seeds())
    shares = {}
    for row in permutations("ABCD"):
        share, left = Fraction(1), sum(tickets.values())
        for code in row:
            share *= Fraction(tickets[code], left)
            left -= tickets[code]
        shares["".join(row)] = share
    assert sum(shares.values()) == 1
    assert chi_square(found, shares) < BOUNDS[23]
    firsts = Counter()
    for row, count in found.items():
        firsts[row[0]] += count
    assert chi_square(firsts, {code: Fraction(count, 10) for code, count in tickets.items()}) < BOUNDS[3]


def test_every_factor_is_picked_as_often_as_every_other():
    found = Counter(draw.pick(seed, "T", "factor", [95, 96, 97, 98]) for seed in seeds())
    assert chi_square(found, dict.fromkeys([95, 96, 97, 98], Fraction(1, 4))) < BOUNDS[3]


def test_the_bound_would_find_a_crooked_draw():
    skewed = Counter("A" if int(seed[:2], 16) < 60 else "BCDE"[int(seed[2:8], 16) % 4] for seed in seeds())
    assert chi_square(skewed, dict.fromkeys("ABCDE", Fraction(1, 5))) > BOUNDS[4]


def test_purposes_are_drawn_apart():
    seed, pool = next(seeds()), [entry(code) for code in "ABCDEFGH"]
    assert draw.order(seed, "T", pool, "tie") != draw.order(seed, "T", pool, "draw")
    assert draw.order(seed, "U", pool) != draw.order(seed, "T", pool)


@pytest.mark.parametrize(
    "changes",
    [
        {"pool": [entry("A"), entry("A", nonce="other")]},
        {"pool": [entry("A", tickets=0)]},
        {"pool": [entry("A", tickets=10_001)]},
        {"pool": [{**entry("A"), "name": "x"}]},
        {"secret": b"short"},
        {"salt": "not hex"},
        {"beacon": {"source": "drand", "round": -1, "value": ""}},
        {"beacon": {"source": "drand", "round": 1, "value": "XYZ"}},
    ],
)
def test_what_would_not_pass_the_check_is_not_drawn(changes):
    terms = {"tender": "T", "secret": b"\1" * 32, "salt": "", "pool": [entry("A")], **changes}
    with pytest.raises(ValueError, match="malformed"):
        draw.proof(**terms)


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"commitment": "0" * 64}, ["commitment_differs"]),
        ({"secret": "00" * 32}, ["commitment_differs", "seed_differs"]),
        ({"salt": "ab"}, ["pool_hash_differs"]),
        ({"pool_hash": "0" * 64}, ["pool_hash_differs", "seed_differs"]),
        ({"seed": "0" * 64}, ["seed_differs", "order_differs"]),
        ({"order": []}, ["order_differs"]),
        ({"tender": "YT2026-000999"}, ["pool_hash_differs", "seed_differs", "order_differs"]),
        ({"purpose": "tie"}, ["malformed"]),
        ({"winner": "A"}, ["malformed"]),
    ],
)
def test_a_line_names_the_step_at_fault(change, codes):
    document = copy.deepcopy(VECTORS[1]["proof"]) | change
    assert [line.partition(":")[0] for line in draw.check(document)] == codes


@pytest.mark.parametrize("document", [None, [], "x", {}, {"format": "marketplace-draw-1"}])
def test_what_is_no_proof(document):
    assert [line.partition(":")[0] for line in draw.check(document)] == ["malformed"]
