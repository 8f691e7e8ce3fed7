"""The parameters of a search, and the place that its words may begin with."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.http import QueryDict

from marketplace.catalog.actions import load_catalog
from marketplace.catalog.models import Region
from search.filters import SearchFilter, band_words
from search.leading import leading_place
from search.spans import spans

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 1, 3, 30, 59, tzinfo=UTC)  # half past eleven on New Year's Day in China


@pytest.fixture(autouse=True)
def catalog() -> None:
    load_catalog(now=NOW)


def asked(address: str) -> SearchFilter:
    return SearchFilter(QueryDict(address), now=NOW)


def test_everything_that_may_be_asked() -> None:
    found = asked(
        "q=造价&kind=firm&region=360681&credit=A&credit=B&method=live_auction&status=open&money=0&date=7d"
        "&sort=distance&near=360602&page=3"
    )
    query = found.query
    assert found.problems == []
    assert (query.text, query.sort, query.page, query.origin) == ("造价", "distance", 3, (28.24, 117.03))
    assert query.chosen == {
        "region": ("360681",),
        "credit": ("A", "B"),
        "method": ("live_auction",),
        "status": ("open",),
        "money": ("0",),
        "kind": ("firm",),
        "date": ("7d",),
    }
    assert "月湖" in query.places
    assert query.now == "2026-01-01T03:30:00+00:00"


def test_spans_are_those_of_chinas_clocks() -> None:
    year = "2025-12-31T16:00:00+00:00"
    assert spans(NOW) == {
        "7d": ("2025-12-25T03:30:00+00:00", ""),
        "30d": ("2025-12-02T03:30:00+00:00", ""),
        "90d": ("2025-10-03T03:30:00+00:00", ""),
        "year": (year, ""),
        "earlier": ("", year),
    }
    assert asked("date=year").query.spans == spans(NOW)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("kind=robot", "kind"),
        ("region=1", "region"),
        ("service=x", "service"),
        ("qualification=x", "qualification"),
        ("credit=E", "credit"),
        ("money=1", "money"),
        ("date=2026-13-45", "date"),
        ("date=tomorrow", "date"),
        ("near=moon", "near"),
        ("near=91,0", "near"),
        ("near=0,181", "near"),
        ("near=nan,0", "near"),
        ("near=YT-NONE", "near"),
        ("as_typed=2", "as_typed"),
        ("page=10000", "page"),
        ("page=-1", "page"),
        ("sort=distance", "sort"),
    ],
)
def test_one_wrong_value_is_named_and_the_others_count(address: str, name: str) -> None:
    found = asked(address + "&status=open&q=监理")
    assert list(found.wrong) == [name]
    assert found.query.text == "监理"
    assert found.query.chosen == {"status": ("open",)}


def test_of_several_values_the_right_ones_count_once() -> None:
    found = asked("region=360602&region=moon&region=360602&region=360681")
    assert list(found.wrong) == ["region"]
    assert found.query.chosen == {"region": ("360602", "360681")}


def test_long_and_odd_words_are_cut_and_nothing_is_lost() -> None:
    found = asked("q=" + "字" * 2000)
    assert "2000" in found.wrong["q"]
    assert (len(found.typed), len(found.query.text)) == (2000, 200)
    odd = asked("q=a%00监理%E2%80%8F")  # a sign that turns the direction of writing is nothing that one seeks
    assert odd.typed == "a监理"
    assert asked("q=%20%20").query.text == ""


@pytest.mark.parametrize("near", ["28.25,117.07", " 28.25 , 117.07 "])
def test_from_where_distances_are_measured(near: str) -> None:
    assert asked(f"near={near}").query.origin == (28.25, 117.07)


def test_bands_in_words() -> None:
    assert [band_words(least) for least in (0, 50_000_00, 1_000_000_00)] == [
        "5 万元以下",
        "5 至 10 万元",
        "100 万元以上",
    ]


@pytest.mark.parametrize(
    ("text", "code", "rest"),
    [
        ("月湖区 造价", "360602", "造价"),
        ("月湖区造价咨询", "360602", "造价咨询"),
        ("月湖造价咨询", "360602", "造价咨询"),
        ("鹰潭造价咨询", "360600", "造价咨询"),
        ("鹰潭市的环评", "360600", "环评"),
        ("贵溪，监理", "360681", "监理"),
        ("童家镇 污水管网", "360602100", "污水管网"),
        ("龙虎山风景名胜区 规划", "YT-LHS", "规划"),
        ("月湖区河道整治 监理", "360602", "河道整治 监理"),
        ("鹰潭 ＢＩＭ", "360600", "bim"),
    ],
)
def test_a_leading_place_narrows(text: str, code: str, rest: str) -> None:
    found = leading_place(text, Region.objects.all())
    assert found is not None
    assert (found.code, found.rest) == (code, rest)


@pytest.mark.parametrize(
    "text",
    [
        "", "月湖区", "鹰潭 ", "鹰潭，。", "造价 月湖区", "江西省 造价", "月湖大道改造", "鹰潭北站扩建", "余江一中监理", "滨江路改造",
        "东湖小学", "鹰潭丹霞勘测有限公司", "余江区建设工程检测中心", "月湖区教育局", "滨江造价",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_leading_place(text: str) -> None:
    assert leading_place(text, Region.objects.all()) is None


@pytest.mark.parametrize("text", ["余江县 测绘", "余江县测绘", "余江 测绘", "余江区测绘"])
def test_a_name_of_before_leads_to_the_place_of_today(text: str) -> None:
    found = asked(f"q={text}")
    assert (found.query.chosen["region"], found.query.text) == (("360603",), "测绘")


def test_a_name_of_before_alone_is_a_word_and_a_place() -> None:
    found = asked("q=余江县")
    assert (found.query.text, found.query.chosen) == ("余江县", {})
    assert "余江县" in found.query.places


def test_a_leading_place_is_one_choice_among_others() -> None:
    found = asked("q=月湖区造价&region=360681")
    assert found.query.chosen["region"] == ("360681", "360602")
    assert found.query.text == "造价"
    assert found.as_it_stands.chosen["region"] == ("360681",)
    assert found.as_it_stands.text == "月湖区造价"
    inside = asked("q=月湖区造价&region=360602100")
    assert inside.query.chosen["region"] == ("360602100",)
    typed = asked("q=月湖区造价&as_typed=1")
    assert (typed.query.text, typed.query.chosen) == ("月湖区造价", {})
