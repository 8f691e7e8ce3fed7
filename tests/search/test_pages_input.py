"""Whatever is typed or put into the address gets a page, the right status and a sentence, and loses nothing."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from marketplace.tenders.models import Method
from search import lexicon
from tests.factories.catalog import make_region
from tests.search.documents import fill, firm, tender

pytestmark = pytest.mark.django_db
TYPED = [
    "", "   ", "监", "a", "字" * 200, '"', "''", '"道路" OR 1=1', "NEAR(道路 监理)", "title:道路*", "{title} : 道路", "-道路", "^道路", "(((",
    "😀", "👩‍👩‍👧 监理", "\u202e理监路道", "مرحبا", "，。！？", "%%%", "\\", "<script>alert(1)</script>", "{{ 7|add:7 }}", "道路\n监理\t",
]  # fmt: skip


@pytest.fixture(autouse=True)
def places(data_dir: Path) -> None:
    make_region(code="360602", name="月湖区", latitude=28.24, longitude=117.03)
    make_region(code="360681", name="贵溪市", latitude=28.29, longitude=117.25)
    fill(tender(1, "道路监理"), tender(2, "桥梁监理", "awarded"), firm(1, "江西丹霞造价咨询有限公司"))


def box_of(page: object) -> str:
    """Return what stands in the box of the masthead."""
    found = re.search(r'id="q" name="q" value="([^"]*)"', page.content.decode())  # type: ignore[attr-defined]
    assert found
    return html.unescape(found[1])


@pytest.mark.parametrize("typed", TYPED)
def test_odd_words(client: Client, typed: str) -> None:
    page = client.get("/search/", {"q": typed})
    assert page.status_code == 200
    assert box_of(page) == typed
    assert "<script>alert" not in page.content.decode()
    assert client.get("/search/suggest/", {"q": typed}).status_code == 200


@pytest.mark.parametrize("typed", ["字" * 2000, "a\x00b"])
def test_words_that_cannot_be_sought_stay_in_the_box(client: Client, typed: str) -> None:
    page = client.get("/search/", {"q": typed})
    assert page.status_code == 400
    assert page.context["problems"]
    assert box_of(page).replace("\ufffd", "\x00") == typed


def test_past_the_end_shows_the_last_page(client: Client) -> None:
    fill(*(tender(number, f"道路监理 {number}") for number in range(10, 34)))
    page = client.get("/search/", {"q": "道路", "page": "7"})
    assert page.status_code == 400
    assert page.context["problems"] == ["没有第 7 页，结果共 2 页，下面是最后一页。"]
    assert len(page.context["rows"]) == 5
    assert page.context["page"].number == 2


def test_a_wrong_value_is_named_at_its_facet_too(client: Client) -> None:
    page = client.get("/search/?status=asleep&region=360602&from=singlemessage")
    assert page.status_code == 400
    assert len(page.context["problems"]) == 1
    group = next(group for group in page.context["groups"] if group.name == "status")
    assert "状态" in group.problem
    assert [label for label, _url in page.context["chips"]] == ["月湖区"]


def test_what_others_append_to_a_link_is_passed_over(client: Client) -> None:
    assert client.get("/search/?q=监理&from=singlemessage&isappinstalled=0").status_code == 200


def test_an_empty_page_says_what_fewer_conditions_would_find(client: Client) -> None:
    page = client.get("/search/?q=监理&status=awarded&method=draw&kind=tender")
    assert (page.status_code, page.context["result"].total) == (200, 0)
    assert [(label, total) for label, _url, total in page.context["ways"]] == [(Method.DRAW.label, 1)]
    for _label, url, total in page.context["ways"]:
        assert client.get(url).context["result"].total == total > 0
    assert client.get(page.context["everywhere"]).context["result"].total == 2


def test_an_empty_page_tries_the_words_one_by_one(client: Client) -> None:
    fill(tender(3, "丹霞路道路监理"))
    page = client.get("/search/?q=道路 丹霞&kind=firm")
    assert page.context["result"].total == 0
    assert [(word, total) for word, _url, total in page.context["each_word"]] == [("丹霞", 1)]
    for _word, url, total in page.context["each_word"]:
        assert client.get(url).context["result"].total == total


def test_what_was_meant_stands_with_a_link(client: Client) -> None:
    page = client.get("/search/", {"q": "道路监里"})
    word, url = page.context["meant"]
    assert word == "道路监理"
    assert client.get(url).context["result"].step == "exact"


def test_distance_asks_from_where(client: Client) -> None:
    page = client.get("/search/?q=监理")
    places = page.context["far"]["places"]
    assert [label for label, _url, _now in places] == ["月湖区", "贵溪市"]
    nearest = client.get(places[1][1])
    assert nearest.context["far"]["from"] == "贵溪市"
    assert nearest.context["result"].total == 2
    assert client.get("/search/?q=监理&sort=distance").status_code == 400


def test_queries_do_not_grow_with_results(client: Client) -> None:
    lexicon.read()  # what it reads is kept for all that follow
    made = []
    for count in (1, 20):
        fill(*(tender(number, f"水保方案 {number}") for number in range(100, 100 + count)))
        with CaptureQueriesContext(connection) as queries:
            assert len(client.get("/search/?q=水保方案").context["rows"]) == count
        made.append(len(queries))
    assert made[0] == made[1]
