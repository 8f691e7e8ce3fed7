"""The front page: live, true, and without the names that are masked."""

from datetime import timedelta

import pytest
from django.core.cache import cache

from tests.factories.bidding import agent_of, bid, make_auction
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db


def test_without_auctions_says_what_will_come(client, site):
    page = client.get("/")
    assert page.status_code == 200
    assert "现在没有正在进行的竞价" in page.content.decode()


def test_shows_the_price_of_an_open_auction_and_no_names(client, site):
    auction = make_auction(firms=3)
    bidder = auction.tender.bidders.first()
    bid(auction, bidder, 9_000_000, auction.opens_at + timedelta(seconds=5))
    cache.clear()
    for address in ("/", "/home/live/"):
        text = client.get(address).content.decode()
        assert "90,000.00" in text
        assert auction.tender.title in text
        for row in auction.tender.bidders.select_related("organization"):
            assert row.organization.name not in text
            assert agent_of(row.organization).username not in text


def test_shows_figures_as_they_are(client, site):
    make_tender()
    text = client.get("/").content.decode()
    assert '<dt class="figure-label">采购公告</dt><dd class="figure-value">1</dd>' in text


def test_drafts_stay_out(client, site):
    draft = make_tender(status="draft")
    assert draft.title not in client.get("/").content.decode()


def test_reads_english(client, site):
    text = client.get("/", headers={"accept-language": "en"}).content.decode()
    assert "Choose in the open" in text


def test_one_auction_costs_as_many_queries_as_three(client, site, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make_auction(firms=3)
    cache.clear()
    with CaptureQueriesContext(connection) as one:
        client.get("/")
    make_auction(firms=3)
    make_auction(firms=3)
    cache.clear()
    with CaptureQueriesContext(connection) as three:
        client.get("/")
    assert len(one) == len(three)


def test_live_fragment_takes_reading_only(client, site):
    assert client.post("/home/live/").status_code == 405


@pytest.mark.parametrize(("running", "shown"), [(2, 2), (4, 3), (6, 6)])
def test_strip_of_auctions_has_full_rows(client, site, running, shown):
    for _number in range(running):
        make_auction()
    cache.clear()
    assert client.get("/home/live/").content.decode().count('class="live-card"') == shown
