"""Services at entry are found as the site's search finds them; the letters alone count where there is no index."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.core import clock
from marketplace.parties.finding import services_found
from search.actions.synonyms import load_synonyms
from search.documents import Kind
from search.embedded import Embedded
from search.engine import Unavailable
from search.sources import service_document, services
from tests.factories.accounts import make_user
from tests.factories.catalog import make_service
from tests.factories.parties import next_uscc
from tests.search.documents import tender

pytestmark = pytest.mark.django_db
NAMES = (
    "建设项目环境影响报告书（表）编制",
    "施工图设计文件审查",
    "社会稳定风险评估报告",
    "生产建设项目水土保持方案编制",
    "项目建议书、可行性研究报告编制",
    "不动产测绘",
)


@pytest.fixture(autouse=True)
def catalogue(data_dir: Path) -> dict[str, str]:
    """Put six services, and a need that no list of services shows, into an index; give the names by code."""
    rows = [make_service(name=name) for name in NAMES]
    load_synonyms(now=clock.now())
    documents = [service_document(row, 1) for row in services()]
    assert {document.kind for document in documents} == {Kind.SERVICE}
    Embedded().index([*documents, tender(1, "滨江路环评")])
    return {row.code: row.name for row in rows}


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("环评", NAMES[0]),
        ("图审", NAMES[1]),
        ("稳评", NAMES[2]),
        ("水保", NAMES[3]),
        ("可研", NAMES[4]),
        ("shuibao", NAMES[3]),
        ("budongchan", NAMES[5]),
        ("bdc", NAMES[5]),
        ("水土宝持", NAMES[3]),
        ("不动产", NAMES[5]),
        ("T-ZJ", None),
        ("没有这样的", None),
        ("", None),
    ],
)
def test_words_find_a_service(catalogue: dict[str, str], words: str, name: str | None) -> None:
    found = {catalogue[code] for code in services_found(words)} if words else set()
    assert (name in found) if name else not found
    if name:
        assert NAMES[5] not in found - {name}


def test_the_page_and_its_script_find_alike(client: Client, catalogue: dict[str, str]) -> None:
    client.force_login(make_user())
    contact = {"name": "鹰潭试验咨询有限公司", "kind": "enterprise", "contact_name": "李四", "phone": "13900001111"}
    client.post(reverse("parties:enter"), {"uscc": next_uscc()})
    client.post(reverse("parties:enter_organization"), {**contact, "region": ""})
    page = client.get(reverse("parties:enter_services"), {"q": "环评"}).content.decode()
    assert NAMES[0] in page
    assert NAMES[3] not in page
    answer = client.get(reverse("parties:find_services"), {"q": "环评"}).json()
    assert [catalogue[code] for code in answer["codes"]] == [NAMES[0]]


def test_a_silent_index_leaves_the_letters(catalogue: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_query: object) -> None:
        raise Unavailable

    monkeypatch.setattr(Embedded, "search", silent)
    assert services_found("环评") == set()
    assert {catalogue[code] for code in services_found("水土 方案")} == {NAMES[3]}


def test_what_was_cancelled_is_not_found(catalogue: dict[str, str], settings: object) -> None:
    from marketplace.catalog.models import ServiceCategory

    ServiceCategory.objects.filter(name=NAMES[0]).update(status="cancelled")
    assert services_found("环评") == set()
