"""What each kind of viewer sees: labels and prices, never who, and numbers without gaps."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.awards.models import Selection
from marketplace.bidding.actions import end_sign_up, open_offers
from marketplace.bidding.disclosure import disclosed
from marketplace.bidding.models import Bidder
from marketplace.bidding.room import (
    Viewer,
    encode,
    frame,
    frames_after,
    own_label,
    snapshot,
    viewer_kind,
)
from marketplace.core import clock
from marketplace.core.events import record
from marketplace.core.models import Event
from marketplace.parties.models import Organization
from marketplace.tenders.models import Method, Tender
from tests.factories.accounts import make_admin, make_user
from tests.factories.bidding import agent_of, bid, make_bidder, make_offer, make_stranger
from tests.factories.parties import make_firm
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db


def secrets(scene):
    """Everything that would tell a firm: its names, codes, and keys of bids."""
    firms = [bidder.organization for bidder in scene.bidders]
    return [word for firm in firms for word in (firm.name, firm.uscc)] + [agent.username for agent in scene.agents]


def test_kinds_of_viewers(scene):
    assert viewer_kind(make_admin(), scene.auction) == Viewer.STAFF
    assert viewer_kind(scene.owner, scene.auction) == Viewer.PARTY
    assert viewer_kind(scene.agents[0], scene.auction) == Viewer.PARTY
    stranger = make_firm()
    assert viewer_kind(stranger.memberships.get().user, scene.auction) == Viewer.PUBLIC
    assert viewer_kind(make_user(), scene.auction) == Viewer.PUBLIC


def test_own_label_is_that_of_an_active_sign_up_only(scene):
    bidder = scene.bidders[0]
    assert own_label(scene.auction, bidder.organization) == bidder.label
    assert own_label(scene.auction, make_firm()) == ""
    assert own_label(scene.auction, None) == ""


@pytest.mark.parametrize("kind", list(Viewer))
def test_nobody_reads_who_bids_before_the_award(scene, kind):
    bid(scene.auction, scene.bidders[0], 9_000_000, clock.now(), key="secret-key-of-a-bid")
    bid(scene.auction, scene.bidders[1], 8_900_000, clock.now())
    told = encode([snapshot(scene.auction, kind), *frames_after(scene.tender.process_id, 0, kind, 1000)])
    assert "8900000" in told
    for word in [*secrets(scene), "secret-key-of-a-bid"]:
        assert word not in told


def test_names_are_published_with_the_award(scene):
    bid(scene.auction, scene.bidders[0], 9_000_000, clock.now())
    Tender.objects.filter(pk=scene.tender.pk).update(status="awarded")
    assert snapshot(scene.auction)["names"][scene.bidders[0].label] == scene.bidders[0].organization.name


def test_names_follow_the_moment_of_disclosure_before_the_award_is_final(scene):
    assert snapshot(scene.auction)["names"] == {}
    Tender.objects.filter(pk=scene.tender.pk).update(disclosed_at=clock.now())
    assert len(snapshot(scene.auction)["names"]) == 2


def test_robots_are_named_as_such(scene):
    Organization.objects.filter(pk=scene.bidders[1].organization_id).update(is_robot=True)
    assert snapshot(scene.auction)["robots"] == [scene.bidders[1].label]


def test_every_event_gives_a_frame_and_hidden_ones_say_their_number_only(scene):
    record(scene.tender.process, "auction_failed", now=clock.now(), data={"reason": "秘密"}, visibility="private")
    record(scene.tender.process, "bidder_signed_up", now=clock.now(), data={"bidders": 3}, visibility="parties")
    head = scene.tender.process.head_number
    for kind in Viewer:
        numbers = [one["n"] for one in frames_after(scene.tender.process_id, 0, kind, 1000)]
        assert numbers == list(range(1, head + 1))
    hidden, parties = frames_after(scene.tender.process_id, head - 2, Viewer.PUBLIC)
    assert set(hidden) == {"n", "h", "e"}
    assert hidden["e"] == parties["e"] == "other"
    assert frames_after(scene.tender.process_id, head - 1, Viewer.PARTY)[0]["firms"] == 3


def test_when_a_firm_signed_up_is_told_to_nobody(scene):
    signed_up = Event.objects.filter(name="bidder_signed_up").first()
    assert set(frame(signed_up, Viewer.STAFF)) == {"n", "h", "e", "firms"}


def test_frames_stay_below_350_bytes(scene):
    largest = Event(
        process=scene.tender.process,
        number=10**9,
        name="bid_placed",
        at=clock.now(),
        hash="f" * 64,
        data={
            "sequence": 10**6,
            "label": "9999号",
            "amount_fen": 10**13,
            "ends_at": clock.now().isoformat(),
            "extended": True,
            "extensions": 99,
        },
    )
    assert len(encode(frame(largest)).encode()) <= 350
    bid(scene.auction, scene.bidders[0], 9_000_000, clock.now())
    for event in Event.objects.filter(process=scene.tender.process):
        assert len(encode(frame(event, Viewer.STAFF)).encode()) <= 350


def test_a_snapshot_says_what_is_legal_next(scene):
    assert snapshot(scene.auction)["next"] == 10_000_000
    bid(scene.auction, scene.bidders[0], 9_000_000, clock.now())
    state = snapshot(scene.auction)
    assert (state["price"], state["next"], state["seq"]) == (9_000_000, 8_950_000, 1)
    assert state["n"] == Event.objects.filter(process=scene.tender.process).count()
    assert json.loads(encode(state)) == state


class Sealed:
    """Hold a need whose two offers were opened."""

    def __init__(self):
        self.tender = make_tender(method=Method.AVERAGE)
        self.bidders = [make_bidder(tender=self.tender) for _number in range(2)]
        for place, bidder in enumerate(self.bidders):
            make_offer(bidder=bidder, amount_fen=9_000_000 - place)

    def open(self):
        end_sign_up(tender=self.tender, now=self.tender.signup_ends_at)
        open_offers(tender=self.tender, now=self.tender.selection_at)
        self.tender.refresh_from_db()

    def disclose(self):
        Tender.objects.filter(pk=self.tender.pk).update(disclosed_at=self.tender.selection_at)
        self.tender.refresh_from_db()


def test_before_the_disclosure_the_public_reads_a_count():
    scene = Sealed()
    for step in (lambda: None, scene.open):
        step()
        for user in (None, agent_of(scene.tender.buyer), make_admin(), make_user()):
            seen = disclosed(scene.tender, user)
            assert (seen.count, seen.offers) == (2, ())
            assert not any((seen.names, seen.prices, seen.proof, seen.objections))


def test_a_firm_sees_its_own_row_alone():
    scene = Sealed()
    bidder = scene.bidders[0]
    (row,) = disclosed(scene.tender, agent_of(bidder.organization)).offers
    assert (row.label, row.is_own, row.amount_fen, row.status) == (bidder.label, True, None, "sealed")
    scene.open()
    (row,) = disclosed(scene.tender, agent_of(bidder.organization)).offers
    assert (row.amount_fen, row.status) == (9_000_000, "opened")


def test_after_the_disclosure_everybody_reads_names_prices_and_commitments_by_label():
    scene = Sealed()
    scene.open()
    scene.disclose()
    seen = disclosed(scene.tender)
    assert seen.names
    assert seen.prices
    assert seen.objections
    assert [row.label for row in seen.offers] == sorted(bidder.label for bidder in scene.bidders)
    assert {(row.name, row.amount_fen, row.commitment) for row in seen.offers} == {
        (bidder.organization.name, 9_000_000 - place, bidder.sealed_offers.get().commitment)
        for place, bidder in enumerate(scene.bidders)
    }
    assert not any(row.is_own for row in seen.offers)


def test_proof_and_pool_hash_come_from_the_selection():
    scene = Sealed()
    assert disclosed(scene.tender).pool_hash == ""
    scene.open()
    tender = Tender.objects.get(pk=scene.tender.pk)
    assert disclosed(tender).pool_hash == tender.selection.pool_hash != ""
    scene.disclose()
    assert not disclosed(scene.tender).proof
    Selection.objects.filter(tender=tender).update(drawn_at=clock.now())
    assert disclosed(Tender.objects.get(pk=tender.pk)).proof


def test_a_fixed_price_is_everybodys_and_a_live_price_is_the_last_bid(scene):
    draw = make_tender(method=Method.DRAW)
    make_bidder(tender=draw)
    bid(scene.auction, scene.bidders[0], 9_000_000, clock.now())
    bid(scene.auction, scene.bidders[1], 8_900_000, clock.now())
    bid(scene.auction, scene.bidders[0], 8_800_000, clock.now())
    for tender in (draw, scene.tender):
        Tender.objects.filter(pk=tender.pk).update(disclosed_at=clock.now())
        tender.refresh_from_db()
    assert {row.amount_fen for row in disclosed(draw).offers} == {draw.ceiling_fen}
    assert {row.amount_fen for row in disclosed(scene.tender).offers} == {8_800_000, 8_900_000}


def test_disclosing_costs_the_same_at_one_and_three(django_assert_num_queries):
    scene = Sealed()
    scene.open()
    scene.disclose()
    with CaptureQueriesContext(connection) as two:
        disclosed(Tender.objects.get(pk=scene.tender.pk))
    for _number in range(2):
        firm = make_stranger(scene.tender)
        Bidder.objects.create(
            tender=scene.tender,
            organization=firm,
            label=f"{firm.pk}甲",
            signed_up_at=clock.now(),
            signed_up_by=agent_of(firm),
        )
    with django_assert_num_queries(len(two)):
        disclosed(Tender.objects.get(pk=scene.tender.pk))
