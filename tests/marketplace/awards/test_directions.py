"""Live bidding in either direction: who is first, what is no input, and that no seed is needed any more."""

import copy
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.awards import draw
from marketplace.awards.explanations import explain
from marketplace.awards.methods import Malformed, rank
from marketplace.awards.models import Award, Selection
from marketplace.awards.queries import replay
from marketplace.awards.queries.figures import figures
from marketplace.bidding.actions import close_auction, open_auction, request_void
from marketplace.bidding.models import Auction, Bid
from marketplace.core import clock
from marketplace.core.safe import safe
from marketplace.tenders.actions import adopt_rule_set
from tests.factories.accounts import make_admin
from tests.factories.awards import make_award
from tests.factories.bidding import bid, make_bidder
from tests.factories.tenders import make_tender
from tests.marketplace.awards.cases import RULES, make_firm, make_inputs

START = 1_000
amounts = st.lists(st.integers(1, 2 * START - 1), min_size=0, max_size=3)
WORDS = {"lowest": "highest", "lowest_earlier": "highest_earlier", "higher": "lower", "above_ceiling": "below_start"}


def run(inputs):
    return rank("live_auction", inputs, RULES["live_auction"])


@settings(max_examples=150)
@given(st.lists(amounts, min_size=1, max_size=5))
def test_up_is_the_mirror_of_down(bids):
    down = make_inputs(*(make_firm(number, *one) for number, one in enumerate(bids, start=1)), ceiling=START)
    up = copy.deepcopy(down) | {"direction": "up"}
    for firm in up["firms"]:
        for offer in firm["offers"]:
            offer["amount_fen"] = 2 * START - offer["amount_fen"]
    lower, higher = run(down), run(up)
    assert [row.firm for row in higher.ranking] == [row.firm for row in lower.ranking]
    assert [row.amount_fen for row in higher.ranking] == [2 * START - row.amount_fen for row in lower.ranking]
    assert [row.reason for row in higher.ranking] == [WORDS.get(row.reason, row.reason) for row in lower.ranking]
    assert {row.firm: row.reason for row in higher.unranked} == {
        row.firm: WORDS.get(row.reason, row.reason) for row in lower.unranked
    }
    assert higher.code == WORDS.get(lower.code, lower.code)
    assert not any(row.facts["is_low"] for row in higher.ranking)


def test_inputs_without_a_direction_mean_down():
    inputs = make_inputs(make_firm(1, 900), make_firm(2, 800), ceiling=START)
    assert run(inputs).as_data() == run(inputs | {"direction": "down"}).as_data()
    assert "direction" not in run(inputs).facts


@pytest.mark.parametrize(("method", "direction"), [("live_auction", "sideways"), ("quotes", "up")])
def test_a_direction_that_is_none_is_refused(method, direction):
    with pytest.raises(Malformed) as caught:
        rank(method, make_inputs(make_firm(1, 900)) | {"direction": direction}, RULES[method])
    assert caught.value.code == "inputs_malformed"


def test_the_highest_is_explained():
    result = run(
        make_inputs(
            make_firm(1, 1500),
            make_firm(2, 1200),
            make_firm(3, 900),
            ceiling=START,
        )
        | {"direction": "up"}
    )
    told = explain(result.as_data())
    assert "最高" in told.sentence
    assert [row[-1] for row in told.rows] == ["报价最高", "报价低于前一名", "报价低于起始价，无效"]


@pytest.fixture
def both(db):
    """Allow both directions."""
    now = clock.now() - timedelta(hours=12)
    adopt_rule_set(method="live_auction", data={"directions": ["down", "up"]}, since=now, by=make_admin(), now=now)


@pytest.mark.django_db
def test_a_sale_goes_to_the_highest_and_replays(both, client):
    award = make_award(auction_direction="up")
    selection = award.selection
    assert selection.inputs["direction"] == "up"
    assert award.amount_fen == max(row["amount_fen"] for row in selection.result["ranking"]) > award.tender.ceiling_fen
    assert list(replay(selection)) == []
    page = client.get(award.get_absolute_url()).content.decode()
    assert "高于起始价" in page
    assert "最高限价" not in page
    assert "在线竞价（最高价）" in page
    assert figures().ceiling_fen == 0


@pytest.mark.django_db
def test_void_bids_are_no_inputs():
    now = clock.now()
    begin = now - timedelta(minutes=41)
    tender = make_tender(now=begin, auction_ends_at=now + timedelta(minutes=29))
    first, second = (make_bidder(tender=tender, now=begin + timedelta(minutes=1)) for _twice in range(2))
    auction = open_auction(auction=tender.auction, now=tender.selection_at)
    bid(auction, first, 9_900_000, auction.opens_at + timedelta(seconds=1))
    bid(auction, second, 1_000_000, auction.opens_at + timedelta(seconds=2))
    request_void(bid=Bid.objects.get(sequence=2), reason="机构说明多打了一个零", by=make_admin(), now=clock.now())
    auction = Auction.objects.get(pk=auction.pk)
    close_auction(auction=auction, now=auction.ends_at)
    selection = Selection.objects.get(tender=tender)
    assert Award.objects.get().bidder == first
    assert sum(len(firm["offers"]) for firm in selection.inputs["firms"]) == 1
    assert list(replay(selection)) == []


@pytest.mark.django_db
def test_live_bidding_commits_to_no_seed():
    award = make_award()
    assert (award.selection.commitment, award.selection.secret, award.selection.seed) == ("", "", "")
    assert award.selection.pool_hash
    names = set(award.tender.process.events.values_list("name", flat=True))
    assert "pool_frozen" in names
    assert "selection_committed" not in names


@pytest.mark.django_db
def test_a_secret_of_an_earlier_auction_never_holds_its_result_back():
    """A need from before that committed to a seed: turns end before the hour of its secret."""
    begin = clock.now() - timedelta(hours=2)
    tender = make_tender(now=begin)
    for place in range(2):
        make_bidder(tender=tender, now=begin + timedelta(minutes=1 + place))
    secret = b"s" * 32
    commitment = draw.commitment(secret)
    safe().put(f"draw-{commitment}", secret, clock.now() + timedelta(days=1))
    Selection.objects.filter(tender=tender).update(commitment=commitment)
    auction = open_auction(auction=tender.auction, now=tender.selection_at)
    bidder = tender.bidders.select_related("organization").first()
    bid(auction, bidder, 9_000_000, auction.opens_at + timedelta(seconds=1))
    auction = Auction.objects.get(pk=auction.pk)
    close_auction(auction=auction, now=auction.ends_at)
    selection = Selection.objects.get(tender=tender)
    assert (selection.status, selection.secret) == ("decided", "")
    assert list(replay(selection)) == []
