"""Search for programs: the page's parameters and results as JSON, held against its own description."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from marketplace.core.openapi import written
from search import lexicon
from search.api import openapi
from search.api.problems import forget_paces
from search.filters import SearchFilter
from tests.factories.catalog import make_region
from tests.search.documents import fill, firm, tender

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def places() -> None:
    forget_paces()
    make_region(code="360602", name="月湖区", name_en="Yuehu District", latitude=28.24, longitude=117.03)


def check(body: object, name: str) -> None:
    """Hold an answer against its schema in the description."""
    whole = Resource.from_contents(openapi.document(), DRAFT202012)
    registry = Registry().with_resource("urn:search", whole)
    schema = {"$ref": f"urn:search#/components/schemas/{name}"}
    Draft202012Validator(schema, registry=registry).validate(body)


def test_the_description_in_docs_is_the_one_that_is_served(client: Client) -> None:
    """After a change: manage.py search_openapi > docs/search_openapi.yaml"""
    kept = (ROOT / "docs/search_openapi.yaml").read_text(encoding="utf-8")
    assert kept == written(openapi.document())
    assert client.get("/api/search/openapi.yaml").content.decode() == kept
    assert client.get("/api/search/openapi.json").json() == yaml.safe_load(kept)


def test_the_description_names_every_parameter_and_is_a_schema() -> None:
    document = openapi.document()
    described = [one["name"] for one in document["paths"]["/api/search"]["get"]["parameters"]]
    assert described == list(SearchFilter.base_filters)
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_the_same_result_as_the_page(client: Client) -> None:
    fill(tender(1, "滨江路改造工程造价咨询"), firm(1, "江西丹霞造价咨询有限公司"), tender(2, "污水厂环境影响报告书"))
    body = client.get("/api/search", {"q": "造价"}).json()
    check(body, "result")
    page = client.get("/search/", {"q": "造价"})
    assert [one["url"] for one in body["results"]] == [row.url for row in page.context["rows"]]
    assert body["total"] == page.context["result"].total == 2
    found = {facet["name"]: {one["value"]: one["count"] for one in facet["values"]} for facet in body["facets"]}
    assert found["kind"] == {"tender": 1, "firm": 1}
    assert found["region"]["360602"] == 2
    one = next(one for one in body["results"] if one["key"] == "tender:1")
    begin, end = one["marks"][0]
    assert one["title"][begin:end] == "造价"
    assert one["money_fen"] == 12_345_600


def test_links_lead_through_all_pages(client: Client) -> None:
    fill(*(tender(number, f"道路监理 {number}") for number in range(1, 46)))
    address, keys = "/api/search?q=监理&status=open", []
    while address:
        body = client.get(address).json()
        check(body, "result")
        keys += [one["key"] for one in body["results"]]
        assert client.get(body["links"]["page"]).status_code == 200
        last, address = body, body["links"]["next"]
    assert len(keys) == len(set(keys)) == 45
    assert (last["page"], last["pages"]) == (3, 3)
    before = client.get(last["links"]["previous"]).json()
    assert before["page"] == 2
    assert client.get(before["links"]["previous"]).json()["links"]["previous"] is None


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({"page": "10000"}, ["page"]),
        ({"page": "9"}, ["page"]),
        ({"colour": "red"}, ["colour"]),
        ({"date": "2026-02-30", "credit": "E"}, ["credit", "date"]),
        ({"q": "字" * 2000}, ["q"]),
        ({"sort": "distance"}, ["sort"]),
    ],
)
def test_what_is_wrong_is_a_problem(client: Client, parameters: dict[str, str], names: list[str]) -> None:
    fill(tender(1, "道路监理"))
    answer = client.get("/api/search", parameters)
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("application/problem+json")
    check(answer.json(), "problem")
    assert [one["parameter"] for one in answer.json()["errors"]] == names


@pytest.mark.parametrize(
    "text", ["", "监", '" OR 1=1 --', "NEAR(a b)", "title:*", "😀", "\u202eabc", "，。", "a\x00b", "\ud83d"]
)
def test_odd_words_are_answered(client: Client, text: str) -> None:
    fill(tender(1, "道路监理"))
    for address in ("/api/search", "/api/search/suggest"):
        answer = client.get(address, {"q": text.encode("utf-8", "surrogatepass")})
        assert answer.status_code in {200, 400}
        check(
            answer.json(),
            {200: address.rsplit("/", 1)[1].replace("suggest", "suggestions").replace("search", "result")}.get(
                answer.status_code, "problem"
            ),
        )


def test_suggestions(client: Client) -> None:
    fill(tender(1, "滨江路改造工程造价咨询"), firm(1, "江西丹霞造价咨询有限公司"))
    body = client.get("/api/search/suggest", {"q": "zaojia"}).json()
    check(body, "suggestions")
    assert [group["kind"] for group in body["groups"]] == ["tender", "firm"]
    assert client.get("/api/search/suggest", {"q": "字" * 201}).status_code == 400


def test_an_answer_may_be_kept_and_asked_for_again(client: Client) -> None:
    fill(tender(1, "道路监理"))
    first = client.get("/api/search", {"q": "监理"})
    assert "max-age=30" in first["Cache-Control"]
    assert first["Access-Control-Allow-Origin"] == "*"
    again = client.get("/api/search", {"q": "监理"}, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    fill(tender(2, "桥梁监理"))
    assert client.get("/api/search", {"q": "监理"}, headers={"if-none-match": first["ETag"]}).status_code == 200


def test_one_address_may_ask_so_often(client: Client, settings: object) -> None:
    settings.SEARCH_API_REQUESTS_PER_SECOND = 0.001  # type: ignore[attr-defined]
    assert client.get("/api/search/suggest").status_code == 200
    refused = client.get("/api/search")
    assert (refused.status_code, refused["Retry-After"]) == (429, "1")
    check(refused.json(), "problem")
    assert client.get("/api/search", REMOTE_ADDR="10.0.0.9").status_code == 200


def test_only_reading(client: Client) -> None:
    answer = client.post("/api/search")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    check(answer.json(), "problem")


def test_distances(client: Client) -> None:
    fill(tender(1, "道路监理", place=(28.29, 117.25)))
    (one,) = client.get("/api/search", {"q": "监理", "near": "360602"}).json()["results"]
    assert one["distance_km"] == pytest.approx(22.3, abs=0.5)


def test_queries_do_not_grow_with_results(client: Client) -> None:
    lexicon.read()  # what it reads is kept for all that follow
    made = []
    for count in (1, 20):
        fill(*(tender(number, f"道路监理 {number}") for number in range(count)))
        with CaptureQueriesContext(connection) as queries:
            assert len(client.get("/api/search?q=监理").json()["results"]) == count
        made.append(len(queries))
    assert made[0] == made[1]
