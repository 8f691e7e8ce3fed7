"""Desks of live bidding: pause and resume, void bids by two people, what was refused; who may look and who decides."""

from datetime import timedelta

import pytest
from django.urls import reverse

from marketplace.bidding.actions import open_auction
from marketplace.bidding.models import Auction, Bid, BidVoid
from marketplace.core import clock
from marketplace.core.refusals import Refused
from tests.factories.accounts import make_admin
from tests.factories.bidding import bid, make_bidder
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db
REASON = "机构书面说明多打了一个零"


def run(*, firms=3, **terms):
    """Run an auction that began a minute ago and has two bids of the first two firms."""
    now = clock.now()
    begin = now - timedelta(minutes=41)
    tender = make_tender(now=begin, auction_ends_at=now + timedelta(minutes=29), **terms)
    bidders = [make_bidder(tender=tender, now=begin + timedelta(minutes=1)) for _number in range(firms)]
    auction = open_auction(auction=tender.auction, now=tender.selection_at)
    for place, bidder in enumerate(bidders[:2]):
        bid(
            auction,
            bidder,
            auction.ceiling_fen - (place + 1) * auction.step_fen,
            auction.opens_at + timedelta(seconds=9),
        )
    return Auction.objects.select_related("tender").get(pk=auction.pk), bidders


def inspect(name, row):
    return reverse(f"desk_{name}:inspect", args=[row.pk])


def index(name):
    return reverse(f"desk_{name}:index")


def text(answer):
    return answer.content.decode()


def press(client, name, row, verb, reason=""):
    return client.post(inspect(name, row), {"verb": verb, "reason": reason}, follow=True)


def test_an_operator_pauses_and_resumes(admin_client):
    auction, _bidders = run()
    page = text(admin_client.get(inspect("auctions", auction)))
    assert "暂停竞价" in page
    assert "恢复竞价" not in page
    refused = admin_client.post(inspect("auctions", auction), {"verb": "pause", "reason": ""})
    assert refused.status_code == 422
    assert "请写明理由" in text(refused)
    assert "竞价已暂停" in text(press(admin_client, "auctions", auction, "pause", "核实一家机构反映的故障"))
    auction.refresh_from_db()
    assert auction.status == "paused"
    before = auction.ends_at
    page = text(press(admin_client, "auctions", auction, "resume", "故障已排除"))
    assert "竞价已恢复" in page
    auction.refresh_from_db()
    assert auction.status == "open"
    assert auction.ends_at > before


def test_running_auctions_come_first(admin_client):
    coming = make_tender()
    auction, _bidders = run()
    page = text(admin_client.get(index("auctions")))
    assert page.index(auction.tender.number) < page.index(coming.number)
    assert inspect("auctions", auction) in page
    last = Bid.objects.get(auction=auction, sequence=2)
    assert inspect("bids", last) in text(admin_client.get(index("bids")))
    assert "99,000.00" in page


def test_a_void_of_state_money_takes_two_people(admin_client, client):
    auction, bidders = run()
    rules = {**auction.tender.rules, "void_by_two": True}
    type(auction.tender).objects.filter(pk=auction.tender_id).update(rules=rules)
    last = Bid.objects.get(auction=auction, sequence=2)
    assert "另一位管理人员" in text(press(admin_client, "bids", last, "void", REASON))
    void = BidVoid.objects.get(bid=last)
    assert void.confirmed_at is None
    assert "作废这次报价" not in text(admin_client.get(inspect("bids", last)))
    waiting = text(admin_client.get(f"{index('voids')}?waits=true"))
    assert REASON in waiting
    assert inspect("voids", void) in waiting
    assert "次报价等待确认作废" in text(admin_client.get(reverse("wagtailadmin_home")))
    same = admin_client.post(inspect("voids", void), {"verb": "confirm"})
    assert "须由另一位管理人员确认" in text(same)
    client.force_login(make_admin())
    assert "报价已作废" in text(press(client, "voids", void, "confirm"))
    auction.refresh_from_db()
    assert auction.leader == bidders[0]
    assert "已作废" in text(client.get(index("bids")))
    assert "确认作废" not in text(client.get(inspect("voids", void)))


def test_a_void_of_private_money_takes_one(admin_client):
    auction, bidders = run()
    last = Bid.objects.get(auction=auction, sequence=2)
    assert "报价已作废，理由已公开" in text(press(admin_client, "bids", last, "void", REASON))
    auction.refresh_from_db()
    assert auction.leader == bidders[0]


def test_what_was_refused_is_there_to_read_by_need(admin_client):
    auction, bidders = run()
    other, others = run()
    for running, bidder in ((auction, bidders[2]), (other, others[2])):
        with pytest.raises(Refused):
            bid(running, bidder, running.ceiling_fen + 100, clock.now())
    page = text(admin_client.get(f"{index('refused')}?tender={auction.tender.number}"))
    assert "报价不能高于最高限价" in page
    assert auction.tender.title in page
    assert other.tender.title not in page
    row = bidders[2].refused_bids.get()
    assert inspect("refused", row) in page
    page = text(admin_client.get(inspect("refused", row)))
    assert "above_ceiling" in page
    assert bidders[2].organization.name not in page
    assert admin_client.post(inspect("refused", row), {"verb": "void"}).status_code == 404


@pytest.mark.parametrize("name", ["auctions", "bids", "voids", "refused"])
def test_a_supervisor_looks_and_decides_nothing(supervisor_client, name):
    auction, _bidders = run()
    assert supervisor_client.get(index(name)).status_code == 200
    row = {"auctions": auction, "bids": Bid.objects.get(auction=auction, sequence=2)}.get(name)
    if row is None:
        return
    page = text(supervisor_client.get(inspect(name, row)))
    assert 'name="verb"' not in page
    for verb in ("pause", "void"):
        supervisor_client.post(inspect(name, row), {"verb": verb, "reason": REASON})
    auction.refresh_from_db()
    assert auction.status == "open"
    assert not BidVoid.objects.exists()


@pytest.mark.parametrize("name", ["auctions", "bids", "voids", "refused"])
def test_strangers_and_firms_do_not_come_in(client, name):
    _auction, bidders = run()
    client.force_login(bidders[0].organization.memberships.first().user)
    assert client.get(index(name)).status_code == 302


def test_by_rank_amounts_stay_with_the_firms_and_the_operators(supervisor_client, client):
    auction, bidders = run(auction_mode="rank")
    with pytest.raises(Refused):
        bid(auction, bidders[2], auction.ceiling_fen + 1_234_500, clock.now())
    assert Auction.objects.get(pk=auction.pk).best_fen == 9_900_000
    for address in (index("auctions"), inspect("auctions", auction), index("bids"), index("refused")):
        page = text(supervisor_client.get(address))
        assert "99,000.00" not in page
        assert "99,500.00" not in page
        assert "112,345.00" not in page
    last = Bid.objects.get(auction=auction, sequence=2)
    assert supervisor_client.get(inspect("bids", last)).status_code == 404
    client.force_login(make_admin())
    page = text(client.get(inspect("bids", last)))
    assert "99,000.00" in page
    assert "9900000" not in page
