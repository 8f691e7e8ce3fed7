"""The pages of search, as anybody sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from marketplace.catalog.models import Region, ServiceCategory
from search import lexicon
from search.analysis import analyze
from search.filters import LAST_PAGE
from search.highlight import highlight, snippet
from tests.factories.catalog import make_region, make_service
from tests.search.documents import fill, firm, tender

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def places(data_dir: Path) -> Iterator[tuple[Region, ServiceCategory]]:
    district = make_region(code="360602", name="月湖区", name_en="Yuehu District")
    make_region(code="360602101", name="童家镇", name_en="Tongjia Town", level=Region.Level.TOWNSHIP, parent=district)
    return district, make_service(name="工程造价咨询", name_en="Cost consulting")


def text_of(response: object) -> str:
    return re.sub(r"\s+", " ", response.content.decode())  # type: ignore[attr-defined]


def values(page: object, name: str) -> list[tuple[str, int, bool]]:
    """Return the open values of a facet: label, count, chosen."""
    group = next(group for group in page.context["groups"] if group.name == name)  # type: ignore[attr-defined]
    return [(value.label, value.count, value.active) for value in group.values]


def labels(page: object, name: str) -> list[str]:
    return [label for label, _count, _active in values(page, name)]


def test_results_with_tabs_facets_and_marks(client: Client) -> None:
    fill(
        tender(1, "滨江路改造工程造价咨询"),
        tender(2, "污水厂环境影响报告书编制", "awarded"),
        firm(1, "江西丹霞造价咨询有限公司"),
    )
    page = client.get("/search/", {"q": "造价"})
    assert page.status_code == 200
    html = text_of(page)
    assert "<mark>造价</mark>" in html
    assert "123,456.00" in html
    assert "信用分 91.5" in html
    assert [tab[2] for tab in page.context["tabs"]] == [2, 1, 1, 0, 0]
    assert page.context["result"].total == 2


def test_facets_toggle_by_address(client: Client) -> None:
    fill(tender(1, "道路监理"), tender(2, "桥梁监理", "awarded"))
    page = client.get("/search/", {"q": "监理", "status": ["open"]})
    assert [row.url for row in page.context["rows"]] == ["/tenders/YT1/"]
    assert values(page, "status") == [("报名中", 1, True), ("已中选", 1, False)]
    assert labels(page, "region") == ["月湖区"]
    statuses = next(group for group in page.context["groups"] if group.name == "status")
    wider = client.get(next(value.url for value in statuses.values if not value.active))
    assert wider.context["result"].total == 2
    without = client.get(page.context["chips"][0][1])
    assert without.context["result"].total == 2
    assert without.context["text"] == "监理"


def test_townships_appear_when_their_district_is_chosen(client: Client) -> None:
    fill(tender(1, "童家镇污水管网监理", regions=("360602101", "360602", "360600")))
    assert labels(client.get("/search/"), "region") == ["月湖区"]
    assert labels(client.get("/search/?region=360602"), "region") == ["月湖区", "童家镇"]
    assert labels(client.get("/search/?region=360602101"), "region") == ["童家镇", "月湖区"]


def test_a_leading_place_narrows_and_can_be_taken_away(client: Client) -> None:
    fill(
        tender(1, "滨江路改造工程造价咨询"),
        tender(2, "余江工程造价咨询，参照月湖区标准", regions=("360603", "360600")),
    )
    page = client.get("/search/", {"q": "月湖区造价咨询"})
    assert [row.url for row in page.context["rows"]] == ["/tenders/YT1/"]
    assert page.context["text"] == "月湖区造价咨询"
    assert [label for label, _url in page.context["chips"]] == ["只看 月湖区 的结果"]
    assert values(page, "region")[0] == ("月湖区", 1, True)
    typed = client.get(page.context["chips"][0][1])
    assert typed.context["chips"] == []
    assert [row.url for row in typed.context["rows"]] == ["/tenders/YT2/"]
    regions = next(group for group in page.context["groups"] if group.name == "region")
    assert client.get(regions.values[0].url).context["chips"] == []


def test_a_leading_place_that_finds_nothing_is_a_word(client: Client) -> None:
    fill(tender(2, "月湖区工程造价咨询", regions=("360600",)))
    page = client.get("/search/", {"q": "月湖区工程造价"})
    assert [row.url for row in page.context["rows"]] == ["/tenders/YT2/"]
    assert page.context["chips"] == []


@pytest.mark.parametrize(
    ("parameters", "word"),
    [
        ({"kind": "robot"}, "类别"),
        ({"region": "999999"}, "区域"),
        ({"status": "draft"}, "状态"),
        ({"service": "' OR 1=1"}, "服务事项"),
        ({"method": "<b>"}, "选取方式"),
        ({"sort": "random"}, "排序"),
        ({"page": "0"}, "页码"),
        ({"page": "x"}, "页码"),
        ({"page": str(LAST_PAGE + 1)}, "页码"),
        ({"page": "400"}, "没有第 400 页"),
        ({"q": "字" * 2000}, "最多 200 个字，现在有 2000 个"),
        ({"q": "a\x00b"}, "关键词"),
    ],
)
def test_wrong_parameters_get_a_sentence(client: Client, parameters: dict[str, str], word: str) -> None:
    fill(tender(1, "道路监理"))
    page = client.get("/search/", parameters)
    assert page.status_code == 400
    assert any(word in problem for problem in page.context["problems"])
    assert word in text_of(page)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("不存在的词", "没有找到“不存在的词”"),
        ("😀！", "请输入文字、字母或数字"),
        ('"<script>alert(1)</script>', "没有找到"),
        ("", "还没有可以查找的内容"),
    ],
)
def test_empty_page_leads_on(client: Client, query: str, sentence: str) -> None:
    html = text_of(client.get("/search/", {"q": query}))
    assert sentence in html
    assert "大家常找" in html
    assert "<script>alert" not in html


def test_empty_under_conditions_offers_to_drop_them(client: Client) -> None:
    fill(tender(1, "道路监理"))
    page = client.get("/search/", {"q": "监理", "kind": "firm"})
    assert "这些条件下没有结果" in text_of(page)
    assert client.get(page.context["everywhere"]).context["result"].total == 1


@pytest.mark.parametrize(("query", "step"), [("道路监里", "homophone"), ("道路监理结构图", "similar")])
def test_says_when_it_read_the_words_otherwise(client: Client, query: str, step: str) -> None:
    fill(tender(1, "道路监理"))
    page = client.get("/search/", {"q": query})
    assert page.context["result"].step == step
    assert "下面是" in text_of(page)


def test_pages(client: Client) -> None:
    fill(*(tender(number, f"道路监理 {number}") for number in range(1, 24)))
    first, second = client.get("/search/?q=监理"), client.get("/search/?q=监理&page=2")
    assert (len(first.context["rows"]), len(second.context["rows"])) == (20, 3)
    assert "page=2" in text_of(first)


def test_queries_do_not_grow_with_rows(client: Client) -> None:
    lexicon.read()  # what it reads is kept for all that follow
    made = []
    for count in (1, 3):
        fill(*(tender(number, f"道路监理 {number}") for number in range(count)))
        with CaptureQueriesContext(connection) as queries:
            assert len(client.get("/search/?q=监理").context["rows"]) == count
        made.append([query["sql"] for query in queries])
    assert made[0] == made[1]
    assert len([sql for sql in made[0] if "catalog_" in sql]) == 3


def test_suggestions_are_a_piece_of_a_page(client: Client) -> None:
    fill(tender(1, "滨江路改造工程造价咨询"), firm(1, "江西丹霞造价咨询有限公司"))
    html = text_of(client.get("/search/suggest/", {"q": "造价"}))
    assert "<html" not in html
    assert html.index("中介机构") < html.index("采购公告")
    assert "<mark>造价</mark>" in html
    assert "丹霞" in text_of(client.get("/search/suggest/", {"q": "danx"}))
    assert "丹霞" in text_of(client.get("/search/suggest/", {"q": "jxdx"}))


@pytest.mark.parametrize("query", ["", "  ", "😀", '"', "字" * 2000, "a\x00"])
def test_suggestions_for_odd_words_are_empty(client: Client, query: str) -> None:
    answer = client.get("/search/suggest/", {"q": query})
    assert answer.status_code == 200
    assert text_of(answer).strip() == ""


def test_only_reading(client: Client) -> None:
    assert client.post("/search/").status_code == 405


def test_english(client: Client) -> None:
    fill(tender(1, "道路监理"))
    with translation.override("en"):
        page = client.get("/search/?q=监理", headers={"accept-language": "en"})
    assert page.status_code == 200
    assert "Area" in [group.label for group in page.context["groups"]]
    assert "Yuehu District" in text_of(page)


def test_highlight_escapes_and_joins() -> None:
    words = analyze("ＢＩＭ 咨询 <b>").words
    assert (
        highlight("<b>bim咨询</b> ＢＩＭ", words)
        == "&lt;<mark>b</mark>&gt;<mark>bim咨询</mark>&lt;/<mark>b</mark>&gt; <mark>ＢＩＭ</mark>"
    )
    assert highlight("普通文字", ()) == "普通文字"


def test_snippet_surrounds_the_first_word() -> None:
    cut = snippet("前" * 200 + "造价" + "后" * 200, ("造价",), 30)
    assert cut.startswith("…前")
    assert "<mark>造价</mark>" in cut
    assert cut.endswith("后…")
