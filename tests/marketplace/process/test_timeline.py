"""The timeline: everybody can recompute it, nobody learns who bids before the names are public."""

import hashlib

import pytest
from django.test import Client

from tests.factories.awards import make_award
from tests.factories.bidding import agent_of, bid, make_auction
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db


def downloaded(client, tender):
    return client.get(f"/process/{tender.process.ocid}/?format=json").json()


def test_anybody_can_recompute_a_finished_process(client):
    tender = make_award(status="confirmed").tender
    record = downloaded(client, tender)
    assert [one["number"] for one in record["events"]] == list(range(1, record["head"]["number"] + 1))
    previous, recomputed = "", 0
    for one in record["events"]:
        assert one["previous_hash"] == previous
        previous = one["hash"]
        if one["canonical"]:
            recomputed += 1
            text = f"{one['previous_hash']}\n{one['canonical']}"
            assert hashlib.sha256(text.encode()).hexdigest() == one["hash"]
    assert previous == record["head"]["hash"]
    assert recomputed > 5


def test_bids_have_no_text_before_the_names_are_public(client):
    auction = make_auction(firms=3)
    bidder = auction.tender.bidders.first()
    bid(auction, bidder, 9_000_000, auction.opens_at)
    events = downloaded(client, auction.tender)["events"]
    placed = [one for one in events if one["title"].startswith(bidder.label)]
    assert len(placed) == 1
    assert placed[0]["canonical"] == ""
    assert bidder.organization.name not in str(events)
    assert all("bidder" not in one["canonical"] for one in events)


def test_hidden_steps_keep_number_and_hash(client):
    tender = make_award(status="confirmed").tender
    hidden = [one for one in downloaded(client, tender)["events"] if not one["canonical"]]
    assert hidden  # the draft is nobody's business
    assert all(len(one["hash"]) == 64 for one in hidden)
    owner = Client()
    owner.force_login(agent_of(tender.buyer))
    assert len([one for one in downloaded(owner, tender)["events"] if not one["canonical"]]) < len(hidden)


def test_a_draft_is_for_its_owner_alone(client):
    tender = make_tender(status="draft")
    address = f"/process/{tender.process.ocid}/"
    assert client.get(address).status_code == 404
    client.force_login(agent_of(tender.buyer))
    assert client.get(address).status_code == 200


def test_a_broken_chain_is_said_on_the_page(client):
    tender = make_tender()
    assert "完整，未被改动" in client.get(f"/process/{tender.process.ocid}/").content.decode()
    tender.process.events.filter(number=2).update(data={"title": "别的"})
    assert "记录链有断裂" in client.get(f"/process/{tender.process.ocid}/").content.decode()
