"""The list of needs: the same number of queries at any length, every condition, safe exports."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.tenders.feeds import harmless
from marketplace.tenders.models import Tender
from marketplace.tenders.queries import newest_tenders
from tests.factories.catalog import make_region, make_service
from tests.factories.tenders import make_tender

pytestmark = pytest.mark.django_db
URL = reverse("tenders:tenders")


def count(client, url, **data):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url, data).status_code == 200
    return len(queries)


@pytest.mark.parametrize("url", [URL, reverse("tenders:feed")])
def test_one_row_and_three_cost_the_same(client, url):
    make_tender()
    client.get(url)
    one = count(client, url)
    make_tender()
    make_tender()
    assert count(client, url) == one


@pytest.mark.parametrize("url", [reverse("tenders:mine"), f"{reverse('tenders:terms')}?method=draw"])
def test_ones_own_needs_cost_the_same(client, url):
    tender = make_tender()
    client.force_login(tender.created_by)
    client.get(url)
    one = count(client, url)
    make_tender(buyer=tender.buyer, method="draw")
    make_tender(buyer=tender.buyer)
    assert count(client, url) == one


def test_drafts_are_not_listed(client):
    tender = make_tender(status="draft")
    page = client.get(URL)
    assert tender.title not in page.text
    assert "没有符合条件的公告" in page.text


def test_every_condition(client):
    region, service = make_region(), make_service(group="land")
    wanted = make_tender(
        title="铜箔项目测绘", region=region, service=service, money_kind="state", ceiling_fen=30_000_000
    )
    other = make_tender(title="别的需求名称")
    for data in (
        {"q": "铜箔 测绘"},
        {"q": wanted.number},
        {"service": service.code},
        {"group": "land"},
        {"region": region.code},
        {"region": region.code, "status": "open"},
        {"money": "state"},
        {"band": "20-100"},
    ):
        page = client.get(URL, data).text
        assert wanted.title in page, data
        assert other.title not in page, data
        assert "共 1 条公告" in page
    assert "清除全部条件" in client.get(URL, {"q": "铜箔"}).text


@pytest.mark.parametrize("order", ["newest", "ending", "high", "low", "nonsense"])
def test_orders_and_nonsense_answer(client, order):
    cheap, dear = make_tender(ceiling_fen=1_000_000), make_tender(ceiling_fen=90_000_000)
    page = client.get(URL, {"order": order, "status": "nonsense", "page": "x", "region": "0"}).text
    assert cheap.title in page
    if order in {"high", "low"}:
        assert (page.index(dear.title) < page.index(cheap.title)) == (order == "high")


def test_csv_is_the_same_list_and_harmless(client):
    make_tender(title="=HYPERLINK(1)")
    make_tender(title="@别的需求名称")
    response = client.get(reverse("tenders:export"), {"q": "HYPERLINK"})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 2
    assert rows[1][1] == "'=HYPERLINK(1)"
    assert "attachment" in response["Content-Disposition"]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_formulas_are_disarmed(text):
    assert harmless(text).startswith("'")


def test_the_feed_is_atom(client):
    tender = make_tender()
    response = client.get(reverse("tenders:feed"))
    assert response["Content-Type"].startswith("application/atom+xml")
    assert tender.title in response.text


def test_newest_for_the_home_page():
    first, second = make_tender(), make_tender()
    assert newest_tenders(1) == [second]
    assert newest_tenders(5) == [second, first]


def test_pages_of_twenty(client):
    tender = make_tender()
    for number in range(24):
        copy = Tender.objects.get(pk=tender.pk)
        process = copy.process
        process.pk, process.ocid = None, f"ocds-copy-{number}"
        process.save()
        copy.pk, copy.process, copy.number = None, process, f"COPY-{number}"
        copy.save()
    page = client.get(URL).text
    assert page.count('class="row"') == 20
    assert "共 25 条公告" in page
    assert client.get(URL, {"page": 2}).text.count('class="row"') == 5
